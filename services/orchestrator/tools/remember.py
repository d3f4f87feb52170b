"""remember: stores something in the agent's memory."""

from pydantic import Field

from services.orchestrator.tools.base import Effect, Tool, ToolOutcome, ToolParameters, one_line
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError


class RememberParameters(ToolParameters):
    content: str = Field(
        description="What to remember, understandable without this conversation.",
        min_length=1,
        max_length=20_000,
    )


async def remember(parameters: RememberParameters, context: ToolContext) -> ToolOutcome:
    if context.memory is None:
        raise ToolError("There is no memory service to remember with.")
    await context.memory.store(
        context.agent_id,
        parameters.content,
        metadata={"source": "remember", "task_id": str(context.task_id)},
    )
    return ToolOutcome(ok=True, text="Remembered.", summary=one_line(parameters.content))


TOOL = Tool(
    name="remember",
    description="Store a fact or an experience in long-term memory, to be recalled in later tasks.",
    category="memory",
    parameters=RememberParameters,
    handler=remember,
    effect=Effect.EFFECT,
)
