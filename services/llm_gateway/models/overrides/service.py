"""Shows models with the source of each price, and sets what a person knows better."""

from typing import Any

from contracts.providers import ModelDetails, ModelOverride
from services.kit.auth import Principal
from services.kit.errors import Invalid, NotFound
from services.llm_gateway.credentials.auditing import record
from services.llm_gateway.deps import State
from services.llm_gateway.models.overrides import queries
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.models.service import capabilities_of, states

_LONGEST_ID = 300


async def list_details(state: State) -> list[ModelDetails]:
    """The models of every provider that is available now."""
    return [
        _details(state, state.resolver.target(provider, name, ""))
        for provider, found in await states(state.providers.values())
        if found.available
        for name in found.models
    ]


async def set_override(
    state: State, model: str, *, override: ModelOverride, actor: Principal
) -> ModelOverride:
    """Replace what was set for the model. Raises Invalid for half a price."""
    if not model.strip() or len(model) > _LONGEST_ID:
        raise Invalid("model: give a model id.")
    if (override.input is None) != (override.output is None):
        raise Invalid("A price needs both input and output.")
    if override.cached_input is not None and override.input is None:
        raise Invalid("cached_input: give the other prices too.")
    facts: dict[str, Any] = override.model_dump(mode="json", exclude_none=True)
    async with state.runtime.database.transaction() as connection:
        await queries.store_override(connection, model, facts)
        await record(
            connection,
            actor=actor,
            action="model.overridden",
            subject_kind="model",
            subject_id=model,
            detail=facts,
        )
    await state.runtime.store.refresh()
    return override


async def remove_override(state: State, model: str, *, actor: Principal) -> None:
    async with state.runtime.database.transaction() as connection:
        if not await queries.delete_override(connection, model):
            raise NotFound(f"Nothing is set for {model!r}.", code="no_override")
        await record(
            connection,
            actor=actor,
            action="model.override_removed",
            subject_kind="model",
            subject_id=model,
        )
    await state.runtime.store.refresh()


def _details(state: State, target: Target) -> ModelDetails:
    facts = target.facts
    stored = state.runtime.store.overrides.get(target.id)
    rate = None if facts.price is None else facts.price.rate
    return ModelDetails(
        id=target.id,
        provider=target.provider.traits.slug,
        capabilities=capabilities_of(target),
        context_window=facts.context_window,
        max_output_tokens=facts.max_output_tokens,
        input_usd=None if rate is None else float(rate.input),
        output_usd=None if rate is None else float(rate.output),
        cached_input_usd=None if rate is None else float(rate.cached_input),
        price_source=facts.price_source or "unknown",
        price_as_of=facts.price_as_of,
        override=None if stored is None else ModelOverride.model_validate(stored),
    )
