"""recall: searches the agent's memory."""

from pydantic import Field

from services.orchestrator.tools.base import Effect, Tool, ToolOutcome, ToolParameters
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError


class RecallParameters(ToolParameters):
    query: str = Field(description="What to look for.", min_length=1, max_length=2_000)
    limit: int = Field(default=5, ge=1, le=20, description="How many memories at most.")


async def recall(parameters: RecallParameters, context: ToolContext) -> ToolOutcome:
    if context.memory is None:
        raise ToolError("There is no memory service to recall from.")
    found = await context.memory.search(context.agent_id, parameters.query, limit=parameters.limit)
    if not found:
        return ToolOutcome(ok=True, text="Nothing about that is remembered.", summary="0 memories")
    lines = (f"- [{memory.created_at:%Y-%m-%d}] {memory.content}" for memory in found)
    summary = "1 memory" if len(found) == 1 else f"{len(found)} memories"
    return ToolOutcome(ok=True, text="\n".join(lines), summary=summary)


TOOL = Tool(
    name="recall",
    description="Search long-term memory for what was remembered in earlier tasks.",
    category="memory",
    parameters=RecallParameters,
    handler=recall,
    effect=Effect.READ,
)
