"""The route that begins a move to the embedding model in use."""

from fastapi import APIRouter

from contracts.memory import Reembedding
from services.kit.auth import AdminCaller
from services.memory_service.deps import StateDep
from services.memory_service.moves import service

router = APIRouter(prefix="/api/v1/memories/reembed", tags=["moves"])


@router.post("", status_code=202)
async def move_memories(state: StateDep, _caller: AdminCaller) -> Reembedding:
    return await service.begin(state.database, state.embedder)
