"""Skills in a prompt: order, parameters and where they come from, bounds, nothing expanded twice."""

from typing import Any
from uuid import UUID

import pytest

from contracts.skills import MAX_VALUE
from services.orchestrator.policy.model import PolicySkill
from services.orchestrator.skills.rendering import names_in, render_skills


def skill(name: str, content: str, *parameters: dict[str, Any]) -> PolicySkill:
    return PolicySkill.model_validate(
        {
            "id": UUID(int=len(name)),
            "name": name,
            "content": content,
            "scope": "global",
            "parameters": list(parameters),
            "priority": 0,
            "pod_ids": [],
            "agent_ids": [],
        }
    )


def rendered(content: str, *sources: dict[str, Any], **parameter: Any) -> str:
    one = skill("s", content, {"name": "x", **parameter})
    return render_skills([one], [{"skill_params": given} for given in sources]).text


class TestParameters:
    def test_the_first_source_with_a_value_wins(self) -> None:
        assert "is task." in rendered("is {{x}}.", {"x": "task"}, {"x": "pod"}, default="own")
        assert "is pod." in rendered("is {{x}}.", {}, {"x": "pod"}, default="own")
        assert "is own." in rendered("is {{x}}.", {}, {}, default="own")

    def test_values_for_one_skill_stand_before_those_for_all(self) -> None:
        assert "is mine." in rendered("is {{x}}.", {"x": "all", "s": {"x": "mine"}})

    def test_one_without_a_value_is_empty(self) -> None:
        assert "is ." in rendered("is {{ x }}.")

    @pytest.mark.parametrize(
        ("value", "shown"), [(5, "5"), (1.5, "1.5"), (True, "true"), ("ü😀", "ü😀"), ("", "")]
    )
    def test_numbers_and_truth_are_texts(self, value: object, shown: str) -> None:
        assert f"is {shown}." in rendered("is {{x}}.", {"x": value}, default="other")

    @pytest.mark.parametrize("value", [None, [], {}, ["a"]])
    def test_what_is_no_text_is_no_value(self, value: object) -> None:
        assert "is own." in rendered("is {{x}}.", {"x": value}, default="own")

    @pytest.mark.parametrize("params", [None, 5, "x", [], {"s": "x"}])
    def test_params_that_are_none_are_passed_over(self, params: object) -> None:
        one = skill("s", "is {{x}}.", {"name": "x", "default": "own"})
        assert "is own." in render_skills([one], [{"skill_params": params}]).text

    def test_a_value_is_never_looked_into_again(self) -> None:
        one = skill("s", "{{x}} {{y}}", {"name": "x"}, {"name": "y"})
        values = {"x": "{{y}} \\1 {{x}}", "y": "{{x}}"}
        assert render_skills([one], [{"skill_params": values}]).text.endswith(
            "{{y}} \\1 {{x}} {{x}}"
        )

    def test_a_value_is_bounded(self) -> None:
        text = rendered("{{x}}", {"x": "a" * 100_000})
        assert text.count("a") == MAX_VALUE - 1

    def test_braces_may_be_meant(self) -> None:
        assert "write {{x}} so" in rendered("write \\{{x}} so", {"x": "no"})
        assert names_in("{{a}} \\{{b}} {{ c_1 }} {{ }} {d} {{1}} {{é}}") == {"a", "c_1"}

    def test_a_required_one_without_a_value_leaves_the_skill_out(self) -> None:
        needs = skill("needs", "{{x}}", {"name": "x", "required": True})
        other = skill("other", "stays")
        found = render_skills([needs, other], [{}])
        assert found.text == "## Skill: other\n\nstays"
        assert [(one.skill.name, one.reason) for one in found.left_out] == [
            ("needs", "no value for x")
        ]

    def test_an_empty_value_is_one(self) -> None:
        assert "is ." in rendered("is {{x}}.", {"x": ""}, required=True)


class TestSize:
    def test_they_stand_in_the_order_given(self) -> None:
        found = render_skills([skill("b", "1"), skill("a", "2")], [])
        assert found.text == "## Skill: b\n\n1\n\n## Skill: a\n\n2"

    def test_what_has_no_room_is_left_out_and_smaller_ones_follow(self) -> None:
        skills = [skill("first", "x" * 50), skill("second", "y" * 500), skill("third", "z" * 50)]
        found = render_skills(skills, [], longest=200)
        assert "first" in found.text
        assert "third" in found.text
        assert [one.skill.name for one in found.left_out] == ["second"]

    def test_none_is_nothing(self) -> None:
        assert render_skills([], [{}]).text == ""
