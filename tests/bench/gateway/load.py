"""Keeps connections busy, each with one request after the other, and measures them.

`python -m tests.bench.gateway.load URL CONNECTIONS SECONDS plain|stream|engine [header …]` prints
JSON. It does what an ordinary client does: each request's JSON is made anew, each answer is parsed
(httptools), its JSON read, a stream's chunk by chunk. `engine` is Nova's own form, POST /stream.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import orjson
import uvloop

from tests.bench.gateway.upstream import MODEL

_TEXT = "Say something short about the weather in Paris. " * 4
_MESSAGES = [{"role": "user", "content": _TEXT}]
BODIES: dict[str, dict[str, Any]] = {
    "plain": {"model": MODEL, "messages": _MESSAGES},
    "stream": {"model": MODEL, "messages": _MESSAGES, "stream": True},
    "engine": {"model": "auto", "messages": _MESSAGES},
}


@dataclass
class Tally:
    """`first` and `whole` are seconds from a request to its answer's first data and to its end."""

    until: float
    done: int = 0
    failed: int = 0
    first: list[float] = field(default_factory=list[float])
    whole: list[float] = field(default_factory=list[float])
    example: bytes = b""


class Asking(asyncio.Protocol):
    """One connection."""

    def __init__(
        self, head: bytes, body: dict[str, Any], tally: Tally, ended: asyncio.Future[None]
    ) -> None:
        self._head = head
        self._body = body
        self._tally = tally
        self._ended = ended
        self._is_stream = False
        self._start()

    def _start(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._content = b""
        self._first = 0.0
        self._is_stream = self._is_done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._begun = time.perf_counter()
        data = orjson.dumps(self._body)
        self._transport.write(b"%bcontent-length: %d\r\n\r\n%b" % (self._head, len(data), data))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._is_stream = value.startswith(b"text/event-stream")

    def on_body(self, data: bytes) -> None:
        if not self._first:
            self._first = time.perf_counter()
        self._content += data
        if self._is_stream:
            *events, self._content = self._content.split(b"\n\n")
            for event in events:
                self._read_event(event)

    def _read_event(self, event: bytes) -> None:
        data = event.removeprefix(b"data: ")
        if data == b"[DONE]":
            self._is_done = True
        elif not event.startswith(b":"):
            orjson.loads(data)

    def on_message_complete(self) -> None:
        now, tally = time.perf_counter(), self._tally
        status = self._parser.get_status_code()
        if not self._is_stream:
            self._is_done = "choices" in orjson.loads(self._content)
        if status != 200 or not self._is_done:
            tally.failed += 1
            tally.example = b"%d %b" % (status, self._content[:500])
        if now > tally.until:
            self._close()
            return
        tally.done += 1
        tally.first.append(self._first - self._begun)
        tally.whole.append(now - self._begun)
        self._start()
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._tally.failed += 1
            self._ended.set_result(None)

    def _close(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)
        self._transport.close()


async def measure(
    url: str, *, connections: int, seconds: float, kind: str, headers: list[str]
) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        *headers,
    ]
    head = "\r\n".join(lines).encode() + b"\r\n"
    tally = Tally(time.perf_counter() + seconds)
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        ended: asyncio.Future[None] = loop.create_future()
        ends.append(ended)
        await loop.create_connection(
            lambda ended=ended: Asking(head, BODIES[kind], tally, ended),
            parts.hostname or "",
            parts.port or 80,
        )
    await asyncio.wait(ends, timeout=seconds + 30)
    tally.first.sort()
    tally.whole.sort()
    middle = len(tally.first) // 2
    return {
        "per_second": tally.done / seconds,
        "done": tally.done,
        "failed": tally.failed,
        "example": tally.example.decode(errors="replace"),
        "first_ms": tally.first[middle] * 1000 if tally.first else None,
        "first_p99_ms": tally.first[int(len(tally.first) * 0.99)] * 1000 if tally.first else None,
        "whole_ms": tally.whole[middle] * 1000 if tally.whole else None,
    }


def main(arguments: list[str]) -> None:
    url, connections, seconds, kind, *headers = arguments
    found = uvloop.run(
        measure(
            url, connections=int(connections), seconds=float(seconds), kind=kind, headers=headers
        )
    )
    sys.stdout.write(orjson.dumps(found).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
