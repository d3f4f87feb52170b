"""send_message_to_agent: asks one of Nova's agents and waits, durably, for its answer."""

from pydantic import Field

from services.orchestrator.tools.base import (
    LINKED_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
    one_line,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError


class SendMessageParameters(ToolParameters):
    agent: str = Field(
        description="The agent's name, or its id.", min_length=1, max_length=200, pattern=r"\S"
    )
    message: str = Field(
        description="All that it needs to know: it sees nothing of this conversation.",
        min_length=1,
        max_length=200_000,
        pattern=r"\S",
    )


async def send_message(parameters: SendMessageParameters, context: ToolContext) -> ToolOutcome:
    if context.agents is None or context.call_id is None:
        raise ToolError("There are no other agents here.")
    answer = await context.agents.ask(context.call_id, parameters.agent.strip(), parameters.message)
    return ToolOutcome(ok=True, text=answer, summary=one_line(answer) or "an empty answer")


TOOL = Tool(
    name="send_message_to_agent",
    description=(
        "Give another of Nova's agents a piece of work and get its answer. Each message starts a "
        "new conversation. Several in one reply are worked on side by side."
    ),
    category="agents",
    parameters=SendMessageParameters,
    handler=send_message,
    # The child task's id is the call's own: made again, the call finds the task that it started.
    effect=Effect.IDEMPOTENT,
    tiers=LINKED_TIERS,
    hands_on=True,
)
