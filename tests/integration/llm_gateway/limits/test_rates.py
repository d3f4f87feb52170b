"""Rates with a real Redis that is shared, flushed, killed, stopped and brought back."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client

from services.kit.errors import DependencyDown
from services.kit.redis import database_url
from services.kit.supervision import Supervisor
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.admission.shared_windows import open_rates_redis
from services.llm_gateway.limits.admission.window import Counted, Limits
from tests.fixtures.redis import RedisServer
from tests.fixtures.restartable import RestartableRedis, running

LIMITS = Limits(60, None)
DATABASE = 1
# What is not about slowness must not depend on how busy the machine is.
PATIENT = {"patience_seconds": 5.0}
Open = Callable[..., Awaitable[Rates]]


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def is_well(rates: Rates) -> bool:
    try:
        await rates.check()
    except DependencyDown:
        return False
    return True


async def in_redis_again(rates: Rates) -> None:
    await until(lambda: is_well(rates))


async def admitted(
    rates: Rates, times: int, *, window: str = "key", limits: Limits = LIMITS
) -> int:
    found = await asyncio.gather(*(rates.ask(window, limits=limits) for _ in range(times)))
    return sum(counted.admitted for counted in found)


def client_of(server: RedisServer) -> Any:
    return redis_client.Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - redis-py's **kwargs
        database_url(server.url, database=DATABASE)
    )


def evaluations(server: RedisServer) -> int:
    with client_of(server) as client:
        return client.info("commandstats")["cmdstat_evalsha"]["calls"]


@pytest.fixture
async def open_rates() -> AsyncIterator[Open]:
    """Makes Rates as gateways have them, each with a connection of its own."""
    opened: list[Rates] = []
    async with Supervisor() as supervisor:

        async def make(url: str | None, **given: Any) -> Rates:
            redis = None if url is None else open_rates_redis(url, database=DATABASE)
            rates = Rates(redis, supervisor, **given)
            supervisor.keep_running(rates.keep, name="rates")
            opened.append(rates)
            await rates.open()
            return rates

        yield make
    for rates in opened:
        await rates.close()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RestartableRedis]:
    with running(RestartableRedis(tmp_path)) as server:
        yield server


class TestWithRedis:
    async def test_exactly_the_limit_passes_of_many_at_once(
        self, open_rates: Open, redis_url: str
    ) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        assert await admitted(rates, 200) == 60
        assert await admitted(rates, 50) == 0

    async def test_two_gateways_share_one_limit(self, open_rates: Open, redis_url: str) -> None:
        rates = [await open_rates(redis_url, **PATIENT, processes=2) for _ in range(2)]
        found = await asyncio.gather(*(admitted(each, 200) for each in rates))
        assert sum(found) == 60

    async def test_many_at_once_are_few_round_trips(
        self, open_rates: Open, redis_url: str, redis_server: RedisServer
    ) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        await admitted(rates, 1)
        before = evaluations(redis_server)
        await admitted(rates, 400)
        assert evaluations(redis_server) - before == 1

    async def test_keys_do_not_share(self, open_rates: Open, redis_url: str) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        assert await admitted(rates, 70, window="one") == 60
        assert await admitted(rates, 70, window="two") == 60

    async def test_what_is_rejected_takes_nothing(self, open_rates: Open, redis_url: str) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        limits = Limits(10, 100)
        assert (await rates.ask("key", limits=limits, tokens=60)).admitted
        refused = await rates.ask("key", limits=limits, tokens=41)
        assert (refused.admitted, refused.requests, refused.tokens) == (False, 1, 60)
        assert 59_000 < refused.wait_ms <= 61_000
        taken = await rates.ask("key", limits=limits, tokens=40)
        assert (taken.admitted, taken.requests, taken.tokens) == (True, 2, 100)
        assert taken.in_redis

    async def test_no_stretch_of_time_has_more_and_waiting_helps(
        self, open_rates: Open, redis_url: str
    ) -> None:
        """A short window, asked without pause for several of its lengths."""
        rates = await open_rates(redis_url, **PATIENT, window_ms=600, slot_ms=50)
        limits, passed = Limits(5, None), list[float]()
        end = time.monotonic() + 3
        while (now := time.monotonic()) < end:
            if (await rates.ask("key", limits=limits)).admitted:
                passed.append(now)
        for place in range(len(passed) - 5):
            # Redis decided after the first and before the answer of the last was read.
            assert passed[place + 5] - passed[place] > 0.6 - 0.05
        # Five in at most 650 ms each: about twenty in three seconds.
        assert len(passed) >= 15
        counted = await rates.ask("key", limits=limits)
        assert not counted.admitted
        await asyncio.sleep(counted.wait_ms / 1000)
        assert (await rates.ask("key", limits=limits)).admitted

    async def test_tokens_are_corrected(self, open_rates: Open, redis_url: str) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        limits = Limits(None, 100)
        first = await rates.ask("key", limits=limits, tokens=90)
        rates.correct("key", first, used=30)
        second = await rates.ask("key", limits=limits, tokens=20)
        assert second.tokens == 50
        rates.correct("key", second, used=75)
        third = await rates.ask("key", limits=limits, tokens=0)
        assert not third.admitted
        assert third.tokens == 105

    async def test_a_correction_needs_no_other_request(
        self, open_rates: Open, redis_url: str
    ) -> None:
        rates, other = (
            await open_rates(redis_url, **PATIENT),
            await open_rates(redis_url, **PATIENT),
        )
        limits = Limits(None, 100)
        counted = await rates.ask("key", limits=limits, tokens=90)
        rates.correct("key", counted, used=10)

        async def seen() -> bool:
            return (await other.ask("key", limits=limits, requests=0)).tokens == 10

        await until(seen)

    async def test_after_a_flush_there_is_at_most_one_more_window(
        self, open_rates: Open, redis_url: str, redis_server: RedisServer
    ) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        passed = await admitted(rates, 200)
        redis_server.flush()
        passed += await admitted(rates, 200)
        assert 60 <= passed <= 120

    async def test_after_a_flush_of_scripts(
        self, open_rates: Open, redis_url: str, redis_server: RedisServer
    ) -> None:
        rates = await open_rates(redis_url, **PATIENT)
        passed = await admitted(rates, 30)
        client_of(redis_server).script_flush()
        assert passed + await admitted(rates, 200) == 60
        assert await is_well(rates)

    async def test_windows_end(
        self, open_rates: Open, redis_url: str, redis_server: RedisServer
    ) -> None:
        rates = await open_rates(redis_url, **PATIENT, window_ms=200, slot_ms=50)
        await admitted(rates, 10)

        async def gone() -> bool:
            return client_of(redis_server).dbsize() == 0

        await until(gone)


class TestWithoutRedis:
    async def test_none_in_the_settings(self, open_rates: Open) -> None:
        alone = await open_rates(None)
        assert await admitted(alone, 200) == 60
        assert await is_well(alone)
        shared = await open_rates(None, processes=4)
        assert await admitted(shared, 200) == 15
        assert not await is_well(shared)

    async def test_a_limit_below_the_number_of_gateways(self, open_rates: Open) -> None:
        assert await admitted(await open_rates(None, processes=4), 5, limits=Limits(2, None)) == 1

    async def test_a_reservation_above_the_share_still_passes(self, open_rates: Open) -> None:
        rates = await open_rates(None, processes=4)
        limits = Limits(None, 100)
        assert (await rates.ask("key", limits=limits, tokens=80)).reserved == 25
        assert not (await rates.ask("key", limits=limits, tokens=1)).admitted


class TestLoss:
    async def test_killed_and_back(self, open_rates: Open, own_redis: RestartableRedis) -> None:
        rates = await open_rates(own_redis.url, **PATIENT, processes=2)
        passed = await admitted(rates, 20)
        assert await is_well(rates)
        own_redis.kill()
        passed += await admitted(rates, 200)
        # Its share is 30, and it has let 20 through already.
        assert passed == 30
        with pytest.raises(DependencyDown, match="each of 2 gateways"):
            await rates.check()
        own_redis.start()
        await in_redis_again(rates)
        # Nothing was left in Redis: what passed while it was away is charged, no more is known.
        assert await admitted(rates, 200) == 60 - 10

    async def test_stopped_in_mid_call(self, open_rates: Open, own_redis: RestartableRedis) -> None:
        rates = await open_rates(own_redis.url)
        passed = await admitted(rates, 10)
        own_redis.send(signal.SIGSTOP)
        start = time.monotonic()
        passed += await admitted(rates, 100)
        assert time.monotonic() - start < 2
        assert passed == 60
        start = time.monotonic()
        for _ in range(20):
            assert not (await rates.ask("key", limits=LIMITS)).admitted
        # Nobody waits for it again.
        assert time.monotonic() - start < 0.5
        assert not await is_well(rates)
        own_redis.send(signal.SIGCONT)
        await in_redis_again(rates)
        counted = await rates.ask("key", limits=LIMITS)
        assert not counted.admitted
        assert counted.in_redis

    async def test_it_was_never_there(self, open_rates: Open, own_redis: RestartableRedis) -> None:
        own_redis.kill()
        rates = await open_rates(own_redis.url, **PATIENT)
        assert await admitted(rates, 200) == 60
        own_redis.start()
        await in_redis_again(rates)
        assert await admitted(rates, 200) == 0

    async def test_a_correction_while_it_is_away_is_not_lost(
        self, open_rates: Open, own_redis: RestartableRedis
    ) -> None:
        rates = await open_rates(own_redis.url, **PATIENT)
        limits = Limits(None, 100)
        counted = await rates.ask("key", limits=limits, tokens=10)
        own_redis.kill()
        assert (await rates.ask("key", limits=limits, tokens=10)).in_redis is False
        rates.correct("key", counted, used=50)
        own_redis.start()
        await in_redis_again(rates)
        assert (await rates.ask("key", limits=limits, requests=0)).tokens == 50

    async def test_storm(self, open_rates: Open, own_redis: RestartableRedis) -> None:
        """Restarts under load: each may cost one more window, and nothing hangs or fails."""
        rates = [await open_rates(own_redis.url, **PATIENT, processes=2) for _ in range(2)]
        restarts, passed = 3, 0
        for _ in range(restarts):
            storm = asyncio.gather(*(admitted(each, 300) for each in rates))
            await asyncio.sleep(0)
            own_redis.kill()
            passed += sum(await storm)
            own_redis.start()
            for each in rates:
                await in_redis_again(each)
            passed += sum(await asyncio.gather(*(admitted(each, 300) for each in rates)))
        assert 60 <= passed <= 60 * (restarts + 1)

    async def test_whoever_leaves_while_waiting_disturbs_nobody(
        self, open_rates: Open, redis_url: str
    ) -> None:
        rates = await open_rates(redis_url, **PATIENT)

        async def ask() -> Counted:
            return await rates.ask("key", limits=LIMITS)

        tasks = [asyncio.create_task(ask()) for _ in range(40)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert sum(isinstance(each, Counted) and each.admitted for each in found) == 20
        assert await is_well(rates)
