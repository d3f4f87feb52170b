"""GET /health/providers and what belongs to it; app.py serves them under /v1 as well."""

from fastapi import APIRouter

from contracts.llm import ProviderHealth
from contracts.providers import OllamaStatus
from services.kit.auth import KeyCaller
from services.llm_gateway.deps import StateDep
from services.llm_gateway.models import service
from services.llm_gateway.models.ollama import service as ollama

router = APIRouter(prefix="/health/providers", tags=["health"])


@router.get("")
async def providers(state: StateDep, _caller: KeyCaller) -> list[ProviderHealth]:
    return await service.health(state)


@router.get("/ollama/status")
async def ollama_status(state: StateDep, _caller: KeyCaller) -> OllamaStatus:
    """Whether it is up, its version, and which models are in memory."""
    return await ollama.status(state)


@router.post("/{slug}/test")
async def probe_provider(state: StateDep, _caller: KeyCaller, slug: str) -> ProviderHealth:
    return await service.probe_provider(state, slug)
