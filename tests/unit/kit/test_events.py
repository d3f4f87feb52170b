"""Server-sent events: what is written can be read however it is cut, and sources are closed."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit import events as kit_events
from services.kit.errors import ProviderFailed
from services.kit.events import (
    DONE,
    HEARTBEAT,
    EventTooLong,
    ServerSentEvent,
    read_sse,
    sse_response,
    with_heartbeat,
)

LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"))
DATA = st.lists(LINE, min_size=1, max_size=4).map("\n".join)


async def chunked(content: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    places = sorted({min(cut, len(content)) for cut in cuts} | {0, len(content)})
    for start, end in itertools.pairwise(places):
        yield content[start:end]


async def read(content: bytes, cuts: list[int] | None = None) -> list[ServerSentEvent]:
    return [event async for event in read_sse(chunked(content, cuts or []))]


class TestReader:
    @given(st.lists(DATA, max_size=5), st.sampled_from(["\n", "\r\n"]), st.data())
    async def test_any_cutting_gives_the_same_events(
        self, given: list[str], end: str, data: st.DataObject
    ) -> None:
        text = "".join(
            f"id: {number}{end}"
            + "".join(f"data: {line}{end}" for line in one.split("\n"))
            + end
            + f": heartbeat{end}{end}"
            for number, one in enumerate(given)
        )
        content = text.encode()
        cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=20))
        expected = [ServerSentEvent(one, str(number)) for number, one in enumerate(given)]
        assert await read(content, cuts) == expected
        assert await read(content, list(range(len(content)))) == expected

    @given(st.lists(st.dictionaries(st.text(), st.text(), max_size=3), max_size=4), st.data())
    async def test_what_we_write_is_read_again(
        self, given: list[dict[str, str]], data: st.DataObject
    ) -> None:
        content = b"".join(
            ServerSentEvent(json.dumps(one, ensure_ascii=False), str(number)).encode()
            for number, one in enumerate(given)
        )
        cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=20))
        found = await read(content + HEARTBEAT + DONE, cuts)
        assert [json.loads(event.data) for event in found[:-1]] == given
        assert found[-1] == ServerSentEvent("[DONE]")

    @given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10))
    async def test_any_bytes_are_read_without_an_error(
        self, content: bytes, cuts: list[int]
    ) -> None:
        assert await read(content, cuts) == await read(content)

    @pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
    async def test_no_other_line_break_tears_a_line(self, character: str) -> None:
        content = f'data: {{"a":"x{character}y"}}\n\n'.encode()
        assert (await read(content))[0].data == f'{{"a":"x{character}y"}}'

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"data:x\n\n", ["x"]),
            (b"data:  x\n\n", [" x"]),
            (b"data\n\n", [""]),
            (b"data: a:b\n\n", ["a:b"]),
            (b"event: e\nretry: 5\nunknown: u\ndata: x\n\n", ["x"]),
            (b": comment only\n\n", []),
            (b"id: 5\n\ndata: x\n\n", ["x"]),
            (b"\n\n\n", []),
            (b"data: cut off", []),
            (b"data: cut off\n", []),
            (b"data: \xff\n\n", ["\ufffd"]),
        ],
    )
    async def test_lines(self, content: bytes, expected: list[str]) -> None:
        assert [event.data for event in await read(content)] == expected

    async def test_a_large_line_in_small_pieces(self) -> None:
        content = b"data: " + b"x" * 2_000_000 + b"\n\n"
        found = await read(content, list(range(0, len(content), 1000)))
        assert len(found[0].data) == 2_000_000

    @pytest.mark.parametrize(
        "piece", [b"x" * 1024, b"data: xxxxxxx\n" * 64, b"\n\ndata: " + b"x" * 9]
    )
    async def test_memory_is_bounded(self, monkeypatch: pytest.MonkeyPatch, piece: bytes) -> None:
        monkeypatch.setattr(kit_events, "_LONGEST_EVENT", 10_000)
        given = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal given
            while given < 1000 * len(piece):
                given += len(piece)
                yield piece

        if piece.startswith(b"\n"):  # many small events are no large one
            assert len([event async for event in read_sse(endless())]) == 999
            return
        with pytest.raises(EventTooLong) as raised:
            [event async for event in read_sse(endless())]
        assert isinstance(raised.value, ProviderFailed)
        assert given < 20_000


class Source:
    """Events that a test hands over one by one; knows whether it was closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = False
        self.waiting = asyncio.Event()

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                self.waiting.set()
                event = await self.queue.get()
                if event is None:
                    return
                yield event
        finally:
            await asyncio.sleep(0)  # closing a connection takes a turn
            self.closed = True


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class TestHeartbeat:
    async def test_it_fills_the_silence_and_loses_nothing(self) -> None:
        source = Source()
        stream = with_heartbeat(source.events(), seconds=0.01)
        assert await anext(stream) == HEARTBEAT
        assert await anext(stream) == HEARTBEAT
        await source.queue.put(b"one")
        await source.queue.put(None)
        rest = [event async for event in stream]
        assert [event for event in rest if event != HEARTBEAT] == [b"one"]
        assert source.closed

    async def test_what_is_there_together_comes_in_one_piece(self) -> None:
        source = Source()
        for event in (b"1", b"2", b"3", None):
            await source.queue.put(event)
        assert [e async for e in with_heartbeat(source.events(), seconds=5)] == [b"123"]

    async def test_a_slow_reader_holds_the_source_back(self) -> None:
        made = 0

        async def endless() -> AsyncGenerator[bytes, None]:
            nonlocal made
            while True:
                made += 1
                yield b"x" * 1024

        stream = with_heartbeat(endless(), seconds=5)
        first = await anext(stream)
        await asyncio.sleep(0.05)
        assert len(first) <= 64 * 1024
        assert made <= 2 * 64
        assert await anext(stream)
        await stream.aclose()

    async def test_an_error_of_the_source_reaches_the_reader(self) -> None:
        async def failing() -> AsyncIterator[bytes]:
            yield b"1"
            raise ZeroDivisionError

        stream = with_heartbeat(failing(), seconds=5)
        assert await anext(stream) == b"1"
        with pytest.raises(ZeroDivisionError):
            await anext(stream)

    @pytest.mark.parametrize("events_before", [0, 1])
    async def test_cancelling_the_reader_closes_the_source(self, events_before: int) -> None:
        source = Source()
        for _ in range(events_before):
            await source.queue.put(b"x")

        async def consume() -> None:
            async for _ in with_heartbeat(source.events(), seconds=0.01):
                pass

        task = asyncio.ensure_future(consume())
        await source.waiting.wait()
        await cancel(task)
        async with asyncio.timeout(5):
            while not source.closed:  # noqa: ASYNC110 - it closes in a task of its own
                await asyncio.sleep(0.005)

    async def test_closing_the_reader_closes_the_source(self) -> None:
        source = Source()
        await source.queue.put(b"x")
        stream = with_heartbeat(source.events(), seconds=5)
        await anext(stream)
        await stream.aclose()
        assert source.closed


class TestResponse:
    async def run(self, source: Source, *, block: bool) -> list[Any]:
        """Send the response to a client that takes the first piece and then stalls or leaves."""
        sent: list[Any] = []
        stalled = asyncio.Event()

        async def send(message: Any) -> None:
            sent.append(message)
            if message.get("body") and block:
                stalled.set()
                await asyncio.Event().wait()

        async def receive() -> Any:
            await asyncio.Event().wait()

        scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
        response = sse_response(source.events(), headers={"X-Task-Id": "1"})
        task = asyncio.ensure_future(response(scope, receive, send))
        if block:
            await stalled.wait()
            await cancel(task)
        else:
            await task
        return sent

    async def test_its_headers_and_body(self) -> None:
        source = Source()
        await source.queue.put(ServerSentEvent("{}", "7").encode())
        await source.queue.put(None)
        start, *bodies = await self.run(source, block=False)
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        assert headers["content-type"].startswith("text/event-stream")
        assert headers["cache-control"] == "no-cache"
        assert headers["x-accel-buffering"] == "no"
        assert headers["x-task-id"] == "1"
        assert b"".join(body["body"] for body in bodies) == b"id: 7\ndata: {}\n\n"

    async def test_a_client_that_leaves_while_a_piece_is_sent_closes_the_source(self) -> None:
        source = Source()
        await source.queue.put(b"data: x\n\n")
        await self.run(source, block=True)
        assert source.closed
