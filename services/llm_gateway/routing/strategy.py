"""Where calls may go: llm.routing_strategy, which can be switched while Nova runs."""

from collections.abc import Iterable
from typing import TypeVar

from services.kit.config import ConfigCache
from services.llm_gateway.providers.base import Provider

LOCAL_ONLY = "local-only"
CLOUD_ONLY = "cloud-only"
_DEFAULT = "local-first"

P = TypeVar("P", bound=Provider)


def strategy_of(config: ConfigCache, *, environment: str) -> str:
    """The configuration's, unless that still has the shipped value and the environment another."""
    configured = str(config.get("llm.routing_strategy", _DEFAULT))
    return environment if configured == _DEFAULT else configured


def permits(strategy: str, provider: Provider) -> bool:
    """Whether a call may go there at all, by whatever name or fallback: local-only is a promise."""
    return strategy != LOCAL_ONLY or provider.traits.local


def ordered(strategy: str, providers: Iterable[P]) -> list[P]:
    """The providers that `auto` may take, the preferred first."""
    listed = list(providers)
    local = [provider for provider in listed if provider.traits.local]
    cloud = [provider for provider in listed if not provider.traits.local]
    orders = {
        LOCAL_ONLY: local,
        CLOUD_ONLY: cloud,
        "cloud-first": [*cloud, *local],
    }
    return orders.get(strategy, [*local, *cloud])
