"""list_agents: which agents there are to be asked."""

from services.orchestrator.tools.base import (
    LINKED_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import KnownAgent, ToolContext
from services.orchestrator.tools.errors import ToolError


class ListAgentsParameters(ToolParameters):
    pass


async def list_agents(_parameters: ListAgentsParameters, context: ToolContext) -> ToolOutcome:
    if context.agents is None:
        raise ToolError("There are no other agents here.")
    known = await context.agents.known()
    text = "\n".join(_line(agent, me=agent.id == context.agent_id) for agent in known)
    summary = "1 agent" if len(known) == 1 else f"{len(known)} agents"
    return ToolOutcome(ok=True, text=text, summary=summary)


def _line(agent: KnownAgent, *, me: bool) -> str:
    tools = "all tools" if agent.tools is None else ", ".join(agent.tools) or "no tools"
    marks = "".join([" (primary)" * agent.is_primary, " (you)" * me])
    return f"- {agent.name}{marks}: id {agent.id}, {agent.status}, model {agent.model}, {tools}"


TOOL = Tool(
    name="list_agents",
    description="List Nova's agents: name, id, status, model and tools of each.",
    category="agents",
    parameters=ListAgentsParameters,
    handler=list_agents,
    effect=Effect.READ,
    tiers=LINKED_TIERS,
)
