"""Context: what the later stages need to know before anything is done."""

from pydantic import Field

from contracts.orchestrator import TaskStatus
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


ROLE = Role(
    name="context",
    status=TaskStatus.CONTEXT_RUNNING,
    result=ContextResult,
    sees=("request", "memories", "answers"),
    consequences=consequences,
    prose_field="summary",
)
