"""create_agent: makes an agent that can do no more than the one that makes it."""

from pydantic import Field

from services.orchestrator.tools.base import (
    LINKED_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError


class CreateAgentParameters(ToolParameters):
    name: str = Field(description="What it is called.", min_length=1, max_length=200, pattern=r"\S")
    system_prompt: str = Field(
        description="Who it is, what it does and how it answers.", min_length=1, max_length=50_000
    )
    model: str = Field(
        default="auto",
        min_length=1,
        max_length=200,
        description='A model of list_available_models, or "auto".',
    )
    tools: list[str] | None = Field(
        default=None,
        max_length=100,
        description="Names of tools that it may use, of those that you have. Left out: your own.",
    )


async def create_agent(parameters: CreateAgentParameters, context: ToolContext) -> ToolOutcome:
    if context.agents is None or context.call_id is None:
        raise ToolError("Agents can't be made here.")
    agent = await context.agents.create(
        context.call_id,
        name=parameters.name.strip(),
        system_prompt=parameters.system_prompt,
        model=parameters.model.strip() or "auto",
        tools=parameters.tools,
    )
    text = f"Made the agent {agent.name} with the id {agent.id}."
    return ToolOutcome(ok=True, text=text, summary=f"made {agent.name}")


TOOL = Tool(
    name="create_agent",
    description=(
        "Make a new agent that stays until a person deletes it. It gets no tool that you do not "
        "have. Ask it with send_message_to_agent."
    ),
    category="agents",
    parameters=CreateAgentParameters,
    handler=create_agent,
    # The agent's id is the call's own: made again, the call finds the agent that it has made.
    effect=Effect.IDEMPOTENT,
    tiers=LINKED_TIERS,
)
