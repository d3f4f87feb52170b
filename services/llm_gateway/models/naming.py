"""From a model id to its provider and that provider's own name for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from services.llm_gateway.errors import UnknownModel
from services.llm_gateway.models.prices import FREE, PriceTable
from services.llm_gateway.models.targets import Target
from services.llm_gateway.providers.base import Provider, ProviderState

# Prefixes of providers that this version does not have: their ids are never another provider's.
_RESERVED_PREFIXES = frozenset(
    (
        *("groq", "gemini", "cerebras", "openrouter", "github", "claude-max", "chatgpt", "vllm"),
        *("sglang", "llamacpp"),
    )
)

StateOf = Callable[[Provider], Awaitable[ProviderState | None]]
"""A provider's state; None while it is not known, and not worth waiting for."""


class Naming:
    """The ids of models."""

    def __init__(self, providers: Mapping[str, Provider], prices: PriceTable) -> None:
        self._providers = providers
        self._prices = prices

    def target(self, provider: Provider, model: str, reason: str) -> Target:
        traits = provider.traits
        facts = self._prices.find(
            f"{traits.prefix}{model}", official=traits.official, told=provider.told(model)
        )
        if traits.free and facts.price is None:
            facts = replace(facts, price=FREE, price_source="free")
        return Target(provider, model, f"{traits.prefix}{model}", facts, reason)

    async def named(self, model: str, reason: str, state_of: StateOf) -> Target:
        """The model of that id. Raises UnknownModel."""
        head, slash, rest = model.partition("/")
        if slash and head in self._providers:
            if not rest:
                raise UnknownModel(f"The model id {model!r} names no model.")
            return await self._of(self._providers[head], rest, reason, state_of)
        openai = self._providers["openai"]
        if slash and head in _RESERVED_PREFIXES:
            state = await openai.state()
            if model not in state.models:
                raise UnknownModel(f"No provider {head!r} is set up for the model {model!r}.")
        anthropic = self._providers["anthropic"]
        if not slash and model.startswith("claude"):
            owner = (await anthropic.state()).configured or not (await openai.state()).configured
            provider = anthropic if owner else openai
            return await self._of(provider, model, reason, state_of)
        return await self._of(openai, model, reason, state_of)

    async def _of(self, provider: Provider, model: str, reason: str, state_of: StateOf) -> Target:
        state = await state_of(provider)
        slug = provider.traits.slug
        if state is not None and not state.configured:
            raise UnknownModel(f"No provider serves the model {model!r}: {slug}: {state.reason}")
        if state is not None and slug == "offline" and model not in state.models:
            raise UnknownModel(f"The offline model is called offline/{state.models[0]}.")
        return self.target(provider, model, reason)
