"""Security review: risks of the finished work, kept as findings."""

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import Consequences, FindingRecord, Role, RoleResult
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
    return Consequences(findings=findings)


ROLE = Role(
    name="security_review",
    status=TaskStatus.COMPLETING,
    result=SecurityReviewResult,
    sees=("request", "answers", "result"),
    consequences=consequences,
    live=False,
)
