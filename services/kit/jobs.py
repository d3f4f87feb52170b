"""Wake-ups through arq: a job is only a nudge, PostgreSQL says what there is to do.

Plain arq polls (245 ms median until a job starts). Here a blocking pop on a list beside the queue
ends the wait at once, and polling stays behind it for whatever the list has lost. When Redis goes
away the worker waits for it instead of ending: the engine goes on claiming by its own sweep.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import orjson
from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool, Redis

from services.kit.events import HEARTBEAT_SECONDS
from services.kit.log import get_logger
from services.kit.redis import REDIS_DOWN, RedisError, open_redis
from services.kit.supervision import Supervisor

_log = get_logger(__name__)
_JOB = "wake"
_FALLBACK_SECONDS = 2
_HANG_SECONDS = 2
_NUDGE_SECONDS = 1.0
_RETRY_SECONDS = 0.5
_JOB_SECONDS = 3600


def queue_key(queue: str) -> str:
    return f"nova:queue:{queue}"


def _wake_key(queue: str) -> str:
    return f"nova:wake:{queue}"


class Waker:
    """Enqueues wake-ups. Losing one is harmless: the sweep finds the work."""

    def __init__(self, url: str, *, database: int) -> None:
        self._pool = open_redis(url, database=database)
        self._arq = _arq_client(self._pool, "default")

    async def wake(self, queue: str) -> None:
        """Nudge a worker of `queue`; with Redis down, or hanging for a second, it only logs."""
        try:
            async with asyncio.timeout(_NUDGE_SECONDS):
                await self._arq.enqueue_job(_JOB, _queue_name=queue_key(queue))
                pipeline = self._pool.pipeline(transaction=False)
                pipeline.lpush(_wake_key(queue), b"1")
                pipeline.ltrim(_wake_key(queue), 0, 99)
                await cast("Awaitable[list[Any]]", pipeline.execute())
        except (*REDIS_DOWN, RedisError) as error:
            _log.warning("wake-up not sent; the sweep will find the work", error=str(error))

    async def close(self) -> None:
        await self._pool.aclose()


class WakeWorker:
    """Runs `on_wake` whenever `queue` is nudged, and at least every two seconds."""

    def __init__(
        self, url: str, *, database: int, queue: str, on_wake: Callable[[], Awaitable[None]]
    ) -> None:
        self._url = url
        self._database = database
        self._queue = queue
        self._on_wake = on_wake
        self._turns = 0

    async def run(self) -> None:
        """Work until cancelled. Redis may come, go and hang."""
        async with Supervisor() as supervisor:
            supervisor.keep_running(self._sweep, name=f"sweep of {self._queue}")
            away = False
            while True:
                worker = _PollingWorker(self._url, self._database, self._queue, self._wake)
                try:
                    await worker.async_run()
                except (*REDIS_DOWN, RedisError) as error:
                    if not away:  # once, not twice a second
                        _log.warning("Redis is away; the sweep finds the work", error=str(error))
                    away = not worker.has_polled
                finally:
                    await worker.end()
                await asyncio.sleep(_RETRY_SECONDS)

    async def _wake(self) -> None:
        self._turns += 1
        await self._on_wake()

    async def _sweep(self) -> None:
        """Stands beside Redis, not behind it: it finds what no nudge told of."""
        turns = self._turns
        await asyncio.sleep(_FALLBACK_SECONDS)
        if turns == self._turns:
            await self._wake()


class _PollingWorker(Worker):
    """arq's worker with the wait between two polls ended by a blocking pop."""

    def __init__(
        self, url: str, database: int, queue: str, on_wake: Callable[[], Awaitable[None]]
    ) -> None:
        async def wake(ctx: dict[Any, Any]) -> None:  # noqa: ARG001 - arq's signature
            await on_wake()

        self._nova_pool = open_redis(url, database=database)
        super().__init__(
            functions=[func(wake, name=_JOB, keep_result=0, max_tries=1, timeout=_JOB_SECONDS)],
            queue_name=queue_key(queue),
            redis_pool=_arq_client(self._nova_pool, queue),
            handle_signals=False,
            max_jobs=4,
            poll_delay=0.001,
            keep_result=0,
            max_tries=1,
            job_timeout=_JOB_SECONDS,
            health_check_interval=HEARTBEAT_SECONDS,
            log_results=False,
            job_serializer=_serialize,
            job_deserializer=_deserialize,
        )
        self._nova_wake_key = _wake_key(queue)
        self._nova_redis: Redis = open_redis(url, database=database, blocking=True)
        self.has_polled = False

    async def _poll_iteration(self) -> None:
        await super()._poll_iteration()
        # The pop returns at once when a nudge is there.
        pop = cast("Callable[..., Awaitable[Any]]", self._nova_redis.blpop)
        async with asyncio.timeout(_FALLBACK_SECONDS + _HANG_SECONDS):
            await pop([self._nova_wake_key], timeout=_FALLBACK_SECONDS)
        self.has_polled = True

    async def end(self) -> None:
        await self._nova_redis.aclose()
        try:
            await self.close()
        except (*REDIS_DOWN, RedisError) as error:
            _log.debug("the worker's Redis connection was already gone", error=str(error))
        finally:
            await self._nova_pool.aclose()


def _arq_client(pool: Redis, queue: str) -> ArqRedis:
    return ArqRedis(
        pool_or_conn=cast("ConnectionPool", pool.connection_pool),
        default_queue_name=queue_key(queue),
        job_serializer=_serialize,
        job_deserializer=_deserialize,
    )


def _serialize(job: dict[str, Any]) -> bytes:
    # JSON, not arq's pickle: whoever can write to Redis must not run code here.
    return orjson.dumps(job)


def _deserialize(content: bytes) -> dict[str, Any]:
    return orjson.loads(content)
