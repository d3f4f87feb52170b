"""Single flight: one call for many, whoever of them leaves."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest

from services.llm_gateway.cache.flights import Flights
from services.llm_gateway.errors import UpstreamError


class Upstream:
    """A call whose pieces come when they are told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.closed = 0
        self.kept: list[list[bytes]] = []
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()

    def give(self, *pieces: bytes | Exception | None) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)

    async def work(self) -> AsyncGenerator[bytes, None]:
        self.calls += 1
        try:
            while (piece := await self._pieces.get()) is not None:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.closed += 1

    async def keep(self, pieces: list[bytes]) -> None:
        self.kept.append(list(pieces))


@pytest.fixture
async def flights() -> AsyncIterator[Flights]:
    found = Flights()
    yield found
    await found.stop()


def ask(flights: Flights, upstream: Upstream, key: str = "k") -> AsyncGenerator[bytes, None]:
    return flights.share(key, upstream.work, then=upstream.keep)


async def whole(pieces: AsyncGenerator[bytes, None]) -> list[bytes]:
    return [piece async for piece in pieces]


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until the condition holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the loop's turn
            await asyncio.sleep(0)


class TestShare:
    async def test_many_at_once_are_one_call(self, flights: Flights) -> None:
        upstream = Upstream()
        asking = [asyncio.ensure_future(whole(ask(flights, upstream))) for _ in range(50)]
        await until(lambda: upstream.calls)
        upstream.give(b"a", b"b", None)
        assert await asyncio.gather(*asking) == [[b"a", b"b"]] * 50
        assert (upstream.calls, upstream.closed) == (1, 1)
        await until(lambda: not flights.is_running("k"))
        assert upstream.kept == [[b"a", b"b"]]

    async def test_other_keys_are_other_calls_and_so_is_the_next_one(
        self, flights: Flights
    ) -> None:
        upstream = Upstream()
        upstream.give(None, None, None)
        await asyncio.gather(whole(ask(flights, upstream)), whole(ask(flights, upstream, "l")))
        await until(lambda: not flights.is_running("k"))
        await whole(ask(flights, upstream))
        assert upstream.calls == 3

    async def test_pieces_come_live_and_late_comers_get_the_first_ones_too(
        self, flights: Flights
    ) -> None:
        upstream = Upstream()
        first = ask(flights, upstream)
        upstream.give(b"a")
        assert await anext(first) == b"a"
        second = ask(flights, upstream)
        assert await anext(second) == b"a"
        upstream.give(b"b")
        assert (await anext(second), await anext(first)) == (b"b", b"b")
        upstream.give(None)
        assert (await whole(first), await whole(second)) == ([], [])

    async def test_the_one_that_began_may_leave(self, flights: Flights) -> None:
        upstream = Upstream()
        first, second = ask(flights, upstream), ask(flights, upstream)
        upstream.give(b"a")
        assert (await anext(first), await anext(second)) == (b"a", b"a")
        await first.aclose()
        upstream.give(b"b", None)
        assert await whole(second) == [b"b"]
        assert upstream.calls == 1

    async def test_the_call_ends_when_all_have_left_and_nothing_is_kept(
        self, flights: Flights
    ) -> None:
        upstream = Upstream()
        asking = [asyncio.ensure_future(whole(ask(flights, upstream))) for _ in range(3)]
        await until(lambda: upstream.calls)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await until(lambda: upstream.closed)
        assert not flights.is_running("k")
        upstream.give(b"x", None)
        assert await whole(ask(flights, upstream)) == [b"x"]
        await until(lambda: not flights.is_running("k"))
        assert (upstream.calls, upstream.kept) == (2, [[b"x"]])

    async def test_a_failure_is_everybodys_and_is_not_kept(self, flights: Flights) -> None:
        upstream = Upstream()
        asking = [asyncio.ensure_future(whole(ask(flights, upstream))) for _ in range(3)]
        await until(lambda: upstream.calls)
        upstream.give(b"a", UpstreamError("openai", 429, "slow down", retry_after=3))
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert [getattr(error, "provider_status", None) for error in found] == [429] * 3
        assert not flights.is_running("k")
        assert upstream.kept == []

    async def test_bugs_reach_the_readers_too(self, flights: Flights) -> None:
        upstream = Upstream()
        upstream.give(KeyError("bug"))
        with pytest.raises(KeyError):
            await whole(ask(flights, upstream))

    async def test_nobody_reads_so_upstream_is_not_read_ahead_without_end(
        self, flights: Flights
    ) -> None:
        upstream = Upstream()
        upstream.give(*[b"x" * 100_000] * 200, None)
        reading = ask(flights, upstream)
        await anext(reading)
        before = -1
        while before != (left := upstream._pieces.qsize()):
            before = left
            for _ in range(20):
                await asyncio.sleep(0)
        assert left > 150
        assert len(await whole(reading)) == 199

    async def test_one_that_lags_far_behind_is_given_up_alone(self, flights: Flights) -> None:
        upstream = Upstream()
        upstream.give(*[b"x" * 1_000_000] * 20, None)
        slow, fast = ask(flights, upstream), ask(flights, upstream)
        await anext(slow)
        assert len(await whole(fast)) == 20
        with pytest.raises(UpstreamError, match="fast enough"):
            await whole(slow)

    async def test_stopping_tells_the_readers(self, flights: Flights) -> None:
        upstream = Upstream()
        reading = asyncio.ensure_future(whole(ask(flights, upstream)))
        await until(lambda: upstream.calls)
        await flights.stop()
        with pytest.raises(UpstreamError, match="stopping"):
            await reading
