"""Routes of external agents' endpoints."""

from uuid import UUID

from fastapi import APIRouter, Response

from contracts.endpoints import (
    AgentEndpoint,
    AgentEndpointPatch,
    CreateAgentEndpoint,
    EndpointTest,
)
from services.kit.auth import AdminCaller
from services.orchestrator.deps import Page, State, StateDep, set_total_count
from services.orchestrator.endpoints import service

router = APIRouter(prefix="/api/v1/agent-endpoints", tags=["agent endpoints"])


@router.post("", status_code=201)
async def create_endpoint(
    state: StateDep, actor: AdminCaller, request: CreateAgentEndpoint
) -> AgentEndpoint:
    async with state.database.transaction() as connection:
        return await service.create_endpoint(
            connection, request, secret_key=_secret_key(state), actor=actor
        )


@router.get("")
async def list_endpoints(
    state: StateDep, _actor: AdminCaller, page: Page, response: Response
) -> list[AgentEndpoint]:
    async with state.database.connection() as connection:
        endpoints, total = await service.list_endpoints(
            connection, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return endpoints


@router.get("/{endpoint_id}")
async def get_endpoint(state: StateDep, _actor: AdminCaller, endpoint_id: UUID) -> AgentEndpoint:
    async with state.database.connection() as connection:
        return await service.get_endpoint(connection, endpoint_id)


@router.patch("/{endpoint_id}")
async def update_endpoint(
    state: StateDep, actor: AdminCaller, endpoint_id: UUID, patch: AgentEndpointPatch
) -> AgentEndpoint:
    async with state.database.transaction() as connection:
        return await service.update_endpoint(
            connection, endpoint_id, patch, secret_key=_secret_key(state), actor=actor
        )


@router.delete("/{endpoint_id}", status_code=204)
async def delete_endpoint(state: StateDep, actor: AdminCaller, endpoint_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_endpoint(connection, endpoint_id, actor=actor)


@router.post("/{endpoint_id}/test")
async def probe_endpoint(state: StateDep, _actor: AdminCaller, endpoint_id: UUID) -> EndpointTest:
    """Ask who is there; gives it no work."""
    async with state.database.connection() as connection:
        endpoint = await service.find_endpoint(connection, endpoint_id)
    return await service.probe_endpoint(endpoint, pool=state.pool, secret_key=_secret_key(state))


def _secret_key(state: State) -> str:
    return state.settings.nova_secret_key.get_secret_value()
