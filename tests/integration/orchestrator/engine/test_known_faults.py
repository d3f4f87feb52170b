"""Faults that task engines are known for: each of these was seen in a comparable system."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.kit.jobs import Waker
from services.orchestrator.engine.leases.backoff import retry_wait
from services.orchestrator.engine.leases.reaper import Reaper
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.runner import Engine
from services.orchestrator.tasks import service as tasks
from services.orchestrator.tools import run_shell
from services.orchestrator.tools.base import Effect
from services.orchestrator.tools.context import SandboxTier
from services.orchestrator.tools.sandbox.report import SandboxReport
from tests.fixtures.engine import ADMIN, Rig, ScriptedGateway, calls, counting_tool, text

SHORT_LEASE = {"lease_seconds": 1.5, "heartbeat_seconds": 0.3}
HOST = SandboxReport(works=False, reason="not needed", host_allowed=True)


def hello(_body: object, _number: int) -> list[Any]:
    return text("Hello")


def tool_then_text(name: str, **arguments: Any) -> Any:
    def script(body: dict[str, Any], _number: int) -> list[Any]:
        asked = any(message["role"] == "tool" for message in body["messages"])
        return text("done") if asked else calls(name, **arguments)

    return script


async def cancel(rig: Rig, task_id: UUID) -> None:
    """As the route does."""
    async with rig.database.transaction() as connection:
        await tasks.cancel_task(connection, task_id, actor=ADMIN)


@asynccontextmanager
async def reaping(rig: Rig, redis_url: str) -> AsyncIterator[None]:
    waker = Waker(redis_url, database=2)
    rig.supervisor.keep_running(
        Reaper(rig.database, rig.publisher, waker).run, name="another worker's reaper"
    )
    yield
    await waker.close()


def keep_alive(rig: Rig, engine: Engine) -> None:
    rig.supervisor.keep_running(engine.keep_leases, name="heartbeat")
    rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")


class TestSlowTask:
    """A healthy task that is slower than the lease is not run a second time beside itself."""

    async def run_beside_another(self, rig: Rig, redis_url: str, gateway: ScriptedGateway) -> Any:
        first = rig.engine(gateway, name="first", **SHORT_LEASE)
        second = rig.engine(gateway, name="second", **SHORT_LEASE)
        keep_alive(rig, first)
        keep_alive(rig, second)
        async with reaping(rig, redis_url):
            task = await rig.submit()
            await first.on_wake()
            while (ended := await rig.task(task.id)).status not in {"complete", "failed"}:
                await second.on_wake()
                await asyncio.sleep(0.05)
        (row,) = await rig.sql("SELECT attempt, retry_count FROM tasks")
        assert (row["attempt"], row["retry_count"]) == (1, 0)
        return ended

    async def test_a_long_model_call(self, rig: Rig, redis_url: str) -> None:
        def script(_body: object, _number: int) -> list[Any]:
            return [{"delta": "slow "}, 4.5, *text("answer")]

        with ScriptedGateway(script) as gateway:
            ended = await self.run_beside_another(rig, redis_url, gateway)
        assert ended.output == "slow answer"
        assert len(gateway.bodies) == 1

    async def test_a_long_tool_call(self, rig: Rig, redis_url: str) -> None:
        rig.tools = [counting_tool(rig.folder, effect=Effect.IDEMPOTENT, seconds=4.5)]
        with ScriptedGateway(tool_then_text("idempotent", note="x")) as gateway:
            ended = await self.run_beside_another(rig, redis_url, gateway)
        assert ended.output == "done"
        assert (rig.folder / "idempotent").read_text() == "x\n"


class TestCancel:
    async def test_a_cancelled_task_in_the_queue_never_runs(self, rig: Rig) -> None:
        task = await rig.submit()
        await cancel(rig, task.id)
        with ScriptedGateway(hello) as gateway:
            engine = rig.engine(gateway)
            await engine.on_wake()
            await engine.wait_until_idle()
            assert gateway.bodies == []
        assert (await rig.task(task.id)).status == "cancelled"
        events = await rig.sql("SELECT payload FROM stream_events ORDER BY first_id")
        assert [event["payload"]["type"] for event in events] == ["error", "status"]

    async def cancelled_within(self, rig: Rig, gateway: ScriptedGateway, begun: str) -> float:
        """Seconds from the cancellation of a task that `begun` finds to its end."""
        engine = rig.engine(gateway)
        keep_alive(rig, engine)
        task = await rig.submit()
        await engine.on_wake()
        await rig.until(begun)
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await cancel(rig, task.id)
        assert (await rig.ended(task.id, seconds=10)).status == "cancelled"
        return time.monotonic() - began

    async def test_a_streaming_model_call_ends_and_so_does_the_stream_behind(
        self, rig: Rig
    ) -> None:
        def script(_body: object, _number: int) -> list[Any]:
            return [piece for _ in range(600) for piece in ({"delta": "x "}, 0.05)]

        with ScriptedGateway(script) as gateway:
            seconds = await self.cancelled_within(
                rig, gateway, "SELECT 1 FROM task_steps WHERE kind = 'model'"
            )
            async with asyncio.timeout(5):
                while not gateway.left:  # noqa: ASYNC110 - counted in another thread
                    await asyncio.sleep(0.01)
        print(f"cancelled after {seconds:.2f} s")

    async def test_a_command_ends_with_its_children(self, rig: Rig) -> None:
        rig.tools = [run_shell.TOOL]
        mark = f"300.{time.monotonic_ns()}"  # a duration for sleep(1) that is unlike any other
        command = f"sleep {mark} & setsid sleep {mark} & sleep {mark}"
        rig.tier, rig.sandbox = SandboxTier.HOST, HOST
        with ScriptedGateway(tool_then_text("run_shell", command=command)) as gateway:
            seconds = await self.cancelled_within(
                rig, gateway, "SELECT 1 FROM task_steps WHERE kind = 'tool'"
            )
        assert pids_with(mark) == []
        print(f"cancelled after {seconds:.2f} s")


def pids_with(mark: str) -> list[int]:
    found: list[int] = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in file.read_bytes():
                found.append(int(file.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


class TestSlots:
    async def test_no_more_tasks_run_at_once_than_there_are_slots(self, rig: Rig) -> None:
        running, most = 0, 0

        async def count(run: TaskRun) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.03)
            await rig.answer(run)
            running -= 1

        with ScriptedGateway(hello) as gateway:
            engine = rig.engine(gateway, executor=count, slots=3)
            submitted = [await rig.submit() for _ in range(20)]
            await asyncio.gather(*(engine.on_wake() for _ in range(5)))
            for task in submitted:
                await rig.ended(task.id)
        assert most == 3


class TestDeadLetter:
    async def test_after_the_last_retry_with_the_last_error(self, rig: Rig) -> None:
        async def fail(_run: TaskRun) -> None:
            raise RuntimeError("it can't be done")

        task = await rig.submit()
        engine = rig.engine(ScriptedGateway(hello), executor=fail)
        for _ in range(6):
            await rig.sql("UPDATE tasks SET available_at = now() WHERE status = 'queued'")
            await engine.on_wake()
            await engine.wait_until_idle()
        ended = await rig.task(task.id)
        assert ended.status == "failed"
        assert ended.dead_lettered_at is not None
        assert ended.error is not None
        assert ended.error.endswith("RuntimeError: it can't be done")
        assert ended.retry_count == ended.max_retries == 5

    def test_retries_wait_longer_each_time_and_never_all_alike(self) -> None:
        for retries, longest in ((0, 1.0), (1, 2.0), (2, 4.0), (10, 60.0)):
            waits = {retry_wait(retries) for _ in range(50)}
            assert all(longest / 2 <= wait <= longest for wait in waits)
            assert len(waits) == 50


class TestClaim:
    @pytest.mark.parametrize("turns", range(1, 60, 3))
    async def test_one_that_is_cut_off_leaves_no_task_lying(self, rig: Rig, turns: int) -> None:
        """Redis dies while a nudge claims: arq cancels it, wherever it is."""
        with ScriptedGateway(hello) as gateway:
            engine = rig.engine(gateway)
            task = await rig.submit()
            nudge = asyncio.ensure_future(engine.on_wake())
            for _ in range(turns):
                await asyncio.sleep(0)
            nudge.cancel()
            await asyncio.gather(nudge, return_exceptions=True)
            ended = await rig.ended(task.id, seconds=10)
        assert (ended.status, ended.retry_count) == ("complete", 0)

    async def test_one_whose_commit_was_not_heard_of_is_given_back(self, rig: Rig) -> None:
        """The connection broke in the commit: the database has the claim, the worker does not."""
        task = await rig.submit()
        with ScriptedGateway(hello) as gateway:
            engine = rig.engine(gateway)
            engine._in_doubt_until = float("inf")
            await rig.sql(
                "UPDATE tasks SET status = 'task_running', holder = 'worker', boot_id = $1,"
                " attempt = 1, started_at = now(), lease_until = now() + interval '30 seconds'",
                engine.boot_id,
            )
            await engine.on_wake()
            assert (await rig.ended(task.id)).retry_count == 0

    async def test_a_worker_that_lost_a_task_to_itself_runs_it_once(self, rig: Rig) -> None:
        """It was stopped for longer than its lease, and takes the task up again itself."""
        running: list[TaskRun] = []

        async def hang(run: TaskRun) -> None:
            running.append(run)
            try:
                await asyncio.Event().wait()
            finally:
                running.remove(run)

        task = await rig.submit()
        engine = rig.engine(ScriptedGateway(hello), executor=hang, **SHORT_LEASE)
        await engine.on_wake()
        await rig.sql(
            "UPDATE tasks SET status = 'queued', holder = NULL, boot_id = NULL, lease_until = NULL"
        )
        await engine.on_wake()
        async with asyncio.timeout(5):
            while [run.task.attempt for run in running] != [2]:  # noqa: ASYNC110 - runs come and go
                await asyncio.sleep(0.01)
        # The new run is held like any other: its lease is prolonged, and it can be cancelled.
        keep_alive(rig, engine)
        await asyncio.sleep(2 * SHORT_LEASE["lease_seconds"])
        assert [run.lease.remaining > 0 for run in running] == [True]
        await cancel(rig, task.id)
        assert (await rig.ended(task.id)).status == "cancelled"
        assert running == []


class TestStoppedWorker:
    async def test_a_tool_does_not_begin_after_the_lease(self, rig: Rig) -> None:
        tool = counting_tool(rig.folder, effect=Effect.EFFECT)
        rig.tools = [tool]

        async def late(run: TaskRun) -> None:
            run.lease.extend(run.lease.until - 1_000)
            run.lease_margin = -2_000
            await rig.answer(run)

        with ScriptedGateway(tool_then_text("effect", note="x")) as gateway:
            task = await rig.submit()
            await rig.engine(gateway, executor=late).on_wake()
            await rig.ended(task.id)
        assert not (rig.folder / "effect").exists()
