"""Security review: risks of the finished work, kept as findings."""

from collections.abc import Sequence

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import (
    ArtifactRecord,
    Consequences,
    FindingRecord,
    Role,
    RoleResult,
)
from services.orchestrator.pipeline.stages.guardrail import GuardrailFinding


class SecurityReviewResult(RoleResult):
    summary: str = ""
    findings: list[GuardrailFinding] = []


def consequences(result: SecurityReviewResult) -> Consequences:
    findings = [
        FindingRecord(
            masked(found.category),
            found.severity,
            masked(found.title),
            masked(found.evidence),
            scanner="model",
        )
        for found in result.findings
    ]
    return Consequences(findings=findings, artifacts=_report(masked(result.summary), findings))


def _report(summary: str, findings: Sequence[FindingRecord]) -> list[ArtifactRecord]:
    """A page in Markdown; none if there is nothing to say."""
    if not summary and not findings:
        return []
    lines = [f"- **{found.severity}** {found.title}: {found.evidence}" for found in findings]
    page = "\n\n".join(part for part in (summary, "\n".join(lines)) if part)
    return [ArtifactRecord("security_review", "Security review", page)]


ROLE = Role(
    name="security_review",
    status=TaskStatus.COMPLETING,
    result=SecurityReviewResult,
    sees=("request", "answers", "result", "changes"),
    consequences=consequences,
    live=False,
    makes_artifacts=True,
)
