"""Keeps connections busy, each with one request after the other, and measures them.

`python -m tests.bench.gateway.load URL CONNECTIONS SECONDS plain|stream [header …]` prints JSON. The
requests are bytes that are made once; of an answer only its head, its length and its end are read.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import orjson
import uvloop

from tests.bench.gateway.upstream import MODEL

_END_OF_CHUNKS = b"0\r\n\r\n"


def request_bytes(url: str, *, stream: bool, headers: list[str]) -> bytes:
    parts = urlsplit(url)
    text = "Say something short about the weather in Paris. " * 4
    body: dict[str, object] = {"model": MODEL, "messages": [{"role": "user", "content": text}]}
    if stream:
        body["stream"] = True
    data = orjson.dumps(body)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"host: {parts.netloc}",
        "content-type: application/json",
        f"content-length: {len(data)}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


@dataclass
class Tally:
    """`first` and `whole` are seconds from a request to its answer's first data and to its end."""

    until: float
    done: int = 0
    failed: int = 0
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    example: bytes = b""


class Asking(asyncio.Protocol):
    def __init__(self, request: bytes, tally: Tally, ended: asyncio.Future[None]) -> None:
        self._request = request
        self._tally = tally
        self._ended = ended
        self._start()

    def _start(self) -> None:
        self._head = b""
        self._left = -1  # bytes of a body with a length; -1: not known yet, -2: in chunks
        self._tail = b""
        self._first = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._begun = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._left == -1:
            data = self._read_head(data)
            if self._left == -1:
                return
        if data and not self._first:
            self._first = time.perf_counter()
        if self._left == -2:
            self._tail = (self._tail + data)[-5:]
            if self._tail == _END_OF_CHUNKS:
                self._finished()
        else:
            self._left -= len(data)
            if self._left <= 0:
                self._finished()

    def _read_head(self, data: bytes) -> bytes:
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return b""
        head, rest = self._head[:end].lower(), self._head[end + 4 :]
        place = head.find(b"content-length:")
        self._left = -2 if place < 0 else int(head[place + 15 :].split(b"\r\n", 1)[0])
        if not head.startswith(b"http/1.1 200"):
            self._tally.failed += 1
            self._tally.example = self._head[:500]
        return rest

    def _finished(self) -> None:
        now = time.perf_counter()
        tally = self._tally
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
    url: str, *, connections: int, seconds: float, request: bytes
) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    parts = urlsplit(url)
    begun = time.perf_counter()
    tally = Tally(begun + seconds)
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        ended: asyncio.Future[None] = loop.create_future()
        ends.append(ended)
        await loop.create_connection(
            lambda ended=ended: Asking(request, tally, ended), parts.hostname, parts.port
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
    request = request_bytes(url, stream=kind == "stream", headers=headers)
    found = uvloop.run(
        measure(url, connections=int(connections), seconds=float(seconds), request=request)
    )
    sys.stdout.write(orjson.dumps(found).decode() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
