"""The route that counts what is stored."""

from fastapi import APIRouter

from contracts.memory import MemoryStats
from services.kit.auth import KeyCaller
from services.memory_service.deps import StateDep, reader
from services.memory_service.moves.service import progress
from services.memory_service.upkeep import queries

router = APIRouter(prefix="/api/v1/memories/stats", tags=["upkeep"])


@router.get("")
async def read_stats(state: StateDep, caller: KeyCaller) -> MemoryStats:
    async with state.database.connection() as connection:
        row = await queries.statistics(connection, reader(caller))
        move = await progress(connection)
    return MemoryStats(
        by_tier=row.by_tier,
        total=sum(row.by_tier.values()),
        embedding_models=row.by_model,
        pending_embeddings=row.pending,
        reembedding=move,
    )
