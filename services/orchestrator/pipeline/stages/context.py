"""Context: what the later stages need to know before anything is done."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, joined, union
from services.orchestrator.pipeline.stage import Consequences, Role, RoleResult


class ContextResult(RoleResult):
    summary: str = Field(description="What is asked, and what is known that matters for it.")
    relevant_files: list[str] = Field(default=[], description="Paths in the workspace.")
    plan: list[str] = Field(default=[], description="The steps to take, in order.")
    questions: list[str] = Field(
        default=[],
        description="Only what the person must answer before any work can begin; usually empty.",
    )


def consequences(result: ContextResult) -> Consequences:
    return Consequences(questions=result.questions)


def combine(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    lists = ("relevant_files", "plan", "questions")
    return {
        "summary": joined(outputs, "summary"),
        **{name: union(outputs, name) for name in lists},
    }


ROLE = Role(
    name="context",
    status=TaskStatus.CONTEXT_RUNNING,
    result=ContextResult,
    sees=("request", "memories", "answers"),
    consequences=consequences,
    prose_field="summary",
    combine=combine,
    sees_secrets=True,
)
