"""Guardrail: is the result safe to hand on?"""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, joined, union
from services.orchestrator.pipeline.stage import Consequences, FindingRecord, Role, RoleResult

GUARDRAIL_BLOCKED = "guardrail_blocked"


class GuardrailFinding(RoleResult):
    category: str = Field(description="credential, pii, injection, spec_drift, or another word.")
    severity: Literal["low", "medium", "high", "critical"]
    title: str
    evidence: str = Field(default="", description="Where it is seen; secrets masked.")


class GuardrailResult(RoleResult):
    blocked: bool = Field(description="True if the result must not be handed on as it is.")
    summary: str = ""
    findings: list[GuardrailFinding] = []


def consequences(result: GuardrailResult) -> Consequences:
    findings = [
        FindingRecord(found.category, found.severity, found.title, found.evidence, scanner="model")
        for found in result.findings
    ]
    flags = frozenset({GUARDRAIL_BLOCKED}) if result.blocked else frozenset[str]()
    verdict = ("blocked" if result.blocked else "passed", result.summary)
    return Consequences(flags=flags, findings=findings, verdict=verdict)


def combine(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    """Blocked if one of them blocks; every finding counts."""
    return {
        "blocked": any(one.output["blocked"] for one in outputs),
        "summary": joined(outputs, "summary"),
        "findings": union(outputs, "findings"),
    }


ROLE = Role(
    name="guardrail",
    status=TaskStatus.GUARDRAIL_RUNNING,
    result=GuardrailResult,
    sees=("request", "answers", "result"),
    consequences=consequences,
    combine=combine,
)
