"""Requests and tokens per minute: exact in Redis for all gateways; without it, each its share."""

import asyncio
import itertools
import time

from prometheus_client import Counter, Gauge

from services.kit.errors import DependencyDown
from services.kit.log import get_logger
from services.kit.supervision import Supervisor
from services.llm_gateway.limits.admission.redis_line import RedisLine
from services.llm_gateway.limits.admission.shared_windows import (
    MOST_AT_ONCE,
    PATIENCE_SECONDS,
    Question,
    SharedWindows,
    Unanswered,
)
from services.llm_gateway.limits.admission.window import SLOT_MS, WINDOW_MS, Counted, Limits, Window

_log = get_logger(__name__)
_DECISIONS = Counter(
    "nova_gateway_rate_decisions_total", "Rate limit decisions", ["place", "outcome"]
)
_DEGRADED = Gauge("nova_gateway_rates_degraded", "1 while rates are limited in this process only")
_UNLIMITED = Limits(None, None)
_PROBE = Question("rate:probe", 0, 0, _UNLIMITED)
_FIRST_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.25
# What a call used in the end need not be known at once; so it shares a round trip with others.
_CORRECTION_SECONDS = 0.02
_MOST_WINDOWS = 10_000


class Rates:
    """The windows of all keys.

    What Redis admits is counted here as well. So when Redis goes away, this process goes on from
    what it has let through itself, with its share of each limit; what it lets through then is
    charged in Redis when that is back.
    """

    def __init__(
        self,
        redis: RedisLine | None,
        supervisor: Supervisor,
        *,
        processes: int = 1,
        window_ms: int = WINDOW_MS,
        slot_ms: int = SLOT_MS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._processes = processes
        self._measure = {"window_ms": window_ms, "slot_ms": slot_ms}
        self._own: dict[str, Window] = {}
        self._owed: dict[str, tuple[int, int]] = {}
        self._trouble: str | None = None
        self._troubled = asyncio.Event()
        self._decisions = {
            (place == "redis", outcome == "admitted"): _DECISIONS.labels(place, outcome)
            for place in ("redis", "process")
            for outcome in ("admitted", "rejected")
        }
        self._shared: SharedWindows | None = None
        if redis is not None:
            self._shared = SharedWindows(
                redis,
                supervisor,
                on_loss=self._lost,
                window_ms=window_ms,
                slot_ms=slot_ms,
                patience_seconds=patience_seconds,
            )

    async def open(self) -> None:
        """Connect before the first question, so that it is not Redis's time that this takes.

        Returns within a second also without Redis.
        """
        if self._shared is None:
            return
        try:
            await self._shared.ask([_PROBE], patience_seconds=_FIRST_SECONDS)
        except Unanswered as error:
            self._lost(str(error))

    async def ask(
        self, window: str, *, limits: Limits, requests: int = 1, tokens: int = 0
    ) -> Counted:
        """Take requests and tokens from a window if they fit, else nothing. Never fails."""
        counted = None
        if self._shared is not None and self._trouble is None:
            answer: asyncio.Future[Counted | None] = asyncio.get_running_loop().create_future()
            self._shared.put(Question(window, requests, tokens, limits, answer=answer))
            counted = await answer
        if counted is None:
            counted = self._decide(window, limits, requests, tokens)
        elif counted.admitted:
            self._note(window, requests, tokens)
        self._decisions[counted.in_redis, counted.admitted].inc()
        return counted

    def correct(self, window: str, counted: Counted, *, used: int) -> None:
        """Replace the tokens that were reserved by those that were used.

        What is too much goes back to where it was taken; what is missing counts from now.
        """
        missing = used - counted.reserved
        if missing > 0:
            self._note(window, 0, missing)
            self._tell(Question(window, 0, missing, _UNLIMITED))
        elif missing < 0:
            slot = None if counted.in_redis else counted.slot
            self._window(window).give_back(_now_ms(), tokens=-missing, slot=slot)
            if counted.in_redis:
                self._tell(Question(window, 0, missing, _UNLIMITED, slot=counted.slot))

    async def keep(self) -> None:
        """Bring a lost Redis back; run it under Supervisor.keep_running."""
        await self._troubled.wait()
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        if self._shared is None:
            return
        try:
            # Anything that is answered in time will do, so what is owed is what is asked.
            await self._shared.ask([_PROBE])
            while self._owed:
                await self._pay(self._shared)
        except Unanswered as error:
            self._trouble = str(error)
            return
        self._trouble = None
        self._troubled.clear()
        _DEGRADED.set(0)
        _log.info("rates are limited in Redis again")

    async def _pay(self, shared: SharedWindows) -> None:
        """Charge some of what was let through meanwhile; all of it stays owed if that fails."""
        some = dict(itertools.islice(self._owed.items(), MOST_AT_ONCE))
        await shared.ask(
            [
                Question(window, requests, tokens, _UNLIMITED)
                for window, (requests, tokens) in some.items()
            ]
        )
        for window, paid in some.items():
            now_owed = self._owed[window]
            left = (now_owed[0] - paid[0], now_owed[1] - paid[1])
            if left == (0, 0):
                del self._owed[window]
            else:
                self._owed[window] = left

    async def check(self) -> None:
        """For /health/ready. Raises DependencyDown while rates are limited in this process only.

        Without a Redis in the settings that is no fault, unless there are other gateways.
        """
        reason = self._trouble
        if self._shared is None and self._processes > 1:
            reason = "REDIS_URL is not set."
        if reason is not None:
            share = f"each of {self._processes} gateways allows its share of every limit"
            raise DependencyDown(f"Rates are limited in this process: {share}. {reason}")

    async def close(self) -> None:
        if self._shared is not None:
            await self._shared.close()

    def _lost(self, reason: str) -> None:
        if self._trouble is None:
            _log.warning("rates are limited in this process now", reason=reason)
        self._trouble = reason
        self._troubled.set()
        _DEGRADED.set(1)

    def _decide(self, window: str, limits: Limits, requests: int, tokens: int) -> Counted:
        share = limits
        if self._processes > 1:
            share = Limits(self._share(limits.requests), self._share(limits.tokens))
        # One reservation may be more than the share; it must not wait for ever.
        reserved = tokens if share.tokens is None else min(tokens, share.tokens)
        counted = self._window(window).ask(
            _now_ms(), requests=requests, tokens=reserved, limits=share
        )
        if counted.admitted and self._shared is not None:
            self._owe(window, requests, reserved)
        return counted

    def _share(self, limit: int | None) -> int | None:
        return None if limit is None else max(1, limit // self._processes)

    def _note(self, window: str, requests: int, tokens: int) -> None:
        self._window(window).ask(_now_ms(), requests=requests, tokens=tokens, limits=_UNLIMITED)

    def _tell(self, question: Question) -> None:
        if self._shared is None:
            return
        if self._trouble is None:
            self._shared.put(question, within_seconds=_CORRECTION_SECONDS)
        elif question.tokens > 0:
            self._owe(question.window, 0, question.tokens)

    def _owe(self, window: str, requests: int, tokens: int) -> None:
        before = self._owed.get(window, (0, 0))
        self._owed[window] = (before[0] + requests, before[1] + tokens)

    def _window(self, name: str) -> Window:
        found = self._own.get(name)
        if found is None:
            if len(self._own) >= _MOST_WINDOWS:
                now = _now_ms()
                self._own = {n: w for n, w in self._own.items() if not w.is_empty(now)}
            found = self._own[name] = Window(**self._measure)
        return found


def _now_ms() -> float:
    return time.monotonic() * 1000
