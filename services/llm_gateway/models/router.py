"""GET /models, /v1/models and what belongs to them."""

import time
from typing import Any

from fastapi import APIRouter

from contracts.llm import DiscoveredProvider, ModelInfo, PassedOverModel, ResolvedModel
from services.kit.auth import KeyCaller
from services.llm_gateway.deps import StateDep
from services.llm_gateway.errors import UnknownModel
from services.llm_gateway.models import service
from services.llm_gateway.models.resolution import AUTO

router = APIRouter(tags=["models"])
_STARTED = int(time.time())


@router.get("/models")
async def list_models(state: StateDep, _caller: KeyCaller) -> list[ModelInfo]:
    return await service.list_models(state)


@router.get("/v1/models")
async def list_openai_models(state: StateDep, _caller: KeyCaller) -> dict[str, Any]:
    models = [_model(AUTO, "nova")]
    models += [_model(model.id, model.provider) for model in await service.list_models(state)]
    return {"object": "list", "data": models}


@router.get("/v1/models/discover")
async def discover(
    state: StateDep, _caller: KeyCaller, *, refresh: bool = False
) -> list[DiscoveredProvider]:
    return await service.discover(state, fresh=refresh)


@router.get("/v1/models/resolve")
async def resolve(state: StateDep, caller: KeyCaller, model: str = AUTO) -> ResolvedModel:
    """What `auto`, or another model, means now to the caller."""
    route = await state.resolver.route(model, caller)
    target, *others = route.targets
    return ResolvedModel(
        model=target.id,
        provider=target.provider.traits.slug,
        reason=target.reason,
        strategy=route.strategy,
        fallbacks=[other.id for other in others],
        passed_over=[
            PassedOverModel(name=over.name, reason=over.reason) for over in route.passed_over
        ],
        context_window=target.facts.context_window,
        max_output_tokens=target.facts.max_output_tokens,
    )


@router.get("/v1/models/{model_id:path}")
async def get_openai_model(state: StateDep, _caller: KeyCaller, model_id: str) -> dict[str, Any]:
    if model_id == AUTO:
        return _model(AUTO, "nova")
    for model in await service.list_models(state):
        if model.id == model_id:
            return _model(model.id, model.provider)
    raise UnknownModel(f"There is no model {model_id!r}.")


def _model(model_id: str, owner: str) -> dict[str, Any]:
    return {"id": model_id, "object": "model", "created": _STARTED, "owned_by": owner}
