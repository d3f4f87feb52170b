"""list_agents: which agents there are to be asked."""

import json

from services.orchestrator.tools.base import (
    LINKED_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import KnownAgent, KnownEndpoint, ToolContext
from services.orchestrator.tools.errors import ToolError


class ListAgentsParameters(ToolParameters):
    pass


async def list_agents(_parameters: ListAgentsParameters, context: ToolContext) -> ToolOutcome:
    if context.agents is None:
        raise ToolError("There are no other agents here.")
    known = await context.agents.known()
    lines = [_line(agent, me=agent.id == context.agent_id) for agent in known]
    outside = () if context.endpoints is None else await context.endpoints.known()
    if outside:
        lines += ["", "External agents, for delegate_to_agent:"]
        lines += [_outside(endpoint) for endpoint in outside]
    count = len(known) + len(outside)
    summary = "1 agent" if count == 1 else f"{count} agents"
    return ToolOutcome(ok=True, text="\n".join(lines), summary=summary)


def _line(agent: KnownAgent, *, me: bool) -> str:
    tools = "all tools" if agent.tools is None else ", ".join(agent.tools) or "no tools"
    marks = "".join([" (primary)" * agent.is_primary, " (you)" * me])
    return f"- {agent.name}{marks}: id {agent.id}, {agent.status}, model {agent.model}, {tools}"


def _outside(endpoint: KnownEndpoint) -> str:
    schema = endpoint.input_schema
    form = "" if schema is None else f" Input: {json.dumps(schema, ensure_ascii=False)}"
    return f"- {endpoint.name}: {endpoint.description or 'no description'}{form}"


TOOL = Tool(
    name="list_agents",
    description="List Nova's agents (name, id, status, model, tools) and the external ones.",
    category="agents",
    parameters=ListAgentsParameters,
    handler=list_agents,
    effect=Effect.READ,
    tiers=LINKED_TIERS,
)
