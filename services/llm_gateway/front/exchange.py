"""A request on the hot path and its answer, whichever way the request came in."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from starlette.types import Receive, Send

from services.kit.auth import Principal
from services.kit.events import HEARTBEAT, HEARTBEAT_SECONDS
from services.llm_gateway.calls.answer_headers import encoded
from services.llm_gateway.calls.ticking import Ticker
from services.llm_gateway.completions.disconnection import FIRST_PIECE_SECONDS
from services.llm_gateway.deps import State

Header = tuple[bytes, bytes]

_JSON = (b"content-type", b"application/json")
_EVENTS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
)
# Most plain answers are there before; only for a slow one it pays to look whether its client is.
_WATCH_AFTER_SECONDS = 0.05


class Exchange:
    """`headers` go with the answer, whatever becomes of it; `cache_control` is what the client sent.

    `beat_at` is when a heartbeat is due, on the monotonic clock.
    """

    __slots__ = (
        "_beating",
        "_receive",
        "_send",
        "added",
        "beat_at",
        "body",
        "cache_control",
        "headers",
        "principal",
        "started_at",
        "state",
    )

    def __init__(
        self,
        state: State,
        principal: Principal,
        body: bytes,
        *,
        receive: Receive,
        send: Send,
        headers: Sequence[Header] = (),
        cache_control: str = "",
        added: Mapping[str, str] | None = None,
    ) -> None:
        self.added: Mapping[str, str] = {} if added is None else added
        self.cache_control = cache_control
        self.state = state
        self.principal = principal
        self.body = body
        self.headers = list(headers)
        self.started_at = 0.0
        self.beat_at = math.inf
        self._beating: asyncio.Future[None] | None = None
        self._receive = receive
        self._send = send

    @property
    def started(self) -> bool:
        return self.started_at > 0

    async def answer(self, content: bytes) -> None:
        """Send a whole JSON answer."""
        headers = [_JSON, (b"content-length", b"%d" % len(content)), *self.headers, *self._added()]
        self.started_at = time.perf_counter()
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": content, "more_body": False})

    async def begin_events(self) -> None:
        """Begin a stream of events, unless it has begun."""
        if self.started:
            return
        self.started_at = time.perf_counter()
        self.beat_at = time.monotonic() + HEARTBEAT_SECONDS
        headers = [*_EVENTS, *self.headers, *self._added()]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(self, data: bytes) -> None:
        """Send whole events."""
        if not data:
            return
        if self._beating is not None:
            await self.end_beat()
        self.beat_at = time.monotonic() + HEARTBEAT_SECONDS
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        self.beat_at = math.inf
        if self._beating is not None:
            await self.end_beat()
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    def beat(self) -> None:
        """Send a heartbeat: a client, or a proxy before it, takes silence for the end after a minute."""
        if self._beating is None or self._beating.done():
            self._beating = asyncio.ensure_future(self._beat())

    async def end_beat(self) -> None:
        """Wait for the heartbeat that is under way, so that what comes next is sent behind it."""
        beating, self._beating = self._beating, None
        if beating is not None:
            await beating

    def drop_beat(self) -> None:
        """No heartbeat is sent from here on."""
        self.beat_at = math.inf
        if self._beating is not None:
            self._beating.cancel()

    async def _beat(self) -> None:
        await self.begin_events()
        self.beat_at = time.monotonic() + HEARTBEAT_SECONDS
        await self._send({"type": "http.response.body", "body": HEARTBEAT, "more_body": True})

    def _added(self) -> list[Header]:
        if not self.added:
            return []
        own = {name for name, _ in self.headers}
        return [header for header in encoded(self.added) if header[0] not in own]

    def add(self, headers: Iterable[tuple[str, str]]) -> None:
        """Headers for the answer, as text."""
        self.headers.extend((name.encode(), value.encode()) for name, value in headers)

    def with_patience(self) -> "Patience":
        """Begins the answer with heartbeats if what is done in its block takes long."""
        return Patience(self)

    def while_connected(self) -> "Watch":
        """Cancels what is done in its block when the client goes away, and then swallows that.

        In it heartbeats are sent when they are due.
        """
        return Watch(self, self._receive, self.state.ticker)


class Watch:
    """Looks after a request that lasts."""

    __slots__ = ("_exchange", "_left", "_receive", "_since", "_ticker", "_watching", "_working")

    def __init__(self, exchange: Exchange, receive: Receive, ticker: Ticker) -> None:
        self._exchange = exchange
        self._receive = receive
        self._ticker = ticker
        self._watching: asyncio.Future[None] | None = None
        self._left = False

    def __enter__(self) -> Self:
        self._working: asyncio.Task[Any] | None = asyncio.current_task()
        self._since = time.monotonic()
        self._ticker.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._ticker.discard(self)
        self._exchange.drop_beat()
        if self._watching is not None:
            self._watching.cancel()
        if not self._left:
            return False
        if self._working is not None:
            self._working.uncancel()
        return isinstance(error, asyncio.CancelledError)

    def look(self, now: float) -> None:
        if now >= self._exchange.beat_at:
            self._exchange.beat()
        if self._watching is None and now - self._since >= _WATCH_AFTER_SECONDS:
            self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
        if self._working is not None and not self._working.done():
            self._left = True
            self._working.cancel()


class Patience:
    """Longer than llm-translate takes to start, the client does not wait without a sign."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def __aenter__(self) -> None:
        self._exchange.beat_at = time.monotonic() + FIRST_PIECE_SECONDS

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._exchange.drop_beat()
        else:
            self._exchange.beat_at = math.inf
            await self._exchange.end_beat()


Handler = Callable[[Exchange], Awaitable[None]]
"""Answers a request. Raises NovaError as long as nothing was sent."""
