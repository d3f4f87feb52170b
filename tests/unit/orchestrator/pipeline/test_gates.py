"""Who may pass the gates, and in which words the others are stopped."""

from typing import Any

import pytest

from services.orchestrator.pipeline import gates
from services.orchestrator.pipeline.stage import SEVERITIES, Progress
from services.orchestrator.pipeline.stages.guardrail import GUARDRAIL_BLOCKED


def progress(*flags: str, **results: Any) -> Progress:
    return Progress(request="x", tags=frozenset(), flags=set(flags), results=results)


class TestRefusal:
    @pytest.mark.parametrize("threshold", SEVERITIES)
    def test_nothing_found_passes(self, threshold: str) -> None:
        assert gates.refusal(progress(), threshold=threshold) is None
        assert gates.refusal(progress(guardrail={"findings": []}), threshold=threshold) is None

    @pytest.mark.parametrize("threshold", SEVERITIES)
    @pytest.mark.parametrize("found", SEVERITIES)
    def test_a_finding_stops_from_the_threshold_on(self, found: str, threshold: str) -> None:
        state = progress(guardrail={"findings": [{"severity": "low"}, {"severity": found}]})
        stops = SEVERITIES.index(found) >= SEVERITIES.index(threshold)
        reason = gates.refusal(state, threshold=threshold)
        assert (reason is not None) == stops
        assert reason is None or found in reason

    @pytest.mark.parametrize(
        ("flag", "word"),
        [
            (gates.ESCALATED, "escalated"),
            (gates.REVIEW_REJECTED, "review"),
            (GUARDRAIL_BLOCKED, "guardrail"),
        ],
    )
    def test_a_flag_stops_at_any_threshold(self, flag: str, word: str) -> None:
        reason = gates.refusal(progress(flag), threshold="critical")
        assert reason is not None
        assert word in reason

    def test_a_persons_flags_are_none_of_the_judges(self) -> None:
        assert not {gates.APPROVED, gates.CLARIFIED} & gates.JUDGED


class TestOutput:
    def test_the_works_else_the_contexts(self) -> None:
        both = {"context": {"summary": "known"}, "task": {"output": "done"}}
        assert gates.output_of(progress(**both)) == "done"
        assert gates.output_of(progress(context=both["context"])) == "known"
        assert gates.output_of(progress()) == ""
