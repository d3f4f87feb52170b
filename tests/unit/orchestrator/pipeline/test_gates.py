"""Who may pass the gates, and in which words the others are stopped."""

from typing import Any

import pytest

from services.orchestrator.pipeline import gates
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.stage import SEVERITIES
from services.orchestrator.pipeline.stages.guardrail import GUARDRAIL_BLOCKED
from tests.fixtures.pipeline_agents import stage_results


def progress(*flags: str, **results: Any) -> Progress:
    found = stage_results(**results)
    return Progress(request="x", tags=frozenset(), flags=set(flags), results=found)


def texts(state: Progress, threshold: str) -> list[str]:
    return [concern.text for concern in gates.concerns(state, threshold=threshold)]


class TestConcerns:
    @pytest.mark.parametrize("threshold", SEVERITIES)
    def test_nothing_found_passes(self, threshold: str) -> None:
        assert gates.concerns(progress(), threshold=threshold) == []
        assert gates.concerns(progress(guardrail={"findings": []}), threshold=threshold) == []

    @pytest.mark.parametrize("threshold", SEVERITIES)
    @pytest.mark.parametrize("found", SEVERITIES)
    def test_a_finding_stops_from_the_threshold_on(self, found: str, threshold: str) -> None:
        state = progress(guardrail={"findings": [{"severity": "low"}, {"severity": found}]})
        stops = SEVERITIES.index(found) >= SEVERITIES.index(threshold)
        reasons = texts(state, threshold)
        assert len(reasons) == stops
        assert all(found in reason for reason in reasons)

    def test_findings_of_an_earlier_round_stop_nothing(self) -> None:
        state = progress(guardrail={"findings": [{"severity": "critical"}]})
        state.round = 2
        assert texts(state, "low") == []

    @pytest.mark.parametrize(
        ("flag", "word"),
        [
            (gates.REVIEW_REJECTED, "review"),
            (GUARDRAIL_BLOCKED, "guardrail"),
        ],
    )
    def test_a_flag_stops_at_any_threshold(self, flag: str, word: str) -> None:
        (reason,) = texts(progress(flag), "critical")
        assert word in reason

    def test_an_escalation_stops_and_says_why(self) -> None:
        state = progress(decision={"decision": "escalate"})
        state.escalations["guardrail"] = "no such model"
        first, second = texts(state, "critical")
        assert "guardrail has failed" in first
        assert "no such model" in first
        assert "decision stage has escalated" in second

    def test_the_same_concern_has_the_same_id_and_another_rounds_has_not(self) -> None:
        state = progress(GUARDRAIL_BLOCKED)
        (first,), (again,) = (gates.concerns(state, threshold="low") for _ in range(2))
        state.round = 2
        (later,) = gates.concerns(state, threshold="low")
        assert first.id == again.id != later.id

    def test_a_persons_flags_are_none_of_the_judges(self) -> None:
        assert not {gates.APPROVED, gates.CLARIFIED} & gates.JUDGED


class TestOutput:
    def test_the_works_else_the_contexts(self) -> None:
        both = {"context": {"summary": "known"}, "task": {"output": "done"}}
        assert gates.output_of(progress(**both)) == "done"
        assert gates.output_of(progress(context=both["context"])) == "known"
        assert gates.output_of(progress()) == ""
