"""Which embedding model a request gets: the one that it names, else always the same one.

Vectors of two models can't be compared. So requests without a model keep to the model that the
first of them got (`embedding_choice`), also when a better one is set up later; an administrator
changes it by naming one in `llm.embedding_model`. It is left only when it can't come back by
itself: its provider is no longer set up, the model is gone from it, or the routing strategy forbids
it; and when it is the offline embedder, which knows no meanings, and a real one has come.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.kit.auth import Principal
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.log import get_logger
from services.llm_gateway.embeddings import queries
from services.llm_gateway.embeddings.local import files
from services.llm_gateway.embeddings.queries import ChoiceRow
from services.llm_gateway.errors import ModelForbidden, ProviderDown, UnknownModel
from services.llm_gateway.models.resolution import AUTO, Resolver, Target
from services.llm_gateway.providers.base import Provider, ProviderState

_log = get_logger(__name__)
_CHOICE_SECONDS = 2.0
OFFLINE, LOCAL = "offline", "local"
# By provider, with the model to take if it is there. One that is not in it is asked only by name.
_CHAIN = {
    "openai": "text-embedding-3-small",
    "ollama": "nomic-embed-text",
    LOCAL: files.NAME,
    OFFLINE: "",
}
_SHIPPED = (LOCAL, OFFLINE)


@dataclass(frozen=True, slots=True)
class Offer:
    """The models to try, best first. `sticks`: the one that answers becomes the choice."""

    targets: Sequence[Target]
    sticks: bool = False
    instead_of: str | None = None


class EmbeddingChain:
    """OpenAI, Ollama, the local model, the offline embedder: as far as the strategy lets them."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        resolver: Resolver,
        config: ConfigCache,
        database: Database,
    ) -> None:
        self._providers = providers
        self._resolver = resolver
        self._config = config
        self._database = database
        self._choice: ChoiceRow | None = None
        self._choice_read_at: float | None = None

    async def offer(
        self, model: str | None, principal: Principal, *, dimensions: int | None, fallback: bool
    ) -> Offer:
        """What to try. A model that is named, by the request or in the configuration, is the only one.

        Without `fallback` so is the choice. Raises UnknownModel, ModelForbidden or ProviderDown.
        """
        if model is not None and model != AUTO:
            return Offer([await self._named(model, principal)])
        pinned = str(self._config.get("llm.embedding_model", AUTO))
        choice = await self._known_choice(needed=not fallback)
        before = None if choice is None else choice.model
        if pinned != AUTO:
            target = await self._named(pinned, principal)
            return Offer([target], sticks=dimensions is None, instead_of=before)
        available = await self._available(principal, dimensions)
        if choice is not None and not _improves(available[0], choice):
            try:
                kept = await self._kept(choice.model, principal)
            except (ProviderDown, ModelForbidden):
                # The choice stays what it is: it is only away, or not for this caller.
                if not fallback:
                    raise
                return Offer(available)
            if kept is not None and _can_make(kept, dimensions):
                others = [target for target in available if target.id != kept.id]
                return Offer([kept, *others] if fallback else [kept])
        return Offer(
            available if fallback else available[:1], sticks=dimensions is None, instead_of=before
        )

    async def stick(self, offer: Offer, target: Target, dimensions: int) -> None:
        """The offer's target has answered: what was said about it binds from now on."""
        if not offer.sticks or target.id == offer.instead_of:
            return
        chosen = ChoiceRow(target.id, dimensions)
        try:
            async with self._database.connection() as connection:
                await queries.choose(connection, chosen, instead_of=offer.instead_of)
        except DatabaseDown as error:
            _log.warning("embedding model not kept", model=target.id, reason=error.detail)
            return
        _log.info("embedding model chosen", model=target.id, instead_of=offer.instead_of)
        self._choice_read_at = None

    async def _known_choice(self, *, needed: bool) -> ChoiceRow | None:
        """At most two seconds old. While it can't be read, the last one known.

        Raises DatabaseDown if that is `needed` and none was ever read.
        """
        now = time.monotonic()
        if self._choice_read_at is not None and now - self._choice_read_at < _CHOICE_SECONDS:
            return self._choice
        try:
            async with self._database.connection() as connection:
                self._choice = await queries.choice(connection)
        except DatabaseDown:
            if needed and self._choice is None:
                raise
            return self._choice
        self._choice_read_at = now
        return self._choice

    async def _named(self, model: str, principal: Principal) -> Target:
        """As the caller may use it."""
        return (await self._resolver.embedding_route(model, principal)).targets[0]

    async def _available(self, principal: Principal, dimensions: int | None) -> list[Target]:
        """In the chain's order; the offline embedder, which is always there, comes last."""
        strategy = self._resolver.strategy
        names: list[str] = []
        fallback = self._config.get("llm.cloud_fallback_embed_model")
        if fallback is not None and not strategy.startswith(LOCAL):
            names.append(str(fallback))
        for slug, preferred in _CHAIN.items():
            provider = self._providers.get(slug)
            if provider is None or not _allowed(provider, strategy):
                continue
            model = _pick(provider, await provider.state(), preferred)
            if model is not None:
                names.append(f"{provider.traits.prefix}{model}")
        found = [await self._if_usable(name, principal) for name in dict.fromkeys(names)]
        usable = [
            target for target in found if target is not None and _can_make(target, dimensions)
        ]
        if not usable:
            raise ModelForbidden("None of the embedding models that the key may use is available.")
        return usable

    async def _if_usable(self, model: str, principal: Principal) -> Target | None:
        try:
            target = await self._named(model, principal)
        except (UnknownModel, ProviderDown, ModelForbidden):
            return None
        return target if (await target.provider.state()).available else None

    async def _kept(self, model: str, principal: Principal) -> Target | None:
        """The choice, if it still holds. Raises ProviderDown while it is only away."""
        try:
            target = await self._named(model, principal)
        except UnknownModel:
            return None
        if not _allowed(target.provider, self._resolver.strategy):
            return None
        state = await target.provider.state()
        if not state.available:
            raise ProviderDown(
                f"The embedding model {model} is not available now ({state.reason}), and another "
                "one's vectors can't be compared with its own."
            )
        return target if not state.models or target.model in state.models else None


def _improves(best: Target, choice: ChoiceRow) -> bool:
    """Whether a model that knows meanings has come, where there was none."""
    return choice.model.startswith(f"{OFFLINE}/") and best.provider.traits.slug != OFFLINE


def _allowed(provider: Provider, strategy: str) -> bool:
    """What Nova brings along needs no cloud and no server: no strategy is against it."""
    traits = provider.traits
    if traits.slug in _SHIPPED:
        return True
    return (
        not traits.local if strategy == "cloud-only" else traits.local or strategy != "local-only"
    )


def _pick(provider: Provider, state: ProviderState, preferred: str) -> str | None:
    if not state.available:
        return None
    return preferred if preferred in state.models else provider.pick_embedding_model(state.models)


def _can_make(target: Target, dimensions: int | None) -> bool:
    """The local model's vectors can be shortened, but have no more numbers than they have."""
    is_local = target.provider.traits.slug == LOCAL
    return dimensions is None or not is_local or dimensions <= files.DIMENSIONS
