"""A client of one task's event stream whose connection is cut at random bytes, as networks do."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import h11

_AWAY = (OSError, h11.RemoteProtocolError, asyncio.IncompleteReadError, asyncio.TimeoutError)
_NEVER = 10**12
# More than the heartbeat of 15 s: a connection on which nothing comes for that long is dead.
_SILENT_SECONDS = 25.0
_TERMINAL = {"complete", "failed", "cancelled"}


@dataclass
class Reading:
    """What the client has put together: rewinds applied, everything else as it came."""

    events: dict[int, str] = field(default_factory=dict[int, str])
    pieces: dict[int, str] = field(default_factory=dict[int, str])
    wrong: list[str] = field(default_factory=list[str])
    last_id: int | None = None
    connections: int = 0
    done: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces[key] for key in sorted(self.pieces))

    @property
    def parsed(self) -> list[dict[str, Any]]:
        return [json.loads(self.events[key]) for key in sorted(self.events)]

    def take(self, number: int, data: str) -> None:
        if self.last_id is not None and number <= self.last_id:
            self.wrong.append(f"event {number} came after event {self.last_id}")
        self.last_id = number
        self.events[number] = data
        content = json.loads(data)
        if "delta" in content:
            self.pieces[number] = content["delta"]
        elif content["type"] == "rewind":
            self.pieces = {key: text for key, text in self.pieces.items() if key <= content["to"]}

    def compare(self, number: int, data: str) -> None:
        """An event that another connection was given, of the same client."""
        # Equal as JSON: PostgreSQL keeps an object's names in an order of its own.
        if json.loads(self.events.get(number, data)) != json.loads(data):
            self.wrong.append(f"event {number} came twice with different content")

    @property
    def ended(self) -> bool:
        return any(e.get("type") == "status" and e["status"] in _TERMINAL for e in self.parsed)


@dataclass(frozen=True)
class Source:
    """Where a stream is read: the request that starts it (or None), and the one that resumes it."""

    base: str
    headers: dict[str, str]
    start: tuple[str, bytes] | None
    resume: str | None = None


async def read(
    source: Source, *, cuts: random.Random | None, seconds: float = 120.0, most_cuts: int = 25
) -> Reading:
    """Read to the end, over connections that break off after a random number of bytes."""
    reading = Reading()
    path = source.resume
    async with asyncio.timeout(seconds):
        while not reading.done:
            cut = cuts is not None and reading.connections < most_cuts
            budget = _bytes_until_cut(cuts) if cut and cuts is not None else _NEVER
            request = _request(source, path, reading.last_id, cuts)
            ghost = None
            if cuts is not None and path is not None and cuts.random() < 0.1:
                # The connection that the client has given up lingers on.
                ghost = asyncio.ensure_future(
                    _quietly(source, request, cuts.randint(1, 3_000), reading.compare)
                )
            reading.connections += 1
            found = _Found()
            with suppress(*_AWAY):
                await _connect(source, request, budget, _Sink(reading.take, found))
            path, reading.done = path or found.path, found.done
            if ghost is not None:
                await ghost
            if not reading.done:
                await asyncio.sleep(0.02)
    return reading


@dataclass
class _Found:
    """What a connection has told besides events: where to resume, and that the stream has ended."""

    path: str | None = None
    done: bool = False


@dataclass(frozen=True)
class _Sink:
    take: Callable[[int, str], None]
    found: _Found


def _bytes_until_cut(cuts: random.Random) -> int:
    # Often within the head or the first frames, sometimes far into the text.
    return cuts.choice([cuts.randint(0, 200), cuts.randint(200, 1_500), cuts.randint(500, 8_000)])


def _request(
    source: Source, path: str | None, last_id: int | None, cuts: random.Random | None
) -> tuple[h11.Request, bytes]:
    headers = {"Host": urlsplit(source.base).netloc, **source.headers}
    if path is None:
        if source.start is None:
            raise ValueError("nothing says where the stream is")
        target, body = source.start
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return h11.Request(method="POST", target=target, headers=list(headers.items())), body
    if last_id is not None:
        if cuts is not None and cuts.random() < 0.3:
            path = f"{path}?after={last_id}"
        else:
            headers["Last-Event-ID"] = str(last_id)
    return h11.Request(method="GET", target=path, headers=list(headers.items())), b""


async def _quietly(
    source: Source,
    request: tuple[h11.Request, bytes],
    budget: int,
    take: Callable[[int, str], None],
) -> None:
    with suppress(*_AWAY):
        async with asyncio.timeout(2):
            await _connect(source, request, budget, _Sink(take, _Found()))


async def _connect(
    source: Source,
    request: tuple[h11.Request, bytes],
    budget: int,
    sink: _Sink,
) -> None:
    """One connection, broken off after `budget` bytes from the server. Raises what a cut raises."""
    address = urlsplit(source.base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        wire = h11.Connection(h11.CLIENT)
        head, body = request
        writer.write(wire.send(head) or b"")
        if body:
            writer.write(wire.send(h11.Data(data=body)) or b"")
        writer.write(wire.send(h11.EndOfMessage()) or b"")
        await _receive(reader, wire, budget, sink)
    finally:
        writer.transport.abort()


async def _receive(
    reader: asyncio.StreamReader, wire: h11.Connection, budget: int, sink: _Sink
) -> None:
    frames = _Frames(sink)
    while not sink.found.done:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            if budget <= 0:
                raise ConnectionResetError("cut")
            data = await asyncio.wait_for(reader.read(65_536), _SILENT_SECONDS)
            wire.receive_data(data[:budget])
            budget -= len(data)
        elif isinstance(event, h11.Response):
            _check_head(event, sink.found)
        elif isinstance(event, h11.Data):
            frames.feed(bytes(event.data))
        else:  # the end of the response, or of the connection
            return


def _check_head(head: h11.Response, found: _Found) -> None:
    if head.status_code in {502, 503}:
        raise ConnectionError(f"status {head.status_code}")
    if head.status_code != 200:
        raise AssertionError(f"status {head.status_code}")
    for name, value in head.headers:
        if name == b"x-task-id":
            found.path = f"/api/v1/tasks/{value.decode()}/events"


class _Frames:
    """Cuts bytes into events: only what a blank line has ended counts."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        self._buffer += data
        while b"\n\n" in self._buffer:
            frame, self._buffer = self._buffer.split(b"\n\n", 1)
            number, content = None, None
            for line in frame.split(b"\n"):
                if line.startswith(b"id: "):
                    number = int(line.removeprefix(b"id: "))
                elif line.startswith(b"data: "):
                    content = line.removeprefix(b"data: ").decode()
            if content == "[DONE]":
                self._sink.found.done = True
            elif content is not None and number is not None:
                self._sink.take(number, content)
