"""Asks a route's targets in turn until one has begun to answer.

A second try is made, of the same target or of the next, only while that can't be a second charge:
nothing was sent (ProviderDown), or the provider turned the call away with 429, 500, 502, 503 or
529. A reply that was lost is never tried again, nor an answer of which a piece has come.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from services.kit.errors import DatabaseDown, NovaError
from services.kit.log import get_logger
from services.llm_gateway.calls.answer_headers import add_header, add_headers
from services.llm_gateway.calls.ticking import Deadline, Ticker
from services.llm_gateway.errors import ProviderDown, QuotaExceeded, UpstreamError
from services.llm_gateway.limits.admission.admit import ADMITTED, Admission, Admitted
from services.llm_gateway.limits.admission.estimate import estimated_tokens
from services.llm_gateway.limits.admission.quotas import Quotas
from services.llm_gateway.limits.kinds import CallKind, Source
from services.llm_gateway.limits.meter import Caller, Meter
from services.llm_gateway.limits.metering import Metering
from services.llm_gateway.models.resolution import Route, Target
from services.llm_gateway.routing.breaker import CircuitBreaker

T = TypeVar("T")
Body = dict[str, Any]
Refusal = UpstreamError | ProviderDown | QuotaExceeded

_log = get_logger(__name__)
_LONGEST_PAUSE_SECONDS = 2.0
_SHORTEST_PAUSE_SECONDS = 0.1
_STARTING = "translation_starting"
_TICK_SECONDS = 0.25
_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class Call:
    """A call that is being made; `admitted` has the headers for its answer."""

    meter: Meter
    route: Route
    deadline: float
    admitted: Admitted = ADMITTED
    refusal: Refusal | None = None

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
        breaker: CircuitBreaker,
        admission: Admission,
        quotas: Quotas,
        seconds: float,
        retries: int = 1,
    ) -> None:
        self._metering = metering
        self._breaker = breaker
        self._admission = admission
        self._quotas = quotas
        self._seconds = seconds
        self._retries = retries
        self._ticker = Ticker(_TICK_SECONDS)

    def call(
        self,
        caller: Caller,
        route: Route,
        *,
        kind: CallKind,
        characters: int,
        asked: Callable[[], Mapping[str, Any]] | None = None,
    ) -> "Calling":
        """A block that admits a call, then counts it until it is left.

        `characters` is how much text the model is given, or a little more. `asked` gives the request
        in OpenAI's form, for the longest answer that it allows; None: there is no answer in words.
        """
        return Calling(self, caller, route, kind=kind, characters=characters, asked=asked)

    def begin(
        self, caller: Caller, route: Route, admitted: Admitted, *, kind: CallKind, characters: int
    ) -> Call:
        """An admitted call. It ends with `end`."""
        meter = self._metering.meter(caller, kind=kind, characters=characters)
        return Call(meter, route, meter.started + self._seconds, admitted)

    async def end(self, call: Call, failure: BaseException | None) -> None:
        """Record the call, and give back what was reserved for it and not used."""
        meter = call.meter
        if (
            isinstance(failure, UpstreamError)
            and failure is not call.refusal
            and meter.target is not None
        ):
            # Of what broke off after it had begun, nobody has been told yet.
            self._breaker.failed(meter.target.provider.traits.slug, failure)
        try:
            await self._metering.end(meter, failure)
        finally:
            call.admitted.used(meter.input_tokens + meter.output_tokens)

    async def admit(
        self,
        caller: Caller,
        route: Route,
        *,
        characters: int,
        asked: Callable[[], Mapping[str, Any]] | None = None,
    ) -> Admitted:
        """For an answer that needs no call of its own too: it counts as a request."""
        target = route.targets[0]

        def tokens() -> int:
            most = 0 if asked is None else target.facts.max_output_tokens
            body = asked() if asked else _NOTHING
            return estimated_tokens(body, size=characters, most_output=most)

        admitted = await self._admission.admit(caller.principal, target.id, tokens)
        if admitted.headers:
            add_headers(admitted.headers)
        if route.category is not None:
            add_header("x-nova-category", route.category)
        return admitted

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
        call.check_deadline()
        try:
            with Deadline(self._ticker, call.deadline):
                return await self._begun(call, build, work)
        except TimeoutError as error:
            raise call.overdue() from error

    async def _begun(
        self,
        call: Call,
        build: Callable[[Target], Body],
        work: Callable[[Target, Body], Awaitable[T]],
    ) -> T:
        failure: Refusal | None = None
        for target in call.route.targets:
            slug = target.provider.traits.slug
            if not self._breaker.allows(slug):
                call.refusal = call.refusal or self._left_alone(slug)
                continue
            if call.meter.is_open:
                await self._metering.give_back(call.meter)
            body = build(target)
            for tried in range(self._retries + 1):
                try:
                    answer = await self._ask(call, target, body, work)
                except (UpstreamError, ProviderDown, QuotaExceeded) as error:
                    failure = call.refusal = error
                    if not _may_try_again(error):
                        raise
                    if tried == self._retries or not await _paused(error):
                        break
                else:
                    add_header("x-nova-model", target.id)
                    return answer
            _log.info("a target failed", model=target.id, reason=failure and failure.detail)
        raise call.refusal or ProviderDown("No provider for this model can be asked now.")

    async def _ask(
        self,
        call: Call,
        target: Target,
        body: Body,
        work: Callable[[Target, Body], Awaitable[T]],
    ) -> T:
        """Ask a target once, and tell its provider's breaker how that went."""
        slug = target.provider.traits.slug
        if self._quotas.limit_of(slug) is not None:
            await self._quotas.take(slug)
        try:
            await self._metering.begin(call.meter, target, body)
            answer = await work(target, body)
        except UpstreamError as error:
            self._breaker.failed(slug, error)
            self._metering.refused(call.meter, error)
            raise
        except NovaError as error:
            # Nothing has reached the provider.
            if isinstance(error, ProviderDown):
                self._breaker.failed(slug, error)
                self._metering.refused(call.meter, error)
            # Without the database the call counts as made: too much, never too little.
            with suppress(DatabaseDown):
                await self._quotas.give_back(slug)
            raise
        self._breaker.succeeded(slug)
        call.meter.first_at = time.monotonic()
        return answer

    def _left_alone(self, slug: str) -> ProviderDown:
        state = self._breaker.state(slug)
        return ProviderDown(
            f"{slug} has failed again and again, and is left alone for a while: {state.reason}",
            retry_after=max(1.0, state.seconds),
        )


class Calling:
    """A call as a block: `async with calls.call(…) as call`."""

    __slots__ = ("_asked", "_call", "_caller", "_calls", "_characters", "_kind", "_route")

    def __init__(
        self,
        calls: Calls,
        caller: Caller,
        route: Route,
        *,
        kind: CallKind,
        characters: int,
        asked: Callable[[], Mapping[str, Any]] | None,
    ) -> None:
        self._calls = calls
        self._caller = caller
        self._route = route
        self._kind: CallKind = kind
        self._characters = characters
        self._asked = asked

    async def __aenter__(self) -> Call:
        caller, route, size = self._caller, self._route, self._characters
        admitted = await self._calls.admit(caller, route, characters=size, asked=self._asked)
        self._call = self._calls.begin(caller, route, admitted, kind=self._kind, characters=size)
        return self._call

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._calls.end(self._call, error)


def _may_try_again(error: Refusal) -> bool:
    return not isinstance(error, UpstreamError) or error.is_retryable


async def _paused(error: Refusal) -> bool:
    """Wait before the same target is asked again; False if that would take too long to be worth it."""
    if error.code == _STARTING or isinstance(error, QuotaExceeded):
        return False  # it has been waited for; a day is not
    wait = error.retry_after if isinstance(error, UpstreamError) else None
    wait = max(_SHORTEST_PAUSE_SECONDS, wait or 0.0)
    if wait > _LONGEST_PAUSE_SECONDS:
        return False
    await asyncio.sleep(wait)
    return True
