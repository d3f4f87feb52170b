"""Asks a route's targets in turn until one has begun to answer.

A second try is made, of the same target or of the next, only while that can't be a second charge:
nothing was sent (ProviderDown), or the provider turned the call away with 429, 500, 502, 503 or
529. A reply that was lost is never tried again, nor an answer of which a piece has come.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from services.kit.log import get_logger
from services.llm_gateway.calls.admission import ADMITTED, Admission, Admitted
from services.llm_gateway.calls.breaker import Breaker
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.limits.kinds import CallKind, Source
from services.llm_gateway.limits.meter import CHARACTERS_PER_TOKEN, Caller, Meter
from services.llm_gateway.limits.metering import Metering
from services.llm_gateway.models.resolution import Route, Target

T = TypeVar("T")
Body = dict[str, Any]

_log = get_logger(__name__)
_LONGEST_PAUSE_SECONDS = 2.0
_SHORTEST_PAUSE_SECONDS = 0.1
_STARTING = "translation_starting"


@dataclass(slots=True)
class Call:
    """A call that is being made; `admitted` has the headers for its answer."""

    meter: Meter
    route: Route
    deadline: float
    admitted: Admitted = ADMITTED

    def check_deadline(self) -> None:
        """Raises UpstreamError once the call has taken too long; ask at each piece of a stream."""
        if time.monotonic() > self.deadline:
            raise self.overdue()

    def overdue(self) -> UpstreamError:
        target = self.meter.target
        slug = "the provider" if target is None else target.provider.traits.slug
        return UpstreamError(slug, 0, "the call took too long", reply_lost=True)


class Calls:
    """Makes calls. `retries` is how often one target is asked again."""

    def __init__(
        self,
        metering: Metering,
        *,
        breaker: Breaker,
        admission: Admission,
        seconds: float,
        retries: int = 1,
    ) -> None:
        self._metering = metering
        self._breaker = breaker
        self._admission = admission
        self._seconds = seconds
        self._retries = retries

    @asynccontextmanager
    async def call(
        self, caller: Caller, route: Route, *, kind: CallKind, characters: int
    ) -> AsyncGenerator[Call, None]:
        """Admit a call, then count it until the block is left.

        `characters` is how much text the model is given, or a little more.
        """
        admitted = await self.admit(caller, route, characters=characters)
        async with self._metering.call(caller, kind=kind, characters=characters) as meter:
            try:
                yield Call(meter, route, time.monotonic() + self._seconds, admitted)
            finally:
                admitted.used(meter.input_tokens + meter.output_tokens)

    async def admit(self, caller: Caller, route: Route, *, characters: int) -> Admitted:
        """For an answer that needs no call of its own too: it counts as a request."""
        tokens = -(-characters // CHARACTERS_PER_TOKEN)
        return await self._admission.admit(caller.principal, route.targets[0].id, tokens)

    def missed(self) -> None:
        """Count an answer that might have been kept and was not."""
        self._metering.missed()

    def answered(
        self,
        caller: Caller,
        target: Target,
        usage: Body | None,
        *,
        source: Source,
        started: float,
        error: str | None,
    ) -> None:
        """Record an answer that was kept, or another call's: it has cost nothing."""
        self._metering.answered(caller, target, usage, source=source, started=started, error=error)

    async def begun(
        self,
        call: Call,
        *,
        build: Callable[[Target], Body],
        work: Callable[[Target, Body], Awaitable[T]],
    ) -> T:
        """What `work` gives for the first target that answers.

        `build` makes the body for a target anew, which may then be capped. `work` returns once the
        first valid piece of an answer is there.
        """
        try:
            async with asyncio.timeout(call.deadline - time.monotonic()):
                return await self._begun(call, build, work)
        except TimeoutError as error:
            raise call.overdue() from error

    async def _begun(
        self,
        call: Call,
        build: Callable[[Target], Body],
        work: Callable[[Target, Body], Awaitable[T]],
    ) -> T:
        refusal: UpstreamError | ProviderDown | None = None
        for target in self._allowed(call.route.targets):
            await self._metering.give_back(call.meter)
            body = build(target)
            for tried in range(self._retries + 1):
                await self._metering.begin(call.meter, target, body)
                try:
                    answer = await work(target, body)
                except (UpstreamError, ProviderDown) as error:
                    self._breaker.failed(target.provider.traits.slug, error)
                    self._metering.refused(call.meter, error)
                    refusal = error
                    if not _may_try_again(error):
                        raise
                    if tried == self._retries or not await _paused(error):
                        break
                else:
                    self._breaker.succeeded(target.provider.traits.slug)
                    call.meter.first_at = time.monotonic()
                    return answer
            _log.info("a target failed", model=target.id, reason=refusal and refusal.detail)
        if refusal is None:
            raise ProviderDown("No provider for this model can be asked now.")
        raise refusal

    def _allowed(self, targets: Sequence[Target]) -> Sequence[Target]:
        """Those whose breaker is closed; if none is, the first one is asked all the same."""
        allowed = [t for t in targets if self._breaker.allows(t.provider.traits.slug)]
        return allowed or targets[:1]


def _may_try_again(error: UpstreamError | ProviderDown) -> bool:
    return isinstance(error, ProviderDown) or error.is_retryable


async def _paused(error: UpstreamError | ProviderDown) -> bool:
    """Wait before the same target is asked again; False if that would take too long to be worth it."""
    if error.code == _STARTING:
        return False  # it has been waited for
    wait = error.retry_after if isinstance(error, UpstreamError) else None
    wait = max(_SHORTEST_PAUSE_SECONDS, wait or 0.0)
    if wait > _LONGEST_PAUSE_SECONDS:
        return False
    await asyncio.sleep(wait)
    return True
