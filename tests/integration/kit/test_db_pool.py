"""Lending database connections: how many, which, and what becomes of those that come back odd."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.kit.db_pool import Connection, ConnectionPool


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator[ConnectionPool]:
    async def connect() -> Connection:
        return await asyncpg.connect(empty_database_url)

    opened = ConnectionPool(connect, size=2, idle_seconds=0.2)
    yield opened
    opened.close()


class TestTake:
    async def test_the_last_used_is_lent_first(self, pool: ConnectionPool) -> None:
        first, second = await pool.take(), await pool.take()
        pool.give_back(second)
        pool.give_back(first)
        assert await pool.take() is first
        assert await pool.take() is second

    async def test_nobody_gets_more_than_there_are(self, pool: ConnectionPool) -> None:
        first, _second = await pool.take(), await pool.take()
        third = asyncio.ensure_future(pool.take())
        await asyncio.sleep(0)
        assert not third.done()
        pool.give_back(first)
        assert await third is first

    async def test_one_that_stops_waiting_takes_nothing(self, pool: ConnectionPool) -> None:
        first, _second = await pool.take(), await pool.take()
        gone, stays = asyncio.ensure_future(pool.take()), asyncio.ensure_future(pool.take())
        await asyncio.sleep(0)
        gone.cancel()
        pool.give_back(first)
        assert await stays is first
        with pytest.raises(asyncio.CancelledError):
            await gone

    async def test_waiting_ends(
        self, pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.kit.db_pool._WAIT_SECONDS", 0.05)
        first, _second = await pool.take(), await pool.take()
        with pytest.raises(TimeoutError):
            await pool.take()
        pool.give_back(first)
        assert await pool.take() is first

    async def test_a_failed_connect_leaves_room(self) -> None:
        async def refused() -> Connection:
            raise ConnectionRefusedError

        pool = ConnectionPool(refused, size=1, idle_seconds=1)
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                await pool.take()


class TestGiveBack:
    async def test_one_that_has_ended_is_replaced(self, pool: ConnectionPool) -> None:
        first = await pool.take()
        ended = first.get_server_pid()
        await first.close()
        pool.give_back(first)
        again = await pool.take()
        assert again.get_server_pid() != ended

    async def test_one_that_ends_while_it_lies_there_is_replaced(
        self, pool: ConnectionPool
    ) -> None:
        first, second = await pool.take(), await pool.take()
        pool.give_back(first)
        await second.execute("SELECT pg_terminate_backend($1, 5000)", first.get_server_pid())
        async with asyncio.timeout(10):
            while not first.is_closed():  # noqa: ASYNC110 - the loop hears of it
                await asyncio.sleep(0.01)
        assert await pool.take() is not first

    async def test_an_open_transaction_is_not_handed_on(self, pool: ConnectionPool) -> None:
        first = await pool.take()
        await first.execute("CREATE TABLE things (id int)")
        await first.execute("BEGIN; INSERT INTO things VALUES (1)")
        pool.give_back(first)
        again = await pool.take()
        assert again is not first
        assert await again.fetchval("SELECT count(*) FROM things") == 0

    async def test_a_statement_that_was_cut_off_harms_nobody(self, pool: ConnectionPool) -> None:
        first = await pool.take()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await first.execute("SELECT pg_sleep(30)")
        pool.give_back(first)
        again = await pool.take()
        async with asyncio.timeout(10):
            assert await again.fetchval("SELECT 5") == 5


class TestIdle:
    async def test_what_nobody_uses_is_closed(self, pool: ConnectionPool) -> None:
        first, second = await pool.take(), await pool.take()
        pool.give_back(first)
        async with asyncio.timeout(10):
            while not first.is_closed():  # noqa: ASYNC110 - a timer closes it
                await asyncio.sleep(0.01)
        assert not second.is_closed()
        pool.give_back(second)
        assert await pool.take() is second


class TestClose:
    async def test_it_ends_those_that_are_lent_too(self, pool: ConnectionPool) -> None:
        lent, free = await pool.take(), await pool.take()
        pool.give_back(free)
        pool.close()
        async with asyncio.timeout(10):
            while not (lent.is_closed() and free.is_closed()):  # noqa: ASYNC110 - the loop hears
                await asyncio.sleep(0.01)
        pool.give_back(lent)
