"""Where a call may go."""

from dataclasses import dataclass

from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import JsonDict, Provider


@dataclass(frozen=True, slots=True)
class Target:
    """`model` is the provider's own name, `id` is Nova's."""

    provider: Provider
    model: str
    id: str
    facts: ModelFacts
    reason: str

    def fitted(self, body: JsonDict) -> JsonDict:
        """A chat completion's body for this target, as it came if the client has named the model."""
        fitted = {**body, "model": self.model}
        if body.get("model") == self.id:
            return fitted
        return self.provider.traits.quirks.fitted(fitted, self.model)

    @property
    def price_known(self) -> bool:
        return self.facts.price is not None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model or a provider that might have been taken, and why it was not."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Route:
    """The targets of a call in the order in which they are tried; at least one.

    `category` is what intelligent routing took the request for; None if it was not asked.
    """

    targets: tuple[Target, ...]
    strategy: str = ""
    passed_over: tuple[PassedOver, ...] = ()
    category: str | None = None
