"""Rules tried on calls: what a pattern sees, whom a rule is about, what a hostile pattern costs."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest

from services.kit.errors import Invalid
from services.orchestrator.policy.model import Policy, PolicyRule, Subject
from services.orchestrator.rules.matching import matched_text, matching_rules
from services.orchestrator.rules.patterns import check_pattern

POD, OTHER_POD, AGENT = UUID(int=1), UUID(int=2), UUID(int=3)


def rule(**fields: Any) -> PolicyRule:
    values: dict[str, Any] = {
        "id": UUID(int=9),
        "name": "a rule",
        "scope": "global",
        "pod_ids": [],
        "agent_ids": [],
        "rule_text": "Do not.",
        "enforcement": "hard",
        "pattern": None,
        "detector": None,
        "target_tools": [],
        "action": "block",
        "severity": "high",
    }
    return PolicyRule(**{**values, **fields})


async def matched(tool: str, arguments: dict[str, Any], **fields: Any) -> str | None:
    found = await matching_rules([rule(**fields)], tool, arguments)
    return found[0].text if found else None


class TestPattern:
    async def test_it_sees_the_call_as_canonical_json(self) -> None:
        arguments = {"b": 2, "a": ["ü"]}
        assert await matched("t", arguments, pattern=r'^t \{"a":\["ü"\],"b":2\}$') is not None

    async def test_it_sees_each_text_alone(self) -> None:
        arguments = {"x": {"y": ["one", "two"]}}
        assert await matched("t", arguments, pattern="^two$") == "two"
        assert await matched("t", arguments, pattern="^three$") is None

    @pytest.mark.parametrize(
        "text", ["drop   table", "drop\n\ttable", "dr\u200bop table", "\uff44\uff52op\u00a0table"]
    )
    async def test_it_sees_what_one_reads(self, text: str) -> None:
        assert await matched("t", {"x": text}, pattern="drop table") == "drop table"

    async def test_a_credential_in_the_evidence_is_masked(self) -> None:
        key = "AKIA" + "A1B2C3D4E5F6G7H8"
        found = await matched("t", {"x": f"use {key} now"}, pattern="use .* now")
        assert found is not None
        assert key not in found

    async def test_evidence_is_short(self) -> None:
        found = await matched("t", {"x": "a" * 100_000}, pattern="a+")
        assert len(found or "") == 200

    async def test_huge_numbers_and_depth_are_no_error(self) -> None:
        deep: dict[str, Any] = {}
        for _ in range(60):
            deep = {"x": deep, "n": 10**300}
        assert await matched("t", deep, pattern="nothing") is None

    async def test_one_that_never_ends_matches_and_stalls_nothing(self) -> None:
        beats = 0

        async def beat() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.02)
                beats += 1

        heart = asyncio.create_task(beat())
        started = time.monotonic()
        found = await matched("t", {"x": "a" * 60 + "b"}, pattern=r"^(a|aa)+$")
        taken = time.monotonic() - started
        heart.cancel()
        assert "no answer" in (found or "")
        assert taken < 30
        assert beats > 5

    async def test_a_long_text_is_tried_in_windows(self) -> None:
        text = "a" * 700_000 + " needle " + "a" * 700_000
        assert await matched("t", {"x": text}, pattern="needle") == "needle"
        assert await matched("t", {"x": text}, pattern="thread") is None

    async def test_a_call_of_a_rule_without_pattern_is_every_call_of_its_tools(self) -> None:
        assert await matched("pay", {}, target_tools=["pay"]) == "pay"
        assert await matched("play", {}, target_tools=["pay"]) is None

    async def test_globs_name_tools(self) -> None:
        globs = ["mcp__files__*"]
        assert await matched("mcp__files__read", {"x": "y"}, target_tools=globs, pattern="y")
        assert not await matched("mcp__mail__read", {"x": "y"}, target_tools=globs, pattern="y")

    async def test_several_rules_match_in_their_order(self) -> None:
        rules = [rule(name="b", pattern="x"), rule(name="a", pattern="y"), rule(pattern="z")]
        found = await matching_rules(rules, "t", {"q": "x y"})
        assert [match.rule.name for match in found] == ["b", "a"]

    async def test_a_text_alone(self) -> None:
        assert await matched_text(rule(pattern="rm"), "r\u200bm") == "rm"
        assert await matched_text(rule(detector="outside_workspace"), "../x") == "../x"
        assert await matched_text(rule(), "x") is None


class TestCheckPattern:
    @pytest.mark.parametrize(
        "pattern", ["(", "[", "*", "(?P<a>x)(?P<", "\\", "(" * 400 + ")" * 400, r"\L<x>"]
    )
    def test_what_is_none_is_refused(self, pattern: str) -> None:
        with pytest.raises(Invalid, match="not a regular expression"):
            check_pattern(pattern)

    @pytest.mark.parametrize(
        "pattern",
        ["((a{1000}){1000}){1000}", "a{1000000000}", "([^]]{999}x){99}", "(?:a{0,300}){99}"],
    )
    def test_what_would_fill_the_memory_is_refused(self, pattern: str) -> None:
        with pytest.raises(Invalid, match="multiply up"):
            check_pattern(pattern)

    @pytest.mark.parametrize("pattern", ["(?R)", "(?1)(a)", "(?<a>b)(?&a)", "(?P<a>b)(?P>a)"])
    def test_one_that_calls_itself_is_refused(self, pattern: str) -> None:
        with pytest.raises(Invalid, match="calls itself"):
            check_pattern(pattern)

    @pytest.mark.parametrize(
        "pattern",
        [
            "x", "(?i)ü", r"\p{L}+", "(a+)+$", "😀", "a{}", "{", "a{,5}", r"\({1000}", "[{1}]{9}",
            "(?:[A-Z0-9]{16}|[a-z]{36}|[a-z]{40,255}){20}",
        ],
    )  # fmt: skip
    def test_what_is_one_is_taken(self, pattern: str) -> None:
        check_pattern(pattern)


class TestScope:
    def held(self, part: PolicyRule, subject: Subject) -> bool:
        return bool(Policy(rules=[part]).hard_rules_for(subject))

    def test_global_is_for_everybody(self) -> None:
        assert self.held(rule(), Subject(agent_id=None))

    def test_pod_is_for_its_agents(self) -> None:
        part = rule(scope="pod", pod_ids=[POD], agent_ids=[AGENT])
        assert self.held(part, Subject(agent_id=UUID(int=8), pod_id=POD))
        assert not self.held(part, Subject(agent_id=AGENT, pod_id=OTHER_POD))
        assert not self.held(part, Subject(agent_id=AGENT))

    def test_agent_is_for_that_agent(self) -> None:
        part = rule(scope="agent", pod_ids=[POD], agent_ids=[AGENT])
        assert self.held(part, Subject(agent_id=AGENT))
        assert not self.held(part, Subject(agent_id=UUID(int=8), pod_id=POD))
        assert not self.held(part, Subject(agent_id=None, pod_id=POD))

    @pytest.mark.parametrize(
        ("enforcement", "hard", "soft"),
        [("hard", True, False), ("soft", False, True), ("both", True, True)],
    )
    def test_enforcement(self, enforcement: str, *, hard: bool, soft: bool) -> None:
        policy = Policy(rules=[rule(enforcement=enforcement)])
        subject = Subject(agent_id=None)
        assert bool(policy.hard_rules_for(subject)) is hard
        assert bool(policy.soft_rules_for(subject)) is soft
