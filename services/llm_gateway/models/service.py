"""Lists models and providers."""

import asyncio
from collections.abc import Iterable

from contracts.llm import DiscoveredModel, DiscoveredProvider, ModelInfo, ProviderHealth
from services.kit.auth import Principal
from services.kit.errors import DatabaseDown, NotFound
from services.llm_gateway.deps import State
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.base import (
    Provider,
    ProviderState,
    is_chat_model,
    is_embedding_model,
)


async def states(
    providers: Iterable[Provider], *, fresh: bool = False
) -> list[tuple[Provider, ProviderState]]:
    """All providers with their states, asked for at the same time."""
    listed = list(providers)
    found = await asyncio.gather(*(provider.state(fresh=fresh) for provider in listed))
    return list(zip(listed, found, strict=True))


async def list_models(state: State, caller: Principal) -> list[ModelInfo]:
    """The models of every provider that is available now, as far as the caller may use them.

    Raises DatabaseDown where nobody knows what that is.
    """
    terms = await state.resolver.access.of(caller)
    targets = [
        state.resolver.target(provider, name, "")
        for provider, found in await states(state.providers.values())
        if found.available
        for name in found.models
    ]
    return [model_info(target) for target in targets if terms is None or terms.allows(target.id)]


def model_info(target: Target) -> ModelInfo:
    price = target.facts.price
    return ModelInfo(
        id=target.id,
        provider=target.provider.traits.slug,
        capabilities=capabilities_of(target),
        context_window=target.facts.context_window,
        max_output_tokens=target.facts.max_output_tokens,
        cost_per_input_token=None if price is None else float(price.cost(1, 0)),
        cost_per_output_token=None if price is None else float(price.cost(0, 1)),
    )


def capabilities_of(target: Target) -> list[str]:
    if target.facts.capabilities is not None:
        return list(target.facts.capabilities)
    if is_embedding_model(target.model) or target.id.startswith("offline/hash"):
        return ["embedding"]
    if not is_chat_model(target.model):
        return []
    return ["chat", "tools", *(["vision"] if target.facts.vision else [])]


async def discover(state: State, *, fresh: bool) -> list[DiscoveredProvider]:
    """Every provider that Nova knows, also those that are not set up."""
    return [
        DiscoveredProvider(
            slug=provider.traits.slug,
            name=provider.traits.title,
            type=provider.traits.kind,
            available=found.available,
            auth_methods=list(provider.traits.auth_methods),
            models=[
                DiscoveredModel(id=f"{provider.traits.prefix}{name}", registered=found.available)
                for name in found.models
            ],
            reason=found.reason or None,
        )
        for provider, found in await states(state.providers.values(), fresh=fresh)
    ]


async def health(state: State) -> list[ProviderHealth]:
    try:
        used = await state.quotas.used_today()
    except DatabaseDown:
        used = {}
    return [
        provider_health(state, provider, found, used.get(provider.traits.slug))
        for provider, found in await states(state.providers.values())
    ]


async def probe_provider(state: State, slug: str) -> ProviderHealth:
    """Ask a provider now. Raises NotFound."""
    provider = state.providers.get(slug)
    if provider is None:
        raise NotFound(f"There is no provider {slug!r}.", code="provider_not_found")
    return provider_health(state, provider, await provider.state(fresh=True))


def provider_health(
    state: State, provider: Provider, found: ProviderState, used: int | None = None
) -> ProviderHealth:
    """`used` are today's calls; None if there were none, or nobody can know."""
    status = "ok" if found.available else "unavailable"
    slug = provider.traits.slug
    breaker = state.breaker.state(slug)
    return ProviderHealth(
        slug=slug,
        available=found.available,
        status=status if found.configured else "not_configured",
        detail=found.reason,
        latency_ms=found.latency_ms,
        breaker=breaker.status,
        breaker_seconds=breaker.seconds or None,
        breaker_reason=breaker.reason,
        daily_requests=state.quotas.limit_of(slug),
        requests_today=used,
    )
