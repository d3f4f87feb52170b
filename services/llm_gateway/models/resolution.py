"""From a model id, or `auto`, to the targets that are asked, in order."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from services.kit.auth import Principal
from services.kit.config import ConfigCache
from services.llm_gateway.errors import ModelForbidden, ProviderDown, UnknownModel
from services.llm_gateway.limits.admission.access import Access, KeyTerms
from services.llm_gateway.models.aliases import aliases_of, resolve_alias
from services.llm_gateway.models.naming import Naming
from services.llm_gateway.models.prices import PriceTable
from services.llm_gateway.models.targets import PassedOver, Route, Target
from services.llm_gateway.providers.base import Ability, Provider, ProviderState, is_chat_model
from services.llm_gateway.routing.availability import Availability
from services.llm_gateway.routing.categories import Classifier
from services.llm_gateway.routing.fallbacks import fallbacks_of
from services.llm_gateway.routing.remembered import RememberedRoutes
from services.llm_gateway.routing.strategy import LOCAL_ONLY, ordered, permits, strategy_of
from services.llm_gateway.settings import Settings

AUTO = "auto"
# A call that the first of these have failed is not worth the time that the others would take.
_MOST_TARGETS = 5


@dataclass(slots=True)
class _Search:
    """One search for targets, and what it has come by."""

    strategy: str
    terms: KeyTerms | None
    found: dict[str, Target] = field(default_factory=dict[str, Target])
    # They are there, but had better not be asked now.
    held_back: dict[str, Target] = field(default_factory=dict[str, Target])
    passed_over: list[PassedOver] = field(default_factory=list[PassedOver])

    def allows(self, model_id: str) -> bool:
        return self.terms is None or self.terms.allows(model_id)

    def passes(self, name: str, reason: str) -> None:
        self.passed_over.append(PassedOver(name, reason))

    def route(self, category: str | None = None) -> Route:
        targets = [*(self.found or self.held_back).values()][:_MOST_TARGETS]
        return Route(tuple(targets), self.strategy, tuple(self.passed_over), category)


class Resolver:
    """Finds the targets of each call.

    `auto` takes the candidates that are available now, the best first. A model that is asked for by
    name has others behind it only where llm.fallbacks says so.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        settings: Settings,
        config: ConfigCache,
        prices: PriceTable,
        access: Access,
        availability: Availability,
    ) -> None:
        self.providers = providers
        self.environment_strategy = settings.llm_routing_strategy
        self._default_model = settings.default_chat_model
        self._config = config
        self._naming = Naming(providers, prices)
        self.access = access
        self.availability = availability
        self.classifier: Classifier | None = None
        self._remembered = RememberedRoutes(lambda: (config.changes, availability.changes))

    def named(self, model: str) -> str:
        """The model that a name stands for, by `llm.aliases`."""
        return resolve_alias(model, aliases_of(self._config.get("llm.aliases")))

    @property
    def strategy(self) -> str:
        return strategy_of(self._config, environment=self.environment_strategy)

    async def route(
        self,
        model: str,
        principal: Principal | None = None,
        text: Callable[[], str] | None = None,
    ) -> Route:
        """Where a chat call may go. `text` gives what is asked, for intelligent routing.

        Raises UnknownModel, ModelForbidden or ProviderDown.
        """
        terms = None if principal is None else await self.access.of(principal)
        classifier = self.classifier
        is_on = principal is not None and classifier is not None and classifier.is_on
        allowed = None if terms is None else terms.allowed_models
        if not is_on and (known := self._remembered.get(model, allowed)) is not None:
            return known
        begun, asked = self._remembered.stamp(), model
        search, model = _Search(self.strategy, terms), self.named(model)
        category = None
        if model != AUTO:
            await self._by_name(model, search)
        else:
            if is_on and classifier is not None and principal is not None and text is not None:
                category = await classifier.category(text(), principal)
                for name in classifier.models(category):
                    await self._if_available(name, f"llm.model_routing_map: {category}", search)
            await self._auto(search)
        route = search.route(category)
        if category is None:
            self._remembered.put(asked, allowed, route, found_at=begun)
        return route

    def forget_routes(self) -> None:
        """Providers, their keys or prices have changed."""
        self._remembered.forget()

    async def embedding_route(self, model: str | None, principal: Principal | None = None) -> Route:
        """Where an embedding call may go: never to another model than the one that was named.

        Raises UnknownModel, ModelForbidden or ProviderDown.
        """
        search = await self._search(principal)
        model = AUTO if model is None else self.named(model)
        if model != AUTO:
            target = await self._permitted(model, "asked for by name", search)
            search.found[target.id] = target
            return search.route()
        fallback = self._config.get("llm.cloud_fallback_embed_model")
        if fallback is not None and not search.strategy.startswith("local"):
            await self._if_available(str(fallback), "llm.cloud_fallback_embed_model", search)
        if not search.found:
            # Vectors of different models do not mix: of the strategy only its promise counts.
            strategy = search.strategy if search.strategy.endswith("only") else "cloud-first"
            order = ordered(strategy, self._real("embeddings"))
            async with aclosing(self._available(order, search, embedding=True)) as available:
                async for target in available:
                    search.found[target.id] = target
                    break
        self._last_resort(search, await self._offline(search, embedding=True))
        return Route(search.route().targets[:1], search.strategy, tuple(search.passed_over))

    async def chat(self, model: str, principal: Principal | None = None) -> Target:
        """The first target. Raises as route() does."""
        return (await self.route(model, principal)).targets[0]

    def target(self, provider: Provider, model: str, reason: str) -> Target:
        return self._naming.target(provider, model, reason)

    async def _search(self, principal: Principal | None) -> _Search:
        terms = None if principal is None else await self.access.of(principal)
        return _Search(self.strategy, terms)

    async def _by_name(self, model: str, search: _Search) -> None:
        """The named model, and what is to be tried behind it."""
        names, refusal = [model], None
        try:
            target = await self._permitted(model, "asked for by name", search)
        except (UnknownModel, ProviderDown, ModelForbidden) as error:
            refusal = error
        else:
            search.found[target.id] = target
            names += [target.id, target.provider.traits.slug]
        for name in map(self.named, fallbacks_of(self._config, *names)):
            if name == AUTO:
                await self._auto(search)
            else:
                await self._if_available(name, f"llm.fallbacks for {model}", search)
        if not search.found and refusal is not None:
            raise refusal

    async def _permitted(self, model: str, reason: str, search: _Search) -> Target:
        """The target of that name. Raises ModelForbidden where key or strategy leave it out."""
        target = await self._naming.named(
            self.named(model), reason, lambda p: self._state(p, search)
        )
        if not permits(search.strategy, target.provider):
            raise ModelForbidden(
                f"llm.routing_strategy is {LOCAL_ONLY}, and {target.id} is not on this machine or "
                "its network.",
                code="local_only",
            )
        if not search.allows(target.id):
            raise ModelForbidden(f"The key may not use the model {target.id!r}.")
        return target

    async def _auto(self, search: _Search) -> None:
        """The default model, then one of each provider by the strategy's order."""
        configured = str(self._config.get("llm.default_chat_model", AUTO))
        chosen = self._default_model if configured == AUTO else configured
        if chosen != AUTO:
            await self._if_available(chosen, "llm.default_chat_model", search)
        async for target in self._available(ordered(search.strategy, self._real("chat")), search):
            search.found.setdefault(target.id, target)
        self._last_resort(search, await self._offline(search))

    async def _if_available(self, model: str, reason: str, search: _Search) -> None:
        try:
            target = await self._permitted(model, reason, search)
        except (UnknownModel, ProviderDown, ModelForbidden) as error:
            search.passes(model, error.detail)
            return
        state = await self._state(target.provider, search)
        # One that nobody knows yet is worth a try, as it was named.
        if state is not None and not state.available:
            search.passes(model, state.reason)
        elif self._is_well(target, search):
            search.found.setdefault(target.id, target)

    async def _available(
        self, providers: Sequence[Provider], search: _Search, *, embedding: bool = False
    ) -> AsyncGenerator[Target, None]:
        for provider in providers:
            slug = provider.traits.slug
            state = await self._state(provider, search)
            if state is None or not state.available:
                if state is not None and state.configured:
                    search.passes(slug, state.reason)
                continue
            model = self._pick(provider, state, search, embedding=embedding)
            if model is None:
                search.passes(slug, "it lists no model for this that the caller may use")
                continue
            target = self.target(provider, model, f"{search.strategy}: {slug} is available")
            if self._is_well(target, search):
                yield target

    def _is_well(self, target: Target, search: _Search) -> bool:
        reason = self.availability.held_back(target.provider.traits.slug)
        if reason is not None:
            search.held_back.setdefault(target.id, target)
            search.passes(target.id, reason)
        return reason is None

    async def _state(self, provider: Provider, search: _Search) -> ProviderState | None:
        """Only while there is no target yet is it worth waiting for a provider's word."""
        if search.found:
            return self.availability.known_state(provider)
        return await self.availability.state(provider)

    def _pick(
        self, provider: Provider, state: ProviderState, search: _Search, *, embedding: bool
    ) -> str | None:
        prefix = provider.traits.prefix
        models = tuple(name for name in state.models if search.allows(f"{prefix}{name}"))
        if embedding:
            model = provider.pick_embedding_model(models)
            return model if model is None or search.allows(f"{prefix}{model}") else None
        fallback = self._config.get("llm.cloud_fallback_model")
        if not provider.traits.local and fallback in models:
            return str(fallback)
        model = provider.pick_chat_model(models)
        if model is not None and not search.allows(f"{prefix}{model}"):
            # The provider's default model is none of the key's.
            return next((name for name in models if is_chat_model(name)), None)
        return model

    def _real(self, needed: Ability) -> list[Provider]:
        return [
            provider
            for slug, provider in self.providers.items()
            if slug != "offline" and needed in provider.traits.supports
        ]

    async def _offline(self, search: _Search, *, embedding: bool = False) -> Target | None:
        offline = self.providers["offline"]
        model = self._pick(offline, await offline.state(), search, embedding=embedding)
        return None if model is None else self.target(offline, model, "no other is available")

    def _last_resort(self, search: _Search, offline: Target | None) -> None:
        """Offline, where there is nothing else at all. Raises ProviderDown, ModelForbidden."""
        if search.found or search.held_back:
            return
        if offline is not None:
            passed = [f"{over.name}: {over.reason}" for over in search.passed_over]
            reason = "; ".join([f"{search.strategy}: {offline.reason}", *passed])
            search.found[offline.id] = replace(offline, reason=reason)
        elif search.terms is not None and search.terms.allowed_models is not None:
            raise ModelForbidden("None of the models that the key may use is available.")
        else:
            reasons = "; ".join(f"{over.name}: {over.reason}" for over in search.passed_over)
            raise ProviderDown(f"No provider is available under {search.strategy}: {reasons}")
