"""Daily quotas of providers, counted in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.llm_gateway.errors import QuotaExceeded
from services.llm_gateway.limits.admission.quotas import DAILY_REQUESTS, Quotas

SET = "UPDATE platform_config SET value = $1 WHERE key = 'limits.provider_daily_requests'"
DAY_SECONDS = 86_400


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


async def quotas_with(database: Database, overrides: dict[str, Any]) -> tuple[Quotas, ConfigCache]:
    config = ConfigCache(database)
    await configure(database, config, overrides)
    return Quotas(database, config), config


async def configure(database: Database, config: ConfigCache, overrides: dict[str, Any]) -> None:
    async with database.connection() as connection:
        await connection.execute(SET, overrides)
    await config.refresh()


async def taken(quotas: Quotas, slug: str, times: int) -> int:
    found = await asyncio.gather(*(quotas.take(slug) for _ in range(times)), return_exceptions=True)
    assert all(each is None or isinstance(each, QuotaExceeded) for each in found)
    return sum(each is None for each in found)


class TestTake:
    async def test_never_more_than_the_quota_from_two_gateways(self, database: Database) -> None:
        one, _ = await quotas_with(database, {"groq": 20})
        other, _ = await quotas_with(database, {"groq": 20})
        assert sum(await asyncio.gather(taken(one, "groq", 30), taken(other, "groq", 30))) == 20
        assert await one.used_today() == {"groq": 20}

    async def test_the_refusal_says_when_the_day_ends(self, database: Database) -> None:
        quotas, _ = await quotas_with(database, {"gemini": 0})
        assert quotas.seconds_left("gemini") is None
        with pytest.raises(QuotaExceeded) as refused:
            await quotas.take("gemini")
        assert refused.value.retry_after is not None
        assert 0 < refused.value.retry_after <= DAY_SECONDS
        # Known from now on, so that `auto` passes it over without asking.
        left = quotas.seconds_left("gemini")
        assert left is not None
        assert left <= refused.value.retry_after

    async def test_a_new_number_holds_at_once(self, database: Database) -> None:
        quotas, config = await quotas_with(database, {"groq": 1})
        assert await taken(quotas, "groq", 2) == 1
        await configure(database, config, {"groq": 3})
        assert quotas.seconds_left("groq") is None
        assert await taken(quotas, "groq", 5) == 2
        await configure(database, config, {"groq": None})
        assert quotas.limit_of("groq") is None
        assert await taken(quotas, "groq", 5) == 5

    async def test_yesterdays_calls_do_not_count(self, database: Database) -> None:
        quotas, _ = await quotas_with(database, {"groq": 2})
        async with database.connection() as connection:
            await connection.execute(
                "INSERT INTO provider_days VALUES ('groq', (now() AT TIME ZONE 'UTC')::date - 1, 2)"
            )
        assert await taken(quotas, "groq", 3) == 2

    async def test_what_never_arrived_is_given_back(self, database: Database) -> None:
        quotas, _ = await quotas_with(database, {"groq": 1})
        assert await taken(quotas, "groq", 2) == 1
        await quotas.give_back("groq")
        assert await taken(quotas, "groq", 2) == 1
        # Nothing goes below nothing.
        for _ in range(3):
            await quotas.give_back("groq")
        assert await quotas.used_today() == {"groq": 0}

    async def test_the_shipped_quotas(self, database: Database) -> None:
        quotas, _ = await quotas_with(database, {})
        assert {slug: quotas.limit_of(slug) for slug in DAILY_REQUESTS} == {
            "groq": 14_400,
            "gemini": 250,
            "cerebras": 5_000,
            "openrouter": 200,
            "github": 150,
        }

    async def test_without_a_quota_no_database_is_asked(self) -> None:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
        quotas = Quotas(nowhere, ConfigCache(nowhere))
        await quotas.take("openai")
        await quotas.give_back("openai")
        with pytest.raises(DatabaseDown):
            await quotas.take("groq")
