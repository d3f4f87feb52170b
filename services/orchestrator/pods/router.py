"""Routes of pods and of the agents in them: a key may read, changes need the administrator."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from contracts.pods import (
    CreatePodAgentRequest,
    CreatePodRequest,
    Pod,
    PodAgent,
    PodAgentPatch,
    PodPatch,
    ReorderRequest,
)
from services.kit.auth import AdminCaller, require_key
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.pods import service
from services.orchestrator.pods.agents import service as agents

router = APIRouter(prefix="/api/v1/pods", tags=["pods"])
_reads = [Depends(require_key)]


@router.get("", dependencies=_reads)
async def list_pods(state: StateDep, page: Page, response: Response) -> list[Pod]:
    async with state.database.connection() as connection:
        found, total = await service.list_pods(connection, limit=page.limit, offset=page.offset)
    set_total_count(response, total)
    return found


@router.post("", status_code=201)
async def create_pod(state: StateDep, actor: AdminCaller, request: CreatePodRequest) -> Pod:
    async with state.database.transaction() as connection:
        return await service.create_pod(connection, request, actor=actor)


@router.get("/{pod_id}", dependencies=_reads)
async def get_pod(state: StateDep, pod_id: UUID) -> Pod:
    async with state.database.connection() as connection:
        return await service.get_pod(connection, pod_id)


@router.patch("/{pod_id}")
async def update_pod(state: StateDep, actor: AdminCaller, pod_id: UUID, patch: PodPatch) -> Pod:
    async with state.database.transaction() as connection:
        return await service.update_pod(connection, pod_id, patch=patch, actor=actor)


@router.delete("/{pod_id}", status_code=204)
async def delete_pod(state: StateDep, actor: AdminCaller, pod_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_pod(connection, pod_id, actor=actor)


@router.get("/{pod_id}/agents", dependencies=_reads)
async def list_agents(
    state: StateDep, pod_id: UUID, page: Page, response: Response
) -> list[PodAgent]:
    async with state.database.connection() as connection:
        found, total = await agents.list_agents(
            connection, pod_id, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return found


@router.post("/{pod_id}/agents", status_code=201)
async def create_agent(
    state: StateDep, actor: AdminCaller, pod_id: UUID, request: CreatePodAgentRequest
) -> PodAgent:
    async with state.database.transaction() as connection:
        return await agents.create_agent(connection, pod_id, request=request, actor=actor)


@router.post("/{pod_id}/agents/reorder")
async def reorder_agents(
    state: StateDep, actor: AdminCaller, pod_id: UUID, request: ReorderRequest
) -> list[PodAgent]:
    async with state.database.transaction() as connection:
        return await agents.reorder_agents(connection, pod_id, ids=request.ids, actor=actor)


@router.patch("/{pod_id}/agents/{agent_id}")
async def update_agent(
    state: StateDep, actor: AdminCaller, pod_id: UUID, agent_id: UUID, patch: PodAgentPatch
) -> PodAgent:
    async with state.database.transaction() as connection:
        return await agents.update_agent(
            connection, pod_id, agent_id=agent_id, patch=patch, actor=actor
        )


@router.delete("/{pod_id}/agents/{agent_id}", status_code=204)
async def delete_agent(state: StateDep, actor: AdminCaller, pod_id: UUID, agent_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await agents.delete_agent(connection, pod_id, agent_id=agent_id, actor=actor)
