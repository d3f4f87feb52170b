"""arq as it comes, with a job that does nothing: what the engine is measured beside.

`python -m tests.bench.plain_arq URL JOBS` runs its worker; `measure` starts that and drives it.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from arq.worker import Worker

from tests.fixtures.processes import start, stop

_DATABASE = 15
_STARTS = "bench:starts"


@dataclass(frozen=True)
class ArqFigures:
    """`latencies`: seconds from enqueueing to the job's start, one job at a time."""

    latencies: list[float]
    jobs_per_minute: float


async def nothing(ctx: dict[Any, Any], number: int) -> None:
    """The job. Its start is noted in the process and told with the rest, so that it costs nothing."""
    ctx["starts"][number] = time.time()


async def tell(ctx: dict[Any, Any]) -> None:
    starts: dict[int, float] = ctx["starts"]
    if starts:
        await ctx["redis"].hset(_STARTS, mapping=starts)
    starts.clear()


def run_worker(url: str) -> None:
    Worker(
        functions=[nothing, tell],
        redis_settings=_settings(url),
        ctx={"starts": {}},
        handle_signals=True,
        log_results=False,
    ).run()


def measure(url: str, folder: Path, *, singles: int, jobs: int) -> ArqFigures:
    command = [sys.executable, "-m", "tests.bench.plain_arq", url]
    process = start(command, log=folder / "arq.log")
    try:
        return asyncio.run(_drive(url, singles=singles, jobs=jobs))
    finally:
        stop(process)


async def _drive(url: str, *, singles: int, jobs: int) -> ArqFigures:
    pool = await create_pool(_settings(url))
    await _started(pool, [await _enqueue(pool, -1)])
    latencies: list[float] = []
    for number in range(singles):
        enqueued = await _enqueue(pool, number)
        latencies += await _started(pool, [enqueued])
    begin = time.time()
    enqueued_all = [await _enqueue(pool, singles + number) for number in range(jobs)]
    waits = await _started(pool, enqueued_all)
    last = max(at + wait for (_, at), wait in zip(enqueued_all, waits, strict=True))
    await pool.aclose()
    return ArqFigures(latencies, jobs / (last - begin) * 60)


async def _enqueue(pool: ArqRedis, number: int) -> tuple[int, float]:
    at = time.time()
    await pool.enqueue_job("nothing", number)
    return number, at


async def _started(pool: ArqRedis, jobs: list[tuple[int, float]]) -> list[float]:
    """Seconds from each job's enqueueing to its start."""
    found: dict[bytes, bytes] = {}
    while len(found) < len(jobs):
        done = await pool.enqueue_job("tell")
        assert done is not None
        await done.result(poll_delay=0.05)
        found |= await pool.hgetall(_STARTS)
    await pool.delete(_STARTS)
    return [float(found[str(number).encode()]) - at for number, at in jobs]


def _settings(url: str) -> RedisSettings:
    return RedisSettings.from_dsn(f"{url}/{_DATABASE}")


if __name__ == "__main__":
    run_worker(sys.argv[1])
