"""Routes of models' details and of what is set for them."""

from typing import Annotated

from fastapi import APIRouter, Path

from contracts.providers import ModelDetails, ModelOverride
from services.kit.auth import AdminCaller, KeyCaller
from services.llm_gateway.deps import StateDep
from services.llm_gateway.models.overrides import service

router = APIRouter(prefix="/v1/models", tags=["models"])

ModelId = Annotated[str, Path(max_length=300)]


@router.get("/details")
async def list_details(state: StateDep, _caller: KeyCaller) -> list[ModelDetails]:
    """Every model that can be used now, with where its price is known from."""
    return await service.list_details(state)


@router.put("/overrides/{model:path}")
async def set_override(
    state: StateDep, actor: AdminCaller, model: ModelId, override: ModelOverride
) -> ModelOverride:
    """Replace what was set for the model; prices in USD per million tokens."""
    return await service.set_override(state, model, override=override, actor=actor)


@router.delete("/overrides/{model:path}", status_code=204)
async def remove_override(state: StateDep, actor: AdminCaller, model: ModelId) -> None:
    await service.remove_override(state, model, actor=actor)
