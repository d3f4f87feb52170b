"""Who is admitted: by the key's models, requests and tokens."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.kit.auth import Principal
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.supervision import Supervisor
from services.llm_gateway.errors import ModelForbidden, RateLimited
from services.llm_gateway.limits.admission.access import Access
from services.llm_gateway.limits.admission.admit import Admission
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.admission.shared_windows import open_rates_redis
from tests.fixtures.orchestrator import eventually
from tests.fixtures.restartable import RestartablePostgres, running

ADD = """
INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, rate_limit_tpm,
    allowed_models)
VALUES ($1, 'a key', $2, 'sk-nova-', '{}', $3, $4, $5)
"""
MODEL = "gpt-4o-mini"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def admission(database: Database, redis_url: str) -> AsyncIterator[Admission]:
    async with Supervisor() as supervisor:
        rates = Rates(open_rates_redis(redis_url, database=1), supervisor)
        yield Admission(Access(database), rates)
    await rates.close()


async def add_key(
    database: Database,
    *,
    rpm: int = 60,
    tpm: int | None = None,
    models: list[str] | None = None,
) -> Principal:
    identity = uuid4()
    async with database.connection() as connection:
        await connection.execute(
            ADD, identity, hashlib.sha256(identity.bytes).digest(), rpm, tpm, models
        )
    return Principal(kind="key", name="a key", key_id=identity)


def service_for(key: Principal) -> Principal:
    return Principal(kind="service", name="worker", key_id=key.key_id)


class TestRequests:
    async def test_sixty_of_two_hundred_at_once(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database)
        found = await asyncio.gather(
            *(admission.admit(key, MODEL, 10) for _ in range(200)), return_exceptions=True
        )
        refused = [each for each in found if isinstance(each, RateLimited)]
        assert len(refused) == 140
        assert len(found) - len(refused) == 60
        error = refused[0]
        assert error.code == "rate_limit_exceeded"
        assert error.retry_after is not None
        assert 50 < error.retry_after <= 61
        assert error.headers is not None
        assert error.headers["x-ratelimit-limit-requests"] == "60"
        assert error.headers["x-ratelimit-remaining-requests"] == "0"
        assert "60 requests per minute" in error.detail

    async def test_the_answer_tells_what_is_left(
        self, admission: Admission, database: Database
    ) -> None:
        admitted = await admission.admit(await add_key(database, rpm=5), MODEL, 10)
        assert dict(admitted.headers)["x-ratelimit-remaining-requests"] == "4"
        assert "x-ratelimit-limit-tokens" not in dict(admitted.headers)
        admitted.used(100)

    @pytest.mark.parametrize("kind", ["admin", "anonymous", "service"])
    async def test_callers_without_a_key_have_no_limit(
        self, admission: Admission, kind: str
    ) -> None:
        principal = Principal(kind=kind, name=kind)  # pyright: ignore[reportArgumentType] - by parameter
        for _ in range(100):
            assert (await admission.admit(principal, MODEL, 10**9)).headers == ()

    async def test_a_task_of_many_calls_does_not_use_up_its_keys_requests(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, rpm=1)
        for _ in range(13):
            await admission.admit(service_for(key), MODEL, 10)
        await admission.admit(key, MODEL, 10)
        with pytest.raises(RateLimited):
            await admission.admit(key, MODEL, 10)


class TestTokens:
    async def test_what_was_not_used_is_free_again(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, tpm=1_000)
        first = await admission.admit(key, MODEL, 900)
        assert dict(first.headers)["x-ratelimit-remaining-tokens"] == "100"
        with pytest.raises(RateLimited, match="1000 tokens per minute"):
            await admission.admit(key, MODEL, 200)
        first.used(50)
        first.used(0)  # only the first word counts
        assert (
            dict((await admission.admit(key, MODEL, 200)).headers)["x-ratelimit-remaining-tokens"]
            == "750"
        )

    async def test_an_estimate_above_the_limit_waits_for_an_empty_minute(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, tpm=1_000)
        first = await admission.admit(key, MODEL, 50_000)
        assert dict(first.headers)["x-ratelimit-remaining-tokens"] == "0"
        first.used(1)
        with pytest.raises(RateLimited):
            await admission.admit(key, MODEL, 50_000)

    async def test_what_a_task_uses_counts_and_is_not_refused(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, tpm=1_000)
        for _ in range(3):
            (await admission.admit(service_for(key), MODEL, 800)).used(400)
        with pytest.raises(RateLimited):
            await admission.admit(key, MODEL, 1)


class TestModels:
    async def test_only_those_that_the_key_may_use(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, models=["gpt-4o*", "groq/llama"])
        for caller in (key, service_for(key)):
            await admission.admit(caller, "gpt-4o-mini", 1)
            await admission.admit(caller, "groq/llama", 1)
            with pytest.raises(ModelForbidden, match="claude"):
                await admission.admit(caller, "claude-sonnet", 1)

    async def test_a_refused_model_takes_no_request(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, rpm=1, models=["a"])
        with pytest.raises(ModelForbidden):
            await admission.admit(key, "b", 1)
        await admission.admit(key, "a", 1)


class TestTerms:
    async def test_a_change_holds_within_seconds(
        self, admission: Admission, database: Database
    ) -> None:
        key = await add_key(database, models=["a"])
        await admission.admit(key, "a", 1)
        async with database.connection() as connection:
            await connection.execute("UPDATE api_keys SET allowed_models = '{b}'")

        async def changed() -> bool:
            terms = await admission.terms(key)
            return terms is not None and terms.allows("b")

        await eventually(changed)
        with pytest.raises(ModelForbidden):
            await admission.admit(key, "a", 1)

    async def test_a_key_that_nobody_knows_has_none(self, admission: Admission) -> None:
        principal = Principal(kind="service", name="worker", key_id=UUID(int=1))
        assert await admission.terms(principal) is None

    async def test_old_terms_hold_while_the_database_is_away(self, tmp_path: Path) -> None:
        with running(RestartablePostgres(tmp_path)) as server:
            database = Database(server.dsn)
            await database.open()
            async with database.connection() as connection:
                await connection.execute(
                    "CREATE TABLE api_keys (id uuid, rate_limit_rpm int, rate_limit_tpm bigint, "
                    "allowed_models text[])"
                )
                await connection.execute("INSERT INTO api_keys VALUES ($1, 7)", UUID(int=1))
            access = Access(database, fresh_seconds=0)
            known = Principal(kind="key", name="k", key_id=UUID(int=1))
            terms = await access.of(known)
            server.kill()
            assert await access.of(known) == terms
            with pytest.raises(DatabaseDown):
                await access.of(Principal(kind="key", name="k", key_id=UUID(int=2)))
            await database.close()
