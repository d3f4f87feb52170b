"""Which providers can be asked: their own word, their breaker, and their quota for today."""

import asyncio
import time

from services.llm_gateway.limits.admission.quotas import Quotas
from services.llm_gateway.providers.base import Provider, ProviderState
from services.llm_gateway.routing.breaker import CircuitBreaker

_FRESH_SECONDS = 30.0
_LONGEST_SECONDS = 300.0


class Availability:
    """A provider's state asked for now, or as it was last known; and why one is passed over."""

    def __init__(self, breaker: CircuitBreaker, quotas: Quotas) -> None:
        self._breaker = breaker
        self._quotas = quotas
        self._known: dict[str, tuple[float, ProviderState]] = {}
        self._states = 0
        self._asking: dict[str, asyncio.Future[ProviderState]] = {}

    @property
    def changes(self) -> tuple[int, int, int]:
        """Other numbers whenever a provider is held back or no longer is, or has another state."""
        return self._states, self._breaker.changes, self._quotas.changes

    async def state(self, provider: Provider) -> ProviderState:
        state, slug = await provider.state(), provider.traits.slug
        before = self._known.get(slug)
        if before is None or before[1] != state:
            self._states += 1
        self._known[slug] = (time.monotonic(), state)
        return state

    def known_state(self, provider: Provider) -> ProviderState | None:
        """As it was within the last five minutes; None is unknown.

        Nobody waits: a provider that may be needed later must not delay the first one. What is old
        or unknown is asked for in the background.
        """
        slug = provider.traits.slug
        found = self._known.get(slug)
        age = _LONGEST_SECONDS if found is None else time.monotonic() - found[0]
        if age >= _FRESH_SECONDS and slug not in self._asking:
            asking = self._asking[slug] = asyncio.ensure_future(self.state(provider))
            asking.add_done_callback(lambda _done: self._asking.pop(slug, None))
        return None if found is None or age >= _LONGEST_SECONDS else found[1]

    async def settled(self) -> None:
        """Wait for what is asked for in the background."""
        await asyncio.gather(*self._asking.values())

    def held_back(self, slug: str) -> str | None:
        """Why a provider that is there is not asked now; None if it may be."""
        state = self._breaker.state(slug)
        if state.status == "open":
            return f"it failed and is left alone for {state.seconds:.0f} s: {state.reason}"
        left = self._quotas.seconds_left(slug)
        if left is not None:
            return f"its calls for today are used up, for {left / 3600:.1f} h more"
        return None
