"""Routes that find: search, and the context for an agent's prompt."""

from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter

from contracts.memory import ContextRequest, ContextResponse, SearchRequest, SearchResponse
from services.kit.auth import KeyCaller
from services.memory_service.deps import StateDep, reader
from services.memory_service.retrieval import service
from services.memory_service.retrieval.context import choose

router = APIRouter(prefix="/api/v1/memories", tags=["retrieval"])

_CANDIDATES = 100


@router.post("/search")
async def search_memories(
    state: StateDep, caller: KeyCaller, request: SearchRequest
) -> SearchResponse:
    return await service.search(
        state.finder,
        request=request,
        reader=reader(caller, request.agent_id),
    )


@router.post("/{agent_id}/context")
async def assemble_context(
    state: StateDep, caller: KeyCaller, agent_id: UUID, request: ContextRequest
) -> ContextResponse:
    rows, _ = await service.find(
        state.finder,
        request=SearchRequest(query=request.query, limit=_CANDIDATES),
        reader=reader(caller, agent_id),
    )
    chosen = choose(rows, max_tokens=request.max_tokens)
    state.accesses.record(row.id for row in chosen.rows)
    return ContextResponse(
        agent_id=agent_id,
        memories=[service.result(row) for row in chosen.rows],
        total_tokens_estimated=chosen.tokens,
        assembled_at=datetime.now(UTC),
    )
