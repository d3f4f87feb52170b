"""Server-sent events (WHATWG HTML, section 9.2): writing a response, reading a peer's."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from starlette.responses import StreamingResponse
from starlette.types import Send

from services.kit.errors import ProviderFailed

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": heartbeat\n\n"
DONE = b"data: [DONE]\n\n"
_CLOSING: set[asyncio.Future[None]] = set()
# No line ends of the standard's, but many a client's that splits lines as Unicode does.
_LINE_ENDS = {number: f"\\u{number:04x}" for number in (0x85, 0x2028, 0x2029)}
_LONGEST_EVENT = 16 * 1024 * 1024
_AHEAD_BYTES = 64 * 1024


class EventTooLong(ProviderFailed, ValueError):
    """A peer sends an event that would not fit into memory."""

    code = "event_too_long"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; `data` is JSON text without line breaks, or "[DONE]"."""

    data: str
    id: str | None = None
    event: str | None = None

    def encode(self) -> bytes:
        head = "" if self.event is None else f"event: {self.event}\n"
        head += "" if self.id is None else f"id: {self.id}\n"
        # In JSON they stand in strings alone, where they may be escaped.
        data = self.data if self.data.isascii() else self.data.translate(_LINE_ENDS)
        return f"{head}data: {data}\n\n".encode()


def sse_response(
    events: AsyncIterable[bytes], *, headers: dict[str, str] | None = None
) -> StreamingResponse:
    """A streaming response of encoded events; a comment line keeps it alive every 15 s."""
    return _EventStream(
        with_heartbeat(events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no", **(headers or {})},
    )


class _EventStream(StreamingResponse):
    """Closes its events when it ends, however it ends: not when the collector comes round to it."""

    async def stream_response(self, send: Send) -> None:
        async with aclosing(cast("AsyncGenerator[bytes, None]", self.body_iterator)):
            await super().stream_response(send)


async def with_heartbeat(
    events: AsyncIterable[bytes], *, seconds: float = HEARTBEAT_SECONDS
) -> AsyncGenerator[bytes, None]:
    """Pass the events on, those that are there together in one piece, and a comment line whenever
    `seconds` go by without one. At most some 64 KiB are read ahead of a reader that is slow.
    """
    ahead = _ReadAhead(events)
    try:
        while piece := await ahead.take(seconds):
            yield piece
    finally:
        # Starlette's task group cancels again at every await, and awaiting a task passes that on:
        # in a task of its own the source can close its connection undisturbed.
        closing = asyncio.ensure_future(ahead.close())
        _CLOSING.add(closing)
        closing.add_done_callback(_CLOSING.discard)
        await asyncio.shield(closing)


class _ReadAhead:
    """Reads a source in a task of its own, so that one send carries all that has come meanwhile."""

    def __init__(self, events: AsyncIterable[bytes]) -> None:
        self._source: AsyncIterator[bytes] = aiter(events)
        self._pieces: list[bytes] = []
        self._size = 0
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._reading = asyncio.ensure_future(self._read())

    async def take(self, seconds: float) -> bytes:
        """What has come; a heartbeat if nothing has; b"" at the end. Raises what the source did."""
        while not self._pieces and not self._reading.done():
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return HEARTBEAT
        if not self._pieces:
            self._reading.result()
        pieces, self._pieces, self._size = self._pieces, [], 0
        self._room.set()
        return b"".join(pieces)

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.wait({self._reading})
        if not self._reading.cancelled():
            self._reading.exception()  # nobody is left to be told of it
        source = self._source
        if isinstance(source, AsyncGenerator):
            await source.aclose()

    async def _read(self) -> None:
        try:
            async for event in self._source:
                self._pieces.append(event)
                self._size += len(event)
                self._news.set()
                if self._size >= _AHEAD_BYTES:
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._news.set()


async def read_sse(chunks: AsyncIterable[bytes]) -> AsyncGenerator[ServerSentEvent, None]:
    """The events in a byte stream. Lines end at LF only (a CR before it is dropped): splitting at
    every Unicode line break, as str.splitlines does, would tear JSON that holds U+2028.

    Raises EventTooLong for an event of more than 16 MiB.
    """
    buffer = bytearray()
    data: list[str] = []
    size = 0
    event_id: str | None = None
    async for chunk in chunks:
        buffer += chunk
        if size + len(buffer) - len(chunk) > _LONGEST_EVENT:
            raise EventTooLong("An event of the stream is too long.")
        if b"\n" not in chunk:
            continue
        *lines, rest = bytes(buffer).split(b"\n")
        buffer = bytearray(rest)
        for raw in lines:
            line = raw.removesuffix(b"\r").decode(errors="replace")
            if not line:
                if data:
                    yield ServerSentEvent(data="\n".join(data), id=event_id)
                data, size, event_id = [], 0, None
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
                size += len(raw)
            elif field == "id":
                event_id = value
