"""Pieces that are ready together, and those that have to be waited for."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from services.kit.errors import ProviderFailed
from services.llm_gateway.front.together import pass_on


class Written:
    def __init__(self) -> None:
        self.lists: list[list[int]] = []
        self.news = asyncio.Event()

    async def __call__(self, pieces: list[int]) -> None:
        await asyncio.sleep(0)  # a write may have to wait itself
        self.lists.append(pieces)
        self.news.set()


class TestPassOn:
    async def test_what_is_ready_together_is_written_together(self) -> None:
        async def source() -> AsyncGenerator[int, None]:
            yield 1
            yield 2
            await asyncio.sleep(0)
            yield 3
            gate.set_result(None)
            await asyncio.wait({gate})
            yield 4
            yield 5

        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written = Written()
        assert await pass_on(source(), written) == [4, 5]
        assert written.lists == [[1, 2], [3]]

    async def test_nothing_waits_for_what_comes_later(self) -> None:
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def source() -> AsyncGenerator[int, None]:
            yield 1
            await gate
            yield 2

        written = Written()
        passing = asyncio.ensure_future(pass_on(source(), written))
        await written.news.wait()
        assert written.lists == [[1]]
        gate.set_result(None)
        assert await passing == [2]
        assert written.lists == [[1]]

    async def test_a_source_that_never_waits_is_written_in_parts(self) -> None:
        async def source() -> AsyncGenerator[int, None]:
            for number in range(450):
                yield number

        written = Written()
        assert len(await pass_on(source(), written)) == 50
        assert [len(part) for part in written.lists] == [200, 200]

    async def test_an_empty_source(self) -> None:
        async def source() -> AsyncGenerator[int, None]:
            for number in ():
                yield number

        written = Written()
        assert await pass_on(source(), written) == []
        assert written.lists == []

    async def test_what_was_taken_before_goes_first(self) -> None:
        async def source() -> AsyncGenerator[int, None]:
            yield 2
            await asyncio.sleep(0)
            yield 3

        written = Written()
        assert await pass_on(source(), written, first=[1]) == [3]
        assert written.lists == [[1, 2]]

    @pytest.mark.parametrize("waits", [False, True])
    async def test_what_came_before_a_failure_is_written(self, *, waits: bool) -> None:
        async def source() -> AsyncGenerator[int, None]:
            yield 1
            if waits:
                await asyncio.sleep(0)
            raise ProviderFailed("It broke.")

        written = Written()
        with pytest.raises(ProviderFailed):
            await pass_on(source(), written)
        assert written.lists == [[1]]

    async def test_a_cancellation_reaches_the_source_where_it_waits(self) -> None:
        ended: list[str] = []

        async def source() -> AsyncGenerator[int, None]:
            try:
                yield 1
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise
            finally:
                await asyncio.sleep(0)  # as a connection's close may
                ended.append("closed")

        written = Written()

        async def work() -> None:
            async with aclosing(source()) as pieces:
                await pass_on(pieces, written)

        working = asyncio.ensure_future(work())
        await written.news.wait()
        await asyncio.sleep(0)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        assert ended == ["cancelled", "closed"]

    async def test_a_write_that_fails_ends_the_source(self) -> None:
        ended: list[str] = []

        async def source() -> AsyncGenerator[int, None]:
            try:
                yield 1
                await asyncio.Event().wait()
            finally:
                ended.append("closed")

        async def write(_pieces: list[int]) -> None:
            raise ConnectionResetError

        async with aclosing(source()) as pieces:
            with pytest.raises(ConnectionResetError):
                await pass_on(pieces, write)
        assert ended == ["closed"]
