"""The public route that says who answers here."""

from fastapi import APIRouter

from contracts.administration import Identity
from services.orchestrator.deps import StateDep
from services.orchestrator.identity import service

router = APIRouter(prefix="/api/v1/identity", tags=["identity"])


@router.get("")
async def get_identity(state: StateDep) -> Identity:
    return service.identity(state.config)
