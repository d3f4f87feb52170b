"""From a model id, or `auto`, to the provider that is asked and its own name for the model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.kit.auth import Principal
from services.kit.config import ConfigCache
from services.llm_gateway.errors import ProviderDown, UnknownModel
from services.llm_gateway.models.aliases import aliases_of, resolve_alias
from services.llm_gateway.models.prices import FREE, ModelFacts, PriceTable
from services.llm_gateway.providers.base import Provider, ProviderState
from services.llm_gateway.settings import Settings

AUTO = "auto"
_DEFAULT_STRATEGY = "local-first"
# Prefixes of providers that this version does not have: their ids are never another provider's.
_RESERVED_PREFIXES = frozenset(
    (
        *("groq", "gemini", "cerebras", "openrouter", "github", "claude-max", "chatgpt", "vllm"),
        *("sglang", "llamacpp"),
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """`model` is the provider's own name, `id` is Nova's."""

    provider: Provider
    model: str
    id: str
    facts: ModelFacts
    reason: str

    @property
    def price_known(self) -> bool:
        return self.facts.price is not None


@dataclass(frozen=True, slots=True)
class Route:
    """The targets of a call in the order in which they are tried; at least one."""

    targets: tuple[Target, ...]


class Resolver:
    """Finds the target of each call; `auto` takes the first candidate that is available now."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        settings: Settings,
        config: ConfigCache,
        prices: PriceTable,
    ) -> None:
        self._providers = providers
        self._settings = settings
        self._config = config
        self._prices = prices

    async def route(self, model: str, principal: Principal | None = None) -> Route:  # noqa: ARG002 - its rights may narrow the targets
        """Where a chat call may go. Raises UnknownModel or ProviderDown."""
        return Route((await self.chat(model),))

    async def embedding_route(self, model: str | None, principal: Principal | None = None) -> Route:  # noqa: ARG002 - as above
        """Where an embedding call may go: never to another model than the one that was named."""
        return Route((await self.embedding(model),))

    async def chat(self, model: str) -> Target:
        """Raises UnknownModel or ProviderDown."""
        model = self.named(model)
        if model != AUTO:
            return await self._named(model, "asked for by name")
        chosen = self._chosen_default()
        if chosen is not None:
            found = await self._if_available(chosen, "llm.default_chat_model")
            if found is not None:
                return found
        return await self._first_available(embedding=False)

    async def embedding(self, model: str | None) -> Target:
        """Raises UnknownModel or ProviderDown."""
        model = None if model is None else self.named(model)
        if model is not None and model != AUTO:
            return await self._named(model, "asked for by name")
        fallback = self._config.get("llm.cloud_fallback_embed_model")
        if fallback is not None and not self.strategy.startswith("local"):
            found = await self._if_available(str(fallback), "llm.cloud_fallback_embed_model")
            if found is not None:
                return found
        return await self._first_available(embedding=True)

    def named(self, model: str) -> str:
        """The model that a name stands for, by `llm.aliases`."""
        return resolve_alias(model, aliases_of(self._config.get("llm.aliases")))

    @property
    def strategy(self) -> str:
        """The configuration's, unless that still has the shipped value and the environment another."""
        configured = str(self._config.get("llm.routing_strategy", _DEFAULT_STRATEGY))
        return (
            self._settings.llm_routing_strategy if configured == _DEFAULT_STRATEGY else configured
        )

    def target(self, provider: Provider, model: str, reason: str) -> Target:
        traits = provider.traits
        facts = self._prices.find(
            f"{traits.prefix}{model}", official=traits.official, told=provider.told(model)
        )
        if traits.free and facts.price is None:
            facts = replace(facts, price=FREE, price_source="free")
        return Target(provider, model, f"{traits.prefix}{model}", facts, reason)

    def _chosen_default(self) -> str | None:
        configured = str(self._config.get("llm.default_chat_model", AUTO))
        chosen = self._settings.default_chat_model if configured == AUTO else configured
        return None if chosen == AUTO else chosen

    async def _if_available(self, model: str, key: str) -> Target | None:
        try:
            target = await self._named(model, key)
        except (UnknownModel, ProviderDown):
            return None
        state = await target.provider.state()
        return target if state.available else None

    async def _named(self, model: str, reason: str) -> Target:
        head, slash, rest = model.partition("/")
        if slash and head in self._providers:
            if not rest:
                raise UnknownModel(f"The model id {model!r} names no model.")
            return await self._of(self._providers[head], rest, reason)
        openai = self._providers["openai"]
        if slash and head in _RESERVED_PREFIXES:
            state = await openai.state()
            if model not in state.models:
                raise UnknownModel(f"No provider {head!r} is set up for the model {model!r}.")
        anthropic = self._providers["anthropic"]
        if not slash and model.startswith("claude"):
            owner = (await anthropic.state()).configured or not (await openai.state()).configured
            return await self._of(anthropic if owner else openai, model, reason)
        return await self._of(openai, model, reason)

    async def _of(self, provider: Provider, model: str, reason: str) -> Target:
        state = await provider.state()
        slug = provider.traits.slug
        if not state.configured:
            raise UnknownModel(f"No provider serves the model {model!r}: {slug}: {state.reason}")
        if slug == "offline" and model not in state.models:
            raise UnknownModel(f"The offline model is called offline/{state.models[0]}.")
        return self.target(provider, model, reason)

    async def _first_available(self, *, embedding: bool) -> Target:
        passed: list[str] = []
        for provider in self._candidates(embedding=embedding):
            state = await provider.state()
            slug = provider.traits.slug
            if not state.available:
                if state.configured:
                    passed.append(f"{slug}: {state.reason}")
                continue
            model = self._pick(provider, state, embedding=embedding)
            if model is None:
                passed.append(f"{slug}: it lists no model for this")
                continue
            reason = f"{self.strategy}: {slug} is available"
            return self.target(provider, model, "; ".join([reason, *passed]))
        raise ProviderDown(f"No provider is available under {self.strategy}: {'; '.join(passed)}")

    def _pick(self, provider: Provider, state: ProviderState, *, embedding: bool) -> str | None:
        if embedding:
            return provider.pick_embedding_model(state.models)
        fallback = self._config.get("llm.cloud_fallback_model")
        if not provider.traits.local and fallback in state.models:
            return str(fallback)
        return provider.pick_chat_model(state.models)

    def _candidates(self, *, embedding: bool) -> list[Provider]:
        """Offline is last under every strategy."""
        offline = self._providers["offline"]
        needed = "embeddings" if embedding else "chat"
        real = [
            provider
            for provider in self._providers.values()
            if provider is not offline and needed in provider.traits.supports
        ]
        local = [provider for provider in real if provider.traits.local]
        cloud = [provider for provider in real if not provider.traits.local]
        # Vectors of different models do not mix: the strategy's order stays out of their choice.
        order = {
            "local-first": [*local, *cloud] if not embedding else [*cloud, *local],
            "local-only": local,
            "cloud-first": [*cloud, *local],
            "cloud-only": cloud,
        }
        return [*order.get(self.strategy, [*local, *cloud]), offline]
