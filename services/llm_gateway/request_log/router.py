"""GET and DELETE /v1/requests: the request log, for the administrator."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from contracts.request_log import DeletedRequests, LoggedRequest, LoggedRequestDetail
from services.kit.auth import require_admin
from services.llm_gateway.deps import StateDep
from services.llm_gateway.request_log import service
from services.llm_gateway.request_log.queries import Filter

router = APIRouter(
    prefix="/v1/requests", tags=["request log"], dependencies=[Depends(require_admin)]
)
_MAX_OFFSET = 2**31


@router.get("")
async def list_requests(
    state: StateDep,
    response: Response,
    key_id: UUID | None = None,
    task_id: UUID | None = None,
    status: Annotated[int | None, Query(ge=100, le=599)] = None,
    model: str | None = None,
    request_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
) -> list[LoggedRequest]:
    """Newest first, without the bodies."""
    wanted = Filter(key_id, task_id, status, model, request_id)
    async with state.runtime.database.connection() as connection:
        found, total = await service.list_requests(connection, wanted, limit=limit, offset=offset)
    response.headers["X-Total-Count"] = str(total)
    return found


@router.delete("")
async def delete_requests(state: StateDep, before: AwareDatetime | None = None) -> DeletedRequests:
    """Deletes what is older than `before`, or all."""
    async with state.runtime.database.connection() as connection:
        return DeletedRequests(deleted=await service.delete_requests(connection, before))


@router.get("/{logged_id}")
async def get_request(state: StateDep, logged_id: UUID) -> LoggedRequestDetail:
    """One with its bodies, from which credentials were taken before they were stored."""
    async with state.runtime.database.connection() as connection:
        return await service.get_request(connection, logged_id)


@router.delete("/{logged_id}", status_code=204)
async def delete_request(state: StateDep, logged_id: UUID) -> None:
    async with state.runtime.database.connection() as connection:
        await service.delete_request(connection, logged_id)
