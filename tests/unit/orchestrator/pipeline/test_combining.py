"""What several agents of one role say together, whatever order they ended in."""

from typing import Any

import pytest

from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.stage import StageSpec, load_roles
from tests.fixtures.pipeline_agents import pod_agent

ROLES = load_roles()


def spec(role: str, position: int, name: str) -> StageSpec:
    agent = pod_agent(role, position=position)
    return StageSpec(f"{role}:{position}", ROLES[role], replace_name(agent, name))


def replace_name(agent: Any, name: str) -> Any:
    return type(agent)(
        **{field: getattr(agent, field) for field in agent.__slots__} | {"name": name}
    )


def together(role: str, *outputs: dict[str, Any], backwards: bool = False) -> dict[str, Any]:
    progress = Progress(request="x", tags=frozenset())
    numbered = list(enumerate(outputs))
    for position, output in reversed(numbered) if backwards else numbered:
        progress.add(spec(role, position, f"Agent {position}"), output)
    found = progress.of_role(role)
    assert found is not None
    return found


@pytest.mark.parametrize("backwards", [False, True])
class TestTogether:
    def test_answers_stand_under_their_agents(self, *, backwards: bool) -> None:
        found = together(
            "task",
            {"output": "one", "files_changed": ["a", "b"]},
            {"output": "", "files_changed": []},
            {"output": "three", "files_changed": ["b", "c"]},
            backwards=backwards,
        )
        assert found == {
            "output": "## Agent 0\n\none\n\n## Agent 2\n\nthree",
            "files_changed": ["a", "b", "c"],
        }

    def test_one_guardrail_that_blocks_is_enough(self, *, backwards: bool) -> None:
        finding = {"category": "pii", "severity": "low", "title": "t", "evidence": ""}
        other = {**finding, "severity": "high"}
        found = together(
            "guardrail",
            {"blocked": True, "summary": "no", "findings": [finding]},
            {"blocked": False, "summary": "yes", "findings": [finding, other]},
            backwards=backwards,
        )
        assert found["blocked"] is True
        assert found["findings"] == [finding, other]

    @pytest.mark.parametrize(
        ("verdicts", "worst"),
        [
            (["pass", "needs_refactor"], "needs_refactor"),
            (["reject", "needs_refactor"], "reject"),
            (["pass", "pass"], "pass"),
        ],
    )
    def test_the_worst_verdict_wins(
        self, verdicts: list[str], worst: str, *, backwards: bool
    ) -> None:
        outputs = [{"verdict": verdict, "summary": "s", "issues": []} for verdict in verdicts]
        assert together("code_review", *outputs, backwards=backwards)["verdict"] == worst

    def test_the_strictest_decision_holds(self, *, backwards: bool) -> None:
        names = ["proceed", "reject", "escalate"]
        outputs = [{"decision": name, "title": name, "rationale": name} for name in names]
        found = together("decision", *outputs, backwards=backwards)
        assert (found["decision"], found["title"]) == ("reject", "reject")
        assert "## Agent 2\n\nescalate" in found["rationale"]

    def test_contexts_add_up(self, *, backwards: bool) -> None:
        one = {"summary": "a", "relevant_files": ["x"], "plan": ["p"], "questions": []}
        two = {"summary": "b", "relevant_files": ["x", "y"], "plan": ["q"], "questions": ["?"]}
        found = together("context", one, two, backwards=backwards)
        assert found["relevant_files"] == ["x", "y"]
        assert found["plan"] == ["p", "q"]
        assert found["questions"] == ["?"]

    def test_other_roles_are_listed_by_agent(self, *, backwards: bool) -> None:
        found = together("documentation", {"content": "a"}, {"content": "b"}, backwards=backwards)
        assert [one["agent"] for one in found["by_agent"]] == ["Agent 0", "Agent 1"]

    def test_what_an_agents_own_schema_asks_for_is_kept(self, *, backwards: bool) -> None:
        found = together(
            "task", {"output": "one", "score": 3}, {"output": "two"}, backwards=backwards
        )
        assert found["details"] == [{"agent": "Agent 0", "score": 3}]


class TestRounds:
    def test_a_judgement_is_of_one_round(self) -> None:
        progress = Progress(request="x", tags=frozenset())
        progress.add(spec("code_review", 1, "A"), {"verdict": "reject"})
        progress.round = 2
        assert progress.judgement("code_review") is None
        assert progress.of_role("code_review", rounds=[1]) == {"verdict": "reject"}

    def test_who_runs_side_by_side_sees_nothing_of_the_others(self) -> None:
        progress = Progress(request="x", tags=frozenset())
        seen = progress.frozen()
        progress.add(spec("task", 0, "A"), {"output": "one"})
        progress.flags.add("flag")
        progress.escalations["task"] = "error"
        assert (seen.results, seen.flags, seen.escalations) == ({}, set(), {})
