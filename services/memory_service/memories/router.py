"""Routes that store, read, list, change and delete memories."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.base import Text
from contracts.memory import (
    BrowseResponse,
    BulkRequest,
    BulkResponse,
    MemoryItem,
    MemoryPatch,
    StoredMemory,
    StoreRequest,
    Tier,
)
from services.kit.auth import KeyCaller
from services.memory_service.deps import Limit, Offset, StateDep, reader
from services.memory_service.memories import service
from services.memory_service.memories.queries import BrowseFilter

router = APIRouter(prefix="/api/v1/memories", tags=["memories"])


@router.post("", status_code=201)
async def store_memory(state: StateDep, caller: KeyCaller, request: StoreRequest) -> StoredMemory:
    stored = await service.store(
        state.database,
        state.embedder,
        request=request,
        key_id=caller.key_id,
        working_ttl_seconds=state.settings.nova_memory_working_ttl_seconds,
    )
    state.profiles.forget(request.agent_id)
    return stored


@router.post("/bulk", status_code=201)
async def store_memories(state: StateDep, caller: KeyCaller, request: BulkRequest) -> BulkResponse:
    stored = await service.store_many(
        state.database,
        state.embedder,
        items=request.memories,
        key_id=caller.key_id,
        working_ttl_seconds=state.settings.nova_memory_working_ttl_seconds,
    )
    state.profiles.forget()
    return stored


@router.get("/browse")
async def browse_memories(
    state: StateDep,
    caller: KeyCaller,
    response: Response,
    *,
    tier: Tier | None = None,
    agent_id: UUID | None = None,
    q: Annotated[Text | None, Query()] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> BrowseResponse:
    async with state.database.connection() as connection:
        page = await service.browse(
            connection,
            reader(caller, agent_id),
            BrowseFilter(tier=tier, text=q or None),
            limit=limit,
            offset=offset,
        )
    response.headers["X-Total-Count"] = str(page.total)
    return page


@router.get("/{memory_id}")
async def read_memory(state: StateDep, caller: KeyCaller, memory_id: UUID) -> MemoryItem:
    async with state.database.connection() as connection:
        item = await service.read(connection, memory_id, key_id=reader(caller).key_id)
    state.accesses.record([memory_id])
    return item


@router.patch("/{memory_id}", status_code=204)
async def change_memory(
    state: StateDep, caller: KeyCaller, memory_id: UUID, patch: MemoryPatch
) -> None:
    await service.change(
        state.database,
        state.embedder,
        memory_id=memory_id,
        patch=patch,
        key_id=reader(caller).key_id,
    )
    state.profiles.forget()


@router.delete("/{memory_id}", status_code=204)
async def delete_memory(state: StateDep, caller: KeyCaller, memory_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete(connection, memory_id, key_id=reader(caller).key_id)
    state.profiles.forget()
