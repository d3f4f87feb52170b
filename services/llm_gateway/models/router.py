"""GET /models, /v1/models and what belongs to them."""

import time
from typing import Any

from fastapi import APIRouter

from contracts.llm import (
    DiscoveredProvider,
    ModelInfo,
    PassedOverModel,
    ResolvedModel,
    ResolveRequest,
)
from services.kit.auth import KeyCaller, Principal
from services.llm_gateway.deps import State, StateDep
from services.llm_gateway.errors import UnknownModel
from services.llm_gateway.models import service
from services.llm_gateway.models.resolution import AUTO
from services.llm_gateway.models.targets import Route

router = APIRouter(tags=["models"])
_STARTED = int(time.time())


@router.get("/models")
async def list_models(state: StateDep, caller: KeyCaller) -> list[ModelInfo]:
    """Those that the key may use."""
    return await service.list_models(state, caller)


@router.get("/v1/models")
async def list_openai_models(state: StateDep, caller: KeyCaller) -> dict[str, Any]:
    return {"object": "list", "data": await _openai_models(state, caller)}


@router.get("/v1/models/discover")
async def discover(
    state: StateDep, _caller: KeyCaller, *, refresh: bool = False
) -> list[DiscoveredProvider]:
    return await service.discover(state, fresh=refresh)


@router.get("/v1/models/resolve")
async def resolve(state: StateDep, caller: KeyCaller, model: str = AUTO) -> ResolvedModel:
    """What `auto`, or another model, means now to the caller."""
    return _resolved(await state.resolver.route(model, caller))


@router.post("/v1/models/resolve")
async def resolve_for(state: StateDep, caller: KeyCaller, body: ResolveRequest) -> ResolvedModel:
    """The same for a request with that text, which intelligent routing may sort."""
    return _resolved(await state.resolver.route(body.model, caller, lambda: body.text))


def _resolved(route: Route) -> ResolvedModel:
    target, *others = route.targets
    return ResolvedModel(
        model=target.id,
        provider=target.provider.traits.slug,
        reason=target.reason,
        strategy=route.strategy,
        category=route.category,
        fallbacks=[other.id for other in others],
        passed_over=[
            PassedOverModel(name=over.name, reason=over.reason) for over in route.passed_over
        ],
        context_window=target.facts.context_window,
        max_output_tokens=target.facts.max_output_tokens,
    )


@router.get("/v1/models/{model_id:path}")
async def get_openai_model(state: StateDep, caller: KeyCaller, model_id: str) -> dict[str, Any]:
    for model in await _openai_models(state, caller):
        if model["id"] == model_id:
            return model
    raise UnknownModel(f"There is no model {model_id!r}.")


async def _openai_models(state: State, caller: Principal) -> list[dict[str, Any]]:
    """None at all for a key that may use none."""
    found = [_model(one.id, one.provider) for one in await service.list_models(state, caller)]
    return [_model(AUTO, "nova"), *found] if found else []


def _model(model_id: str, owner: str) -> dict[str, Any]:
    return {"id": model_id, "object": "model", "created": _STARTED, "owned_by": owner}
