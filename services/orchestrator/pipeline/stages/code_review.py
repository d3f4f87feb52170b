"""Code review: is the work right?"""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, joined, union, worst
from services.orchestrator.pipeline.stage import (
    Consequences,
    ReviewRecord,
    Role,
    RolePart,
    RoleResult,
)

REVIEW_REJECTED = "code_review_rejected"
NEEDS_REFACTOR = "needs_refactor"
_VERDICTS = ("pass", NEEDS_REFACTOR, "reject")


class ReviewIssue(RolePart):
    severity: Literal["low", "medium", "high", "critical"] = "medium"
    title: str
    detail: str = ""


class CodeReviewResult(RoleResult):
    verdict: Literal["pass", "needs_refactor", "reject"]
    summary: str = ""
    issues: list[ReviewIssue] = Field(default=[], description="What has to be mended.")


def consequences(result: CodeReviewResult) -> Consequences:
    issues: list[dict[str, Any]] = [issue.model_dump() for issue in result.issues]
    flags = frozenset({REVIEW_REJECTED}) if result.verdict == "reject" else frozenset[str]()
    return Consequences(
        flags=flags,
        review=ReviewRecord(result.verdict, result.summary, issues),
        verdict=(result.verdict, result.summary),
    )


def combine(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    """The worst verdict wins, with what all of them have to say."""
    return {
        "verdict": worst(outputs, "verdict", order=_VERDICTS).output["verdict"],
        "summary": joined(outputs, "summary"),
        "issues": union(outputs, "issues"),
    }


ROLE = Role(
    name="code_review",
    status=TaskStatus.REVIEW_RUNNING,
    result=CodeReviewResult,
    sees=("request", "answers", "context", "result", "changes"),
    consequences=consequences,
    combine=combine,
)
