"""Task: does the work, with tools."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.combining import AgentOutput, joined, union
from services.orchestrator.pipeline.stage import Role, RoleResult, no_consequences


class TaskOutput(RoleResult):
    output: str = Field(description="The answer for the person: what was done, or what they asked.")
    files_changed: list[str] = Field(default=[], description="Paths in the workspace.")


def combine(outputs: Sequence[AgentOutput]) -> dict[str, Any]:
    """All their answers, in the order of the pod."""
    return {"output": joined(outputs, "output"), "files_changed": union(outputs, "files_changed")}


ROLE = Role(
    name="task",
    status=TaskStatus.TASK_RUNNING,
    result=TaskOutput,
    sees=("request", "context", "answers", "memories", "work", "review"),
    consequences=no_consequences,
    prose_field="output",
    combine=combine,
    sees_secrets=True,
    rules="obeyed",
)
