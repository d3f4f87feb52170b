"""Configuration: a change is seen at once, and when its notice is lost, by the poll."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from services.kit import following
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.supervision import Supervisor

CHANGE = "UPDATE platform_config SET value = $2 WHERE key = $1"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a cache has no event
            await asyncio.sleep(0.01)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def listening(other: Any) -> None:
    """Wait until the cache listens."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND state = 'idle'"
    async with asyncio.timeout(30):
        while not await other.fetchval(query):  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.01)


async def test_defaults_before_anything_is_known(database: Database) -> None:
    cache = ConfigCache(database)
    assert cache.get("nova.name") is None
    assert cache.get("nova.name", "x") == "x"
    await cache.refresh()
    assert cache.get("nova.name") == "Nova"
    assert cache.get("llm.ollama_url", "x") == "x"  # null is unset
    assert cache.get("unknown", 5) == 5
    assert cache.get("llm.intelligent_routing", True) is False


async def test_a_notice_is_enough(
    database: Database, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 300.0)
    cache = ConfigCache(database)
    async with Supervisor() as supervisor:
        supervisor.keep_running(cache.follow, name="follow")
        await until(lambda: cache.get("nova.name") == "Nova")
        for number in range(10):
            await other.execute(CHANGE, "nova.name", f'"N{number}"')
            await until(lambda number=number: cache.get("nova.name") == f"N{number}")


async def test_a_lost_notice_is_made_up_for_by_the_poll(
    database: Database, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.1)
    await other.execute(
        """
        CREATE OR REPLACE FUNCTION platform_config_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.version := nextval('platform_config_version'); RETURN NEW; END $$
        """
    )
    cache = ConfigCache(database)
    async with Supervisor() as supervisor:
        supervisor.keep_running(cache.follow, name="follow")
        await until(lambda: cache.get("nova.name") == "Nova")
        await other.execute(CHANGE, "nova.name", '"Stella"')
        await until(lambda: cache.get("nova.name") == "Stella")


async def test_of_two_changes_at_once_the_one_that_commits_last_is_seen(
    database: Database, database_url: str, other: Any
) -> None:
    cache = ConfigCache(database)
    second = await asyncpg.connect(database_url)
    begun = other.transaction()
    await begun.start()
    await other.execute(CHANGE, "nova.name", '"Early"')  # takes the lower version
    await second.execute(CHANGE, "nova.persona", '"Late"')
    await second.close()
    await cache.refresh()
    assert (cache.get("nova.name"), cache.get("nova.persona")) == ("Nova", "Late")
    await begun.commit()
    await cache.refresh()
    assert cache.get("nova.name") == "Early"


async def test_a_lost_connection_is_made_anew(
    database: Database, other: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.2)
    cache = ConfigCache(database)
    async with Supervisor() as supervisor:
        supervisor.keep_running(cache.follow, name="follow")
        await until(lambda: cache.get("nova.name") == "Nova")
        await listening(other)
        await other.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
        await other.execute(CHANGE, "nova.name", '"Stella"')
        await until(lambda: cache.get("nova.name") == "Stella")


async def test_nothing_is_read_while_nothing_changes(database: Database) -> None:
    cache = ConfigCache(database)
    await cache.refresh()
    known = cache._values
    await cache.refresh()
    assert cache._values is known
