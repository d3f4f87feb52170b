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
_LONGEST_EVENT = 16 * 1024 * 1024


class EventTooLong(ProviderFailed, ValueError):
    """A peer sends an event that would not fit into memory."""

    code = "event_too_long"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; `data` is JSON text without line breaks, or "[DONE]"."""

    data: str
    id: str | None = None

    def encode(self) -> bytes:
        head = "" if self.id is None else f"id: {self.id}\n"
        return f"{head}data: {self.data}\n\n".encode()


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
    """Pass the events on, and a comment line whenever `seconds` go by without one."""
    iterator = aiter(events)
    upcoming: asyncio.Future[bytes] | None = None
    try:
        while True:
            if upcoming is None:
                upcoming = asyncio.ensure_future(_advance(iterator))
            done, _ = await asyncio.wait({upcoming}, timeout=seconds)
            if not done:
                yield HEARTBEAT
                continue
            finished, upcoming = upcoming, None
            try:
                event = finished.result()
            except StopAsyncIteration:
                return
            yield event
    finally:
        # Starlette's task group cancels again at every await, and awaiting a task passes that on:
        # in a task of its own the source can close its connection undisturbed.
        closing = asyncio.ensure_future(_close(iterator, upcoming))
        _CLOSING.add(closing)
        closing.add_done_callback(_CLOSING.discard)
        await asyncio.shield(closing)


async def _close(iterator: AsyncIterator[bytes], upcoming: asyncio.Future[bytes] | None) -> None:
    if upcoming is not None:
        upcoming.cancel()
        await asyncio.wait({upcoming})
        if not upcoming.cancelled():
            upcoming.exception()  # nobody is left to be told of it
    if isinstance(iterator, AsyncGenerator):
        await iterator.aclose()


async def _advance(iterator: AsyncIterator[bytes]) -> bytes:
    return await anext(iterator)


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
