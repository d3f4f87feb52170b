"""The route that states a fact."""

from fastapi import APIRouter

from contracts.memory import FactRequest, StoredFact
from services.kit.auth import KeyCaller
from services.memory_service.deps import StateDep
from services.memory_service.facts import service

router = APIRouter(prefix="/api/v1/memories/facts", tags=["facts"])


@router.post("", status_code=201)
async def state_fact(state: StateDep, caller: KeyCaller, request: FactRequest) -> StoredFact:
    stored = await service.state_fact(
        state.database, state.embedder, request=request, key_id=caller.key_id
    )
    state.profiles.forget()
    return stored
