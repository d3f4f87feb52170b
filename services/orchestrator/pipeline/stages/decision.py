"""Decision: what becomes of work that was blocked and rejected; written down as an ADR."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, joined, worst
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import ArtifactRecord, Consequences, Role, RoleResult

ESCALATED = "escalated"
DECISION_REJECTED = "decision_rejected"
_DECISIONS = ("proceed", "escalate", "reject")


class DecisionResult(RoleResult):
    """The record's form is Michael Nygard's "Documenting Architecture Decisions" (2011)."""

    decision: Literal["proceed", "reject", "escalate"]
    title: str
    context: str = Field(default="", description="What forced the decision.")
    rationale: str = ""
    consequences: str = ""


def consequences(result: DecisionResult) -> Consequences:
    flags = {"escalate": ESCALATED, "reject": DECISION_REJECTED}.get(result.decision)
    record = (
        f"# {result.title}\n\nStatus: {result.decision}\n\n## Context\n\n{result.context}\n\n"
        f"## Decision\n\n{result.rationale}\n\n## Consequences\n\n{result.consequences}\n"
    )
    return Consequences(
        flags=frozenset() if flags is None else frozenset({flags}),
        artifacts=[ArtifactRecord("adr", masked(result.title)[:200] or "Decision", masked(record))],
        verdict=(result.decision, result.rationale),
    )


def combine(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    """The strictest decision holds, with everybody's reasons."""
    strictest = worst(outputs, "decision", order=_DECISIONS).output
    return {**strictest, "rationale": joined(outputs, "rationale")}


ROLE = Role(
    name="decision",
    status=TaskStatus.REVIEW_RUNNING,
    result=DecisionResult,
    sees=("request", "answers", "context", "result", "changes", "judgements"),
    consequences=consequences,
    combine=combine,
    makes_artifacts=True,
)
