"""Task: does the work, with tools."""

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.stage import Role, RoleResult, no_consequences


class TaskOutput(RoleResult):
    output: str = Field(description="The answer for the person: what was done, or what they asked.")
    files_changed: list[str] = Field(default=[], description="Paths in the workspace.")


ROLE = Role(
    name="task",
    status=TaskStatus.TASK_RUNNING,
    result=TaskOutput,
    sees=("request", "context", "answers", "memories", "review"),
    consequences=no_consequences,
    prose_field="output",
)
