"""Guardrail: is the result safe to hand on?"""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, joined, union
from services.orchestrator.pipeline.scanning.finding import ScannedFinding
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import (
    Consequences,
    FindingRecord,
    Role,
    RolePart,
    RoleResult,
)

GUARDRAIL_BLOCKED = "guardrail_blocked"


class GuardrailFinding(RolePart):
    category: str = Field(description="credential, pii, injection, spec_drift, or another word.")
    severity: Literal["low", "medium", "high", "critical"]
    title: str
    evidence: str = Field(default="", description="Where it is seen; secrets masked.")


class GuardrailResult(RoleResult):
    blocked: bool = Field(description="True if the result must not be handed on as it is.")
    summary: str = ""
    findings: list[GuardrailFinding] = []
    # The scanners' own; whatever a model says here is replaced.
    scanned: SkipJsonSchema[list[ScannedFinding]] = []


def consequences(result: GuardrailResult) -> Consequences:
    findings = [
        FindingRecord(found.category, found.severity, found.title, found.evidence, scanner="model")
        for found in result.findings
    ]
    blocked = result.blocked or any(found.blocks for found in result.scanned)
    flags = frozenset({GUARDRAIL_BLOCKED}) if blocked else frozenset[str]()
    verdict = ("blocked" if blocked else "passed", result.summary)
    return Consequences(flags=flags, findings=findings, verdict=verdict)


def after_scan(
    result: GuardrailResult | None, scanned: Sequence[ScannedFinding]
) -> GuardrailResult:
    """A leaked key blocks by itself, also where the model said otherwise or nothing."""
    if result is None:
        result = GuardrailResult(blocked=False, summary="Judged by the scanners alone.")
    findings = [
        found.model_copy(update={"title": masked(found.title), "evidence": masked(found.evidence)})
        for found in result.findings
    ]
    return result.model_copy(
        update={
            "blocked": result.blocked or any(found.blocks for found in scanned),
            "summary": masked(result.summary),
            "findings": findings,
            "scanned": list(scanned),
        }
    )


def combine(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    """Blocked if one of them blocks; every finding counts."""
    return {
        "blocked": any(one.output["blocked"] for one in outputs),
        "summary": joined(outputs, "summary"),
        "findings": union(outputs, "findings"),
        "scanned": union(outputs, "scanned"),
    }


ROLE = Role(
    name="guardrail",
    status=TaskStatus.GUARDRAIL_RUNNING,
    result=GuardrailResult,
    sees=("request", "answers", "result", "scanned"),
    consequences=consequences,
    combine=combine,
    after_scan=after_scan,
    rules="judged",
)
