"""Routes of agents."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from contracts.agents import AgentConfigPatch, AgentInfo, CreateAgentRequest, DeletedCount
from services.kit.auth import AdminCaller, KeyCaller, require_key
from services.orchestrator.agents import service
from services.orchestrator.deps import Page, StateDep, set_total_count

router = APIRouter(prefix="/api/v1/agents", tags=["agents"])
_reads = [Depends(require_key)]


@router.post("", status_code=201)
async def create_agent(state: StateDep, actor: KeyCaller, request: CreateAgentRequest) -> AgentInfo:
    async with state.database.transaction() as connection:
        return await service.create_agent(connection, request.config, actor=actor)


@router.get("", dependencies=_reads)
async def list_agents(state: StateDep, page: Page, response: Response) -> list[AgentInfo]:
    async with state.database.connection() as connection:
        agents, total = await service.list_agents(connection, limit=page.limit, offset=page.offset)
    set_total_count(response, total)
    return agents


@router.delete("")
async def delete_agents(
    state: StateDep,
    actor: AdminCaller,
    *,
    confirm: bool = False,
) -> DeletedCount:
    async with state.database.transaction() as connection:
        return await service.delete_agents(connection, confirmed=confirm, actor=actor)


@router.get("/{agent_id}", dependencies=_reads)
async def get_agent(state: StateDep, agent_id: UUID) -> AgentInfo:
    async with state.database.connection() as connection:
        return await service.get_agent(connection, agent_id)


@router.patch("/{agent_id}/config")
async def update_config(
    state: StateDep, actor: AdminCaller, agent_id: UUID, patch: AgentConfigPatch
) -> AgentInfo:
    async with state.database.transaction() as connection:
        return await service.update_config(connection, agent_id, patch=patch, actor=actor)


@router.delete("/{agent_id}", status_code=204)
async def delete_agent(state: StateDep, actor: KeyCaller, agent_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_agent(connection, agent_id, actor=actor)
