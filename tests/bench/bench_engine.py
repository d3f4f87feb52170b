"""The task engine of a whole Nova beside plain arq: `scripts/bench engine [options]`.

In one run on one machine, with the offline model: how long a submission takes, how long until its
task starts, a Quartet alone, and Quartets a minute; the same of an empty arq job on the same Redis;
then submitting and listing with nothing and with thousands of tasks waiting. With --kills also how
long the tasks of a killed worker stand still. It asserts nothing.
"""

import argparse
import asyncio
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from tests.bench.figures import Usage, p95, print_load, print_times
from tests.bench.plain_arq import ArqFigures, measure
from tests.bench.resume import resumed, taken_over
from tests.fixtures.nova import Nova

_TASKS = "/api/v1/pipeline/tasks"
_REQUEST = "Read notes.txt in the workspace, write its word count to count-{}.txt"
_PROCESSES = ["worker", "llm-gateway", "memory-service", "orchestrator", "postgres", "redis"]
_SINGLES = 40


class Bench:
    """A running Nova, a client, and a connection that looks into the database."""

    def __init__(self, nova: Nova, client: httpx.AsyncClient, database: Any) -> None:
        self.nova = nova
        self.client = client
        self.database = database
        self.submitted = 0

    async def submit(self) -> UUID:
        self.submitted += 1
        request = _REQUEST.format(self.submitted)
        answer = await self.client.post(_TASKS, json={"user_input": request})
        return UUID(answer.raise_for_status().json()["task_id"])

    async def until_ended(self, ids: list[UUID]) -> None:
        statement = """
            SELECT count(*) FROM tasks
            WHERE id = ANY($1) AND status IN ('complete', 'failed', 'cancelled')
        """
        while await self.database.fetchval(statement, ids) < len(ids):  # noqa: ASYNC110 - it looks into the database
            await asyncio.sleep(0.01)

    async def count(self, status: str) -> int:
        statement = "SELECT count(*) FROM tasks WHERE status = $1"
        return await self.database.fetchval(statement, status)

    async def transactions(self) -> int:
        return await self.database.fetchval(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        )

    async def times(self, ids: list[UUID]) -> list[tuple[datetime, datetime, datetime]]:
        rows = await self.database.fetch(
            "SELECT queued_at, started_at, completed_at, status FROM tasks WHERE id = ANY($1)", ids
        )
        assert {row["status"] for row in rows} == {"complete"}, rows
        return [(row["queued_at"], row["started_at"], row["completed_at"]) for row in rows]

    @contextmanager
    def workers_stopped(self) -> Any:
        pid = self.nova.kill("worker", signal.SIGSTOP)
        try:
            yield
        finally:
            self.nova.kill("worker", signal.SIGCONT)
            assert self.nova.pid("worker") == pid


async def alone(bench: Bench, figures: ArqFigures) -> None:
    """One task at a time."""
    await bench.until_ended([await bench.submit()])  # the first one fills caches
    before, commits = Usage.of(bench.nova, _PROCESSES), await bench.transactions()
    submits: list[float] = []
    ids: list[UUID] = []
    for _ in range(_SINGLES):
        begin = time.perf_counter()
        ids.append(await bench.submit())
        submits.append(time.perf_counter() - begin)
        await bench.until_ended([ids[-1]])
    spent = Usage.of(bench.nova, _PROCESSES)
    await asyncio.sleep(1.5)  # backends report their statistics with a delay
    commits = await bench.transactions() - commits
    times = await bench.times(ids)
    starts = [(started - queued).total_seconds() for queued, started, _ in times]
    print_times("submit", submits)
    print_times("submission to start", starts)
    print_times("arq: enqueueing to start", figures.latencies)
    ratio = statistics.median(starts) / statistics.median(figures.latencies)
    print(f"    Nova takes {ratio:.2f} times what plain arq takes")
    print_times("Quartet alone", [(ended - began).total_seconds() for _, began, ended in times])
    spent.print_since(before, tasks=_SINGLES)
    print(f"    PostgreSQL transactions a task, pollers included: {commits / _SINGLES:.0f}")


async def together(bench: Bench, figures: ArqFigures, *, tasks: int) -> None:
    """So many tasks in flight, a new one whenever one ends."""
    for in_flight in (8, 16, 32):
        before = Usage.of(bench.nova, _PROCESSES)
        begin = time.perf_counter()
        ids = await _closed_loop(bench, tasks=tasks, in_flight=in_flight)
        minute = tasks / (time.perf_counter() - begin) * 60
        await bench.times(ids)
        ratio = minute / figures.jobs_per_minute
        print(
            f"{f'Quartets a minute, {in_flight} in flight':<44}{minute:9.0f}   of {tasks}", end=""
        )
        print(f"   ({ratio:.3f} of arq's empty jobs)")
        Usage.of(bench.nova, _PROCESSES).print_since(before, tasks=tasks)


async def _closed_loop(bench: Bench, *, tasks: int, in_flight: int) -> list[UUID]:
    ids: list[UUID] = []
    open_ids: set[UUID] = set()
    while len(ids) < tasks or open_ids:
        room = min(in_flight - len(open_ids), tasks - len(ids))
        fresh = await asyncio.gather(*(bench.submit() for _ in range(room)))
        ids += fresh
        open_ids |= set(fresh)
        rows = await bench.database.fetch(
            "SELECT id FROM tasks WHERE id = ANY($1) AND completed_at IS NOT NULL", list(open_ids)
        )
        open_ids -= {row["id"] for row in rows}
        await asyncio.sleep(0.01)
    return ids


async def full_queue(bench: Bench, *, waiting: int, drained: int) -> None:
    """Submitting and listing with the workers stopped, with nothing and with `waiting` tasks."""
    with bench.workers_stopped():
        empty = await _submit_and_list(bench)
        begin = time.perf_counter()
        await _burst(bench, waiting)
        rate = waiting / (time.perf_counter() - begin)
        stored = await bench.count("queued")
        print(f"{f'burst of {waiting} submissions':<44}{rate:9.0f} a second", end="")
        print(f"   {stored} tasks wait, {len(empty['submit'])} of them from before")
        full = await _submit_and_list(bench)
    for name, values in empty.items():
        print_times(f"{name}, nothing waits", values)
        print_times(f"{name}, {waiting} wait", full[name])
        print(f"    p95 grows {p95(full[name]) / p95(values):.2f} times")
    begin = time.perf_counter()
    ended = await bench.count("complete")
    while await bench.count("complete") < ended + drained:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.05)
    minute = drained / (time.perf_counter() - begin) * 60
    print(f"{f'Quartets a minute while {waiting} wait':<44}{minute:9.0f}   of {drained}")


async def _submit_and_list(bench: Bench) -> dict[str, list[float]]:
    looks = {
        "list": _TASKS,
        "list of status=queued": f"{_TASKS}?status=queued",
        "queue-stats": "/api/v1/pipeline/queue-stats",
    }
    found: dict[str, list[float]] = {"submit": await _timed(100, bench.submit)}
    for name, path in looks.items():

        async def look(path: str = path) -> None:
            (await bench.client.get(path)).raise_for_status()

        found[name] = await _timed(60, look)
    return found


async def _timed(times: int, work: Callable[[], Any]) -> list[float]:
    seconds: list[float] = []
    for _ in range(times):
        begin = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - begin)
    return seconds


async def _burst(bench: Bench, count: int) -> None:
    left = iter(range(count))

    async def some() -> None:
        for _ in left:
            await bench.submit()

    await asyncio.gather(*(some() for _ in range(32)))


@asynccontextmanager
async def _bench(nova: Nova) -> AsyncIterator[Bench]:
    (nova.workspace / "notes.txt").write_text("one two three\n")
    database = await asyncpg.connect(nova.database_url)
    async with httpx.AsyncClient(
        base_url=nova.url("orchestrator"), headers=nova.admin_headers, timeout=60
    ) as client:
        yield Bench(nova, client, database)
    await database.close()


async def _run(nova: Nova, figures: ArqFigures, options: argparse.Namespace) -> None:
    async with _bench(nova) as bench:
        await alone(bench, figures)
        await together(bench, figures, tasks=options.tasks)
        if options.kills:
            await resumed(bench, kills=options.kills)
            await taken_over(bench, kills=max(1, options.kills // 4))
        if options.waiting:
            await full_queue(bench, waiting=options.waiting, drained=options.tasks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=200, help="Quartets in each measurement")
    parser.add_argument("--waiting", type=int, default=10_000, help="tasks that fill the queue")
    parser.add_argument("--jobs", type=int, default=2_000, help="empty arq jobs")
    parser.add_argument("--kills", type=int, default=0, help="kills of the worker to measure")
    parser.add_argument("--setting", action="append", default=[], help="NAME=VALUE for Nova")
    options = parser.parse_args()
    settings = dict(each.split("=", 1) for each in options.setting)
    print_load("before")
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
        nova = Nova(Path(folder) / "home", settings, seconds=120)
        try:
            nova.wait_until_ready()
            time.sleep(3)
            figures = measure(nova.redis_url, Path(folder), singles=20, jobs=options.jobs)
            minute = figures.jobs_per_minute
            print(f"{'arq: empty jobs a minute':<44}{minute:9.0f}   of {options.jobs}")
            asyncio.run(_run(nova, figures, options))
        finally:
            nova.stop()
    print_load("after")


if __name__ == "__main__":
    main()
