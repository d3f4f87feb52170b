"""A request on the hot path and its answer, whichever way the request came in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from starlette.types import Receive, Send

from services.kit.auth import Principal
from services.kit.events import HEARTBEAT, HEARTBEAT_SECONDS
from services.llm_gateway.calls.answer_headers import encoded
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
    """`headers` go with the answer, whatever becomes of it; `cache_control` is what the client sent."""

    __slots__ = (
        "_receive",
        "_send",
        "added",
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
        headers = [*_EVENTS, *self.headers, *self._added()]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(self, data: bytes) -> None:
        if not data:
            return
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": False})

    def _added(self) -> list[Header]:
        own = {name for name, _ in self.headers}
        return [header for header in encoded(self.added) if header[0] not in own]

    def add(self, headers: Iterable[tuple[str, str]]) -> None:
        """Headers for the answer, as text."""
        self.headers.extend((name.encode(), value.encode()) for name, value in headers)

    def with_patience(self) -> "Patience":
        """Begins the answer with heartbeats if what is done in its block takes long."""
        return Patience(self)

    def while_connected(self) -> "Watch":
        """Cancels what is done in its block when the client goes away, and then swallows that."""
        return Watch(self._receive)


class Watch:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._watching: asyncio.Future[None] | None = None
        self._left = False

    def __enter__(self) -> Self:
        self._working: asyncio.Task[Any] | None = asyncio.current_task()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_WATCH_AFTER_SECONDS, self._begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        if not self._left:
            return False
        if self._working is not None:
            self._working.uncancel()
        return isinstance(error, asyncio.CancelledError)

    def _begin(self) -> None:
        self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue
        if self._working is not None and not self._working.done():
            self._left = True
            self._working.cancel()


class Patience:
    """A client, or a proxy before it, takes silence for the end after some 60 s."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._beating: asyncio.Future[None] | None = None

    async def __aenter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(FIRST_PIECE_SECONDS, self._begin)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait({self._beating})

    def _begin(self) -> None:
        self._beating = asyncio.ensure_future(self._beat())

    async def _beat(self) -> None:
        await self._exchange.begin_events()
        while True:
            await self._exchange.write(HEARTBEAT)
            await asyncio.sleep(HEARTBEAT_SECONDS)


Handler = Callable[[Exchange], Awaitable[None]]
"""Answers a request. Raises NovaError as long as nothing was sent."""
