"""delegate_to_agent: gives work to an agent outside of Nova and waits, durably, for its result."""

from typing import Any

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


class DelegateParameters(ToolParameters):
    endpoint: str = Field(
        description="The external agent's name, as list_agents gives it.",
        min_length=1,
        max_length=200,
        pattern=r"\S",
    )
    message: str | None = Field(
        default=None,
        max_length=200_000,
        description="The work, in words. It knows nothing of this conversation.",
    )
    input: dict[str, Any] | None = Field(
        default=None, description="The work as data, where the agent asks for a form."
    )
    reply_to: str | None = Field(
        default=None,
        max_length=500,
        description="Where the agent has asked something: what it said to answer with.",
    )


async def delegate(parameters: DelegateParameters, context: ToolContext) -> ToolOutcome:
    if context.endpoints is None or context.call_id is None:
        raise ToolError("There are no external agents here.")
    message = parameters.message if (parameters.message or "").strip() else None
    if message is None and parameters.input is None:
        raise ToolError("Say in message or input what is to be done.")
    answer = await context.endpoints.delegate(
        context.call_id,
        parameters.endpoint.strip(),
        message=message,
        data=parameters.input,
        reply_to=parameters.reply_to,
    )
    return ToolOutcome(ok=True, text=answer, summary=one_line(answer) or "an empty answer")


TOOL = Tool(
    name="delegate_to_agent",
    description=(
        "Give a piece of work to an external agent that an administrator has connected, and get "
        "its result, however long it takes. Several in one reply are worked on side by side."
    ),
    category="agents",
    parameters=DelegateParameters,
    handler=delegate,
    # What was sent is remembered under the call's own id before it is sent: made again, the call
    # asks after it, and says so where nobody can know.
    effect=Effect.IDEMPOTENT,
    tiers=LINKED_TIERS,
    own_timeout=True,
    hands_on=True,
)
