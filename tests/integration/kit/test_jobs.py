"""Wake-ups: a nudge ends the wait, and no loss of Redis ends the work."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.kit import jobs
from services.kit.jobs import Waker, WakeWorker, queue_key
from services.kit.redis import open_redis
from services.kit.supervision import Supervisor
from tests.fixtures.kit_app import logged
from tests.fixtures.restartable import RestartableRedis, running

DATABASE = 2


class Woken:
    """Counts how often it was woken."""

    def __init__(self, *errors: Exception) -> None:
        self.times = 0
        self.errors = list(errors)

    async def __call__(self) -> None:
        self.times += 1
        if self.errors:
            raise self.errors.pop(0)


async def until(condition: Callable[[], bool], *, what: str, seconds: float = 40) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - counted by a worker that knows no events
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited {seconds} s for {what}") from None


@asynccontextmanager
async def working(url: str, *woken: Woken, queue: str = "q") -> AsyncIterator[Waker]:
    """One worker for each of `woken`, all waiting for their first nudge."""
    waker = Waker(url, database=DATABASE)
    async with Supervisor() as supervisor:
        for one in woken:
            worker = WakeWorker(url, database=DATABASE, queue=queue, on_wake=one)
            supervisor.keep_running(worker.run, name="worker")
        for one in woken:
            await until(lambda one=one: one.times > 0, what="the first sweep")
        yield waker
    await waker.close()


@pytest.fixture
def no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polling so slow that only a nudge can be what woke a worker within a test's time."""
    monkeypatch.setattr(jobs, "_FALLBACK_SECONDS", 300)


class TestNudge:
    async def test_it_wakes_not_the_polling(self, redis_url: str, no_sweep: None) -> None:
        woken = Woken()
        waker = Waker(redis_url, database=DATABASE)
        async with Supervisor() as supervisor:
            worker = WakeWorker(redis_url, database=DATABASE, queue="q", on_wake=woken)
            supervisor.keep_running(worker.run, name="worker")
            for number in range(1, 21):
                await waker.wake("q")
                await until(lambda number=number: woken.times == number, what=f"nudge {number}")
        await waker.close()

    async def test_one_of_another_queue_does_not(self, redis_url: str, no_sweep: None) -> None:
        one, other = Woken(), Woken()
        waker = Waker(redis_url, database=DATABASE)
        async with Supervisor() as supervisor:
            for queue, woken in (("one", one), ("other", other)):
                worker = WakeWorker(redis_url, database=DATABASE, queue=queue, on_wake=woken)
                supervisor.keep_running(worker.run, name=queue)
            for number in range(1, 6):
                await waker.wake("one")
                await until(lambda number=number: one.times == number, what="a nudge")
            assert other.times == 0
        await waker.close()

    async def test_two_workers_share_them(self, redis_url: str, no_sweep: None) -> None:
        one, other = Woken(), Woken()
        waker = Waker(redis_url, database=DATABASE)
        async with Supervisor() as supervisor:
            for woken in (one, other):
                worker = WakeWorker(redis_url, database=DATABASE, queue="q", on_wake=woken)
                supervisor.keep_running(worker.run, name="worker")
            for number in range(1, 21):
                await waker.wake("q")
                await until(lambda number=number: one.times + other.times >= number, what="one")
            assert one.times + other.times == 20
            assert one.times > 0
            assert other.times > 0
        await waker.close()

    async def test_those_sent_before_a_worker_came_wake_it(
        self, redis_url: str, no_sweep: None
    ) -> None:
        woken = Woken()
        waker = Waker(redis_url, database=DATABASE)
        await waker.wake("q")
        async with Supervisor() as supervisor:
            worker = WakeWorker(redis_url, database=DATABASE, queue="q", on_wake=woken)
            supervisor.keep_running(worker.run, name="worker")
            await until(lambda: woken.times == 1, what="the nudge")
        await waker.close()

    async def test_a_failed_turn_is_not_the_last(self, redis_url: str, no_sweep: None) -> None:
        woken = Woken(ZeroDivisionError("one"), ZeroDivisionError("two"))
        waker = Waker(redis_url, database=DATABASE)
        async with Supervisor() as supervisor:
            worker = WakeWorker(redis_url, database=DATABASE, queue="q", on_wake=woken)
            supervisor.keep_running(worker.run, name="worker")
            for number in range(1, 4):
                await waker.wake("q")
                await until(lambda number=number: woken.times == number, what="a turn")
        await waker.close()

    async def test_nothing_is_left_in_redis(self, redis_url: str) -> None:
        woken = Woken()
        redis = open_redis(redis_url, database=DATABASE)
        async with working(redis_url, woken) as waker:
            before = woken.times
            for _ in range(200):
                await waker.wake("q")
            await until(lambda: woken.times >= before + 200, what="all of them")
            async with asyncio.timeout(30):
                while await redis.zcard(queue_key("q")):  # noqa: ASYNC110 - it is in Redis
                    await asyncio.sleep(0.02)
        keys = {key.decode() for key in await redis.keys("*")}
        assert not {key for key in keys if key.startswith(("arq:job", "arq:result"))}
        await redis.aclose()


class TestWithoutNudges:
    async def test_the_sweep(self, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "_FALLBACK_SECONDS", 1)
        woken = Woken()
        async with working(redis_url, woken):
            await until(lambda: woken.times >= 3, what="three sweeps")

    async def test_flushall(self, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "_FALLBACK_SECONDS", 1)
        woken = Woken()
        redis = open_redis(redis_url, database=DATABASE)
        async with working(redis_url, woken) as waker:
            for _ in range(3):
                await waker.wake("q")
                await redis.flushall()
                before = woken.times
                await until(lambda before=before: woken.times > before, what="a sweep")
            before = woken.times
            await waker.wake("q")
            await until(lambda: woken.times > before, what="a wake-up afterwards")
        await redis.aclose()


class TestRedisLost:
    @pytest.fixture
    def server(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RestartableRedis:
        monkeypatch.setattr(jobs, "_FALLBACK_SECONDS", 1)
        monkeypatch.setattr(jobs, "_RETRY_SECONDS", 0.05)
        return RestartableRedis(tmp_path)

    async def goes_on(self, *woken: Woken) -> None:
        before = [one.times for one in woken]
        for one, times in zip(woken, before, strict=True):
            await until(lambda one=one, times=times: one.times >= times + 3, what="three turns")

    async def test_killed_and_restarted(self, server: RestartableRedis) -> None:
        one, other = Woken(), Woken()
        with running(server), logged() as records:
            async with working(server.url, one, other) as waker:
                for _ in range(2):
                    server.kill()
                    await self.goes_on(one, other)
                    await waker.wake("q")  # does not raise
                    server.start()
                    await self.goes_on(one, other)
                # The nudge works again: it empties the list that only a worker pops.
                redis = open_redis(server.url, database=DATABASE)
                await waker.wake("q")
                async with asyncio.timeout(30):
                    while await redis.exists("nova:wake:q"):  # noqa: ASYNC110 - it is in Redis
                        await asyncio.sleep(0.02)
                await redis.aclose()
        away = [record for record in records if "Redis is away" in record["event"]]
        assert 4 <= len(away) <= 8, "each worker says it once each time, not at each try"

    async def test_one_that_hangs(
        self, server: RestartableRedis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "_HANG_SECONDS", 0.5)
        woken = Woken()
        with running(server):
            async with working(server.url, woken):
                server.send(signal.SIGSTOP)
                await self.goes_on(woken)
                server.send(signal.SIGCONT)
                await self.goes_on(woken)

    async def test_not_there_at_the_start(self, server: RestartableRedis) -> None:
        woken = Woken()
        async with working(server.url, woken):
            await self.goes_on(woken)
            with running(server):
                await self.goes_on(woken)

    async def test_the_worker_ends_when_told(self, server: RestartableRedis) -> None:
        woken = Woken()
        async with working(server.url, woken):
            pass
        times = woken.times
        await asyncio.sleep(0.2)
        assert woken.times == times
