"""Memory extraction: what of the task is worth remembering."""

from pydantic import Field

from contracts.orchestrator import TaskStatus
from services.orchestrator.pipeline.stage import Consequences, Role, RoleResult

_MOST_MEMORIES = 10


class MemoryExtractionResult(RoleResult):
    memories: list[str] = Field(
        default=[], description="Facts to remember, each understandable by itself; usually few."
    )


def consequences(result: MemoryExtractionResult) -> Consequences:
    memories = [memory.strip() for memory in result.memories if memory.strip()]
    return Consequences(memories=memories[:_MOST_MEMORIES])


# It is not shown what was recalled: nothing that is remembered already is stored again.
ROLE = Role(
    name="memory_extraction",
    status=TaskStatus.COMPLETING,
    result=MemoryExtractionResult,
    sees=("request", "answers", "result"),
    consequences=consequences,
    live=False,
)
