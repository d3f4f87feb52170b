"""Who holds a task: one at a time, in order, and never two."""

import asyncio
from uuid import UUID

import pytest

from services.kit.jobs import Waker
from services.orchestrator.engine.errors import LeaseLost
from services.orchestrator.engine.leases import queries
from services.orchestrator.engine.leases.reaper import Reaper
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.runner import Engine
from tests.fixtures.engine import Rig, ScriptedGateway, text


def hello(_body: object, _number: int) -> list[object]:
    return text("Hello", " there")


class TestClaim:
    async def test_each_task_is_run_once_by_one_of_many_workers(self, rig: Rig) -> None:
        ran: list[UUID] = []

        async def note(run: TaskRun) -> None:
            ran.append(run.task.id)
            await rig.answer(run)

        with ScriptedGateway(hello) as gateway:
            engines = [rig.engine(gateway, name=f"w{n}", executor=note) for n in range(4)]
            tasks = [await rig.submit() for _ in range(20)]
            await asyncio.gather(*(engine.on_wake() for engine in engines))
            for task in tasks:
                assert (await rig.ended(task.id)).output == "Hello there"
        assert sorted(ran) == sorted(task.id for task in tasks)

    async def test_turns_of_a_session_run_in_order_one_at_a_time(self, rig: Rig) -> None:
        running: list[UUID] = []
        order: list[UUID] = []

        async def alone(run: TaskRun) -> None:
            assert not running
            running.append(run.task.id)
            await asyncio.sleep(0.02)
            order.append(run.task.id)
            running.clear()
            await rig.answer(run)

        with ScriptedGateway(hello) as gateway:
            engines = [rig.engine(gateway, name=f"w{n}", executor=alone) for n in range(3)]
            first = await rig.submit("1")
            others = [await rig.submit(str(n), session_id=first.session_id) for n in range(4)]
            await asyncio.gather(*(engine.on_wake() for engine in engines))
            for task in [first, *others]:
                assert (await rig.ended(task.id)).status == "complete"
        assert order == [task.id for task in [first, *others]]


class TestLease:
    async def held(self, rig: Rig, *, lease_seconds: float = 30.0) -> tuple[Engine, TaskRun]:
        """A task held by a run that does nothing."""
        found: asyncio.Future[TaskRun] = asyncio.get_running_loop().create_future()

        async def hang(run: TaskRun) -> None:
            found.set_result(run)
            await asyncio.Event().wait()

        engine = rig.engine(
            ScriptedGateway(hello), name="lost", executor=hang, lease_seconds=lease_seconds
        )
        await rig.submit()
        await engine.on_wake()
        return engine, await found

    async def test_an_expired_lease_is_handed_on_and_the_old_holder_writes_nothing(
        self, rig: Rig, redis_url: str
    ) -> None:
        _, run = await self.held(rig, lease_seconds=0.1)
        await rig.sql("UPDATE tasks SET lease_until = clock_timestamp() - interval '3 seconds'")
        waker = Waker(redis_url, database=2)
        await Reaper(rig.database, rig.publisher, waker).sweep()
        await waker.close()
        task = await rig.task(run.task.id)
        assert (task.status, task.retry_count) == ("queued", 1)
        with pytest.raises(LeaseLost):
            await run.emit()
        assert not await rig.sql("SELECT 1 FROM stream_events")

    async def test_a_running_lease_is_left_alone(self, rig: Rig, redis_url: str) -> None:
        engine, run = await self.held(rig)
        waker = Waker(redis_url, database=2)
        await Reaper(rig.database, rig.publisher, waker).sweep()
        await waker.close()
        assert (await rig.task(run.task.id)).status == "task_running"
        await engine.stop()

    async def test_a_new_boot_of_the_same_name_frees_at_once_what_the_old_one_held(
        self, rig: Rig
    ) -> None:
        _, run = await self.held(rig)
        other = rig.engine(ScriptedGateway(hello), name="other")
        await other.free_earlier_boots()
        assert (await rig.task(run.task.id)).status == "task_running"
        again = rig.engine(ScriptedGateway(hello), name="lost")
        await again.free_earlier_boots()
        assert (await rig.task(run.task.id)).status == "queued"

    async def test_a_stopping_worker_gives_its_lease_back_without_a_retry(self, rig: Rig) -> None:
        engine, run = await self.held(rig)
        await engine.stop()
        task = await rig.task(run.task.id)
        assert (task.status, task.retry_count) == ("queued", 0)

    async def test_a_run_that_was_stopped_before_its_first_step_gives_it_back_too(
        self, rig: Rig
    ) -> None:
        submitted = await rig.submit()
        # With one slot the claim returns before its run has had a turn of the loop.
        engine = rig.engine(ScriptedGateway(hello), slots=1)
        await engine.on_wake()
        await engine.stop()
        task = await rig.task(submitted.id)
        assert (task.status, task.retry_count) == ("queued", 0)

    async def test_a_run_that_was_cancelled_before_its_first_step_is_looked_after(
        self, rig: Rig
    ) -> None:
        submitted = await rig.submit()
        with ScriptedGateway(hello) as gateway:
            engine = rig.engine(gateway, slots=1)
            await engine.on_wake()
            name = f"task {submitted.id}"
            (work,) = [task for task in asyncio.all_tasks() if task.get_name() == name]
            work.cancel()
            task = await rig.ended(submitted.id)
            await engine.stop()
        assert (task.status, task.retry_count) == ("complete", 0)

    async def test_too_many_lost_workers_make_a_dead_letter_that_says_why(self, rig: Rig) -> None:
        _, run = await self.held(rig)
        await rig.sql("UPDATE tasks SET retry_count = max_retries")
        async with rig.database.transaction() as connection:
            dropped = await queries.free_earlier_boots(connection, "lost", boot_id=UUID(int=0))
        assert [task.dead for task in dropped] == [True]
        task = await rig.task(run.task.id)
        assert task.status == "failed"
        assert task.dead_lettered_at is not None
        assert (
            task.error
            == "gave up after 6 tries; the last one: its worker ended in the middle of it"
        )
