"""Firing schedules: each slot once, whoever else fires and wherever a process dies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from contracts.triggers import CreateScheduleRequest
from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.failpoints import FailpointReached, Failpoints
from services.kit.jobs import Waker
from services.kit.supervision import Supervisor
from services.orchestrator.agents.service import ensure_primary_agent
from services.orchestrator.audit.service import SYSTEM
from services.orchestrator.pods.shipped import ensure_system_pods
from services.orchestrator.schedules import service
from services.orchestrator.schedules.firing import Firing
from tests.fixtures.orchestrator import eventually

# No test runs long enough for a second slot of it.
YEARLY = "0 0 1 1 *"
JUST_NOW = "now() - interval '1 second'"
HOURS_AGO = "now() - interval '3 hours'"


@dataclass
class Rig:
    database: Database
    waker: Waker

    def firing(self, failpoint: str = "") -> Firing:
        return Firing(self.database, self.waker, Failpoints(failpoint))

    async def schedule(self, *, due: str | None = None, **fields: Any) -> UUID:
        """A schedule; `due` moves its announced slot back, to that SQL expression."""
        values = {"name": "s", "cron": YEARLY, "user_input": "Do it", **fields}
        async with self.database.transaction() as connection:
            request = CreateScheduleRequest(**values)
            made = await service.create_schedule(connection, request, actor=SYSTEM)
            if due is not None:
                await connection.execute(
                    f"UPDATE schedules SET next_run_at = {due} WHERE id = $1", made.id
                )
        return made.id

    async def fire_all(self) -> None:
        firing = self.firing()
        while await firing.fire():
            pass

    async def sql(self, statement: str, *arguments: object) -> list[Any]:
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *arguments)

    async def tasks(self) -> int:
        return (await self.sql("SELECT count(*) FROM tasks"))[0][0]

    async def runs(self) -> list[str]:
        """What became of the slots, oldest first."""
        return [row[0] for row in await self.sql("SELECT status FROM schedule_runs ORDER BY slot")]

    async def row(self, schedule_id: UUID) -> Any:
        found = "SELECT *, next_run_at > now() AS ahead FROM schedules WHERE id = $1"
        return (await self.sql(found, schedule_id))[0]


@pytest.fixture
async def rig(database_url: str) -> AsyncIterator[Rig]:
    database = Database(database_url, size=10)
    await database.open()
    async with database.transaction() as connection:
        await ensure_system_pods(connection)
        await ensure_primary_agent(connection)
    waker = Waker("redis://127.0.0.1:9", database=2)  # nobody is there: a wake-up is only a nudge
    with capture_logs():
        yield Rig(database, waker)
    await waker.close()
    await database.close()


class TestExactlyOnce:
    async def test_a_due_slot_is_one_task(self, rig: Rig) -> None:
        schedule = await rig.schedule(due=JUST_NOW)
        await rig.fire_all()
        await rig.fire_all()
        assert (await rig.tasks(), await rig.runs()) == (1, ["submitted"])
        row = await rig.row(schedule)
        assert row["ahead"]
        assert row["last_run_at"] is not None
        (task,) = await rig.sql("SELECT status, queue, metadata FROM tasks")
        assert (task["status"], task["queue"]) == ("queued", "pipeline")
        assert task["metadata"]["trigger"]["id"] == str(schedule)
        audit = "SELECT count(*) FROM audit_log WHERE action = $1"
        for action in ("schedule.submitted", "task.submitted"):
            assert (await rig.sql(audit, action))[0][0] == 1

    async def test_eight_loops_at_once(self, rig: Rig) -> None:
        for _ in range(20):
            await rig.schedule(due=JUST_NOW)
        async with Supervisor() as supervisor:
            for number in range(8):
                supervisor.keep_running(rig.firing().run, name=f"loop {number}")
            await eventually(lambda: self._none_due(rig))
        assert await rig.tasks() == 20
        assert await rig.runs() == ["submitted"] * 20

    async def _none_due(self, rig: Rig) -> bool:
        return not await rig.sql("SELECT 1 FROM schedules WHERE next_run_at <= now()")

    async def test_dead_before_the_commit_leaves_nothing(self, rig: Rig) -> None:
        schedule = await rig.schedule(due=JUST_NOW)
        with pytest.raises(FailpointReached):
            await rig.firing("schedule.before_commit:raise").fire()
        assert (await rig.tasks(), await rig.runs()) == (0, [])
        assert not (await rig.row(schedule))["ahead"]
        await rig.fire_all()
        assert await rig.tasks() == 1

    async def test_dead_after_the_commit_has_fired(self, rig: Rig) -> None:
        await rig.schedule(due=JUST_NOW)
        with pytest.raises(FailpointReached):
            await rig.firing("schedule.after_commit:raise").fire()
        await rig.fire_all()
        assert (await rig.tasks(), await rig.runs()) == (1, ["submitted"])

    async def test_a_slot_that_is_announced_again_is_not_fired_again(self, rig: Rig) -> None:
        """As after a change to a time whose slot was just fired."""
        await rig.schedule(due=JUST_NOW)
        await rig.fire_all()
        await rig.sql("UPDATE schedules SET next_run_at = (SELECT slot FROM schedule_runs)")
        await rig.fire_all()
        slots = await rig.sql("SELECT count(*), count(DISTINCT slot) FROM schedule_runs")
        assert slots[0][0] == slots[0][1] == await rig.tasks()

    async def test_once_at_its_time_and_never_again(self, rig: Rig) -> None:
        schedule = await rig.schedule(cron=None, at="2099-01-01T00:00Z")
        await rig.sql(
            "UPDATE schedules SET at = now(), next_run_at = now() WHERE id = $1", schedule
        )
        await rig.fire_all()
        row = await rig.row(schedule)
        assert (row["next_run_at"], await rig.tasks()) == (None, 1)

    async def test_while_another_holds_the_row_nothing_waits(self, rig: Rig) -> None:
        schedule = await rig.schedule(due=JUST_NOW)
        async with rig.database.transaction() as connection:
            await connection.execute("SELECT 1 FROM schedules WHERE id = $1 FOR UPDATE", schedule)
            async with asyncio.timeout(5):
                assert not await rig.firing().fire()
        await rig.fire_all()
        assert await rig.tasks() == 1


class TestMisfire:
    """Slots of a schedule that fires every hour were missed."""

    async def missed(self, rig: Rig, **fields: Any) -> None:
        since = "date_trunc('hour', now()) - interval '3 hours'"
        await rig.schedule(cron="0 * * * *", due=since, **fields)

    async def test_once_runs_the_latest(self, rig: Rig) -> None:
        await self.missed(rig, misfire="once")
        await rig.fire_all()
        *earlier, latest = await rig.runs()
        assert (latest, set(earlier)) == ("submitted", {"missed"})
        assert len(earlier) >= 3
        (run,) = await rig.sql("SELECT slot FROM schedule_runs WHERE status = 'submitted'")
        (hour,) = await rig.sql("SELECT date_trunc('hour', created_at) FROM schedule_runs LIMIT 1")
        assert run[0] == hour[0]

    async def test_all_runs_each(self, rig: Rig) -> None:
        await self.missed(rig, misfire="all")
        await rig.fire_all()
        assert await rig.tasks() == len(await rig.runs()) >= 4
        assert set(await rig.runs()) == {"submitted"}

    async def test_all_is_bounded(self, rig: Rig) -> None:
        schedule = await rig.schedule(
            cron="* * * * *", misfire="all", due="now() - interval '3 years'"
        )
        await rig.fire_all()
        assert await rig.tasks() in {100, 101}  # one more if a minute has just begun
        assert (await rig.row(schedule))["ahead"]

    async def test_skip_runs_none_that_is_late(self, rig: Rig) -> None:
        schedule = await rig.schedule(misfire="skip", due=HOURS_AGO)
        await rig.fire_all()
        assert (await rig.tasks(), await rig.runs()) == (0, ["missed"])
        assert (await rig.row(schedule))["ahead"]

    async def test_skip_runs_what_is_on_time(self, rig: Rig) -> None:
        """A restart takes seconds, and is no reason to leave a slot out."""
        schedule = await rig.schedule(cron=None, at="2099-01-01T00:00Z", misfire="skip")
        past = "now() - interval '20 seconds'"
        await rig.sql(f"UPDATE schedules SET at = {past}, next_run_at = {past}")
        await rig.fire_all()
        assert await rig.runs() == ["submitted"]
        assert (await rig.row(schedule))["next_run_at"] is None

    async def test_a_year_off_is_caught_up_quickly(self, rig: Rig) -> None:
        await rig.schedule(cron="* * * * *", due="now() - interval '1 year'")
        async with asyncio.timeout(10):
            await rig.fire_all()
        assert await rig.tasks() in {1, 2}


class TestOverlap:
    async def test_skip_waits_for_the_end_of_the_earlier_task(self, rig: Rig) -> None:
        schedule = await rig.schedule(overlap="skip", due=HOURS_AGO)
        again = f"UPDATE schedules SET next_run_at = {JUST_NOW}"
        await rig.fire_all()
        await rig.sql(again)
        await rig.fire_all()
        assert await rig.runs() == ["submitted", "overlapped"]
        await rig.sql("UPDATE tasks SET status = 'cancelled', error = 'x', completed_at = now()")
        await rig.sql(again)
        await rig.fire_all()
        assert await rig.runs() == ["submitted", "overlapped", "submitted"]
        assert (await rig.row(schedule))["last_error"] is None

    async def test_start_starts_beside_it(self, rig: Rig) -> None:
        await rig.schedule(overlap="start", misfire="all", due=HOURS_AGO, cron="0 * * * *")
        await rig.fire_all()
        assert await rig.tasks() >= 3


class TestFailures:
    async def test_a_disabled_pod_is_noted_and_the_schedule_goes_on(self, rig: Rig) -> None:
        schedule = await rig.schedule(pod_name="Quick Reply", due=JUST_NOW)
        await rig.sql("UPDATE pods SET enabled = false WHERE name = 'Quick Reply'")
        await rig.fire_all()
        row = await rig.row(schedule)
        assert (await rig.runs(), row["last_run_at"]) == (["failed"], None)
        assert "disabled" in row["last_error"]
        assert row["ahead"]
        await rig.sql("UPDATE pods SET enabled = true")
        await rig.sql(f"UPDATE schedules SET next_run_at = {JUST_NOW}")
        await rig.fire_all()
        assert (await rig.row(schedule))["last_error"] is None
        assert await rig.tasks() == 1

    async def test_a_deleted_pod_is_noted(self, rig: Rig) -> None:
        schedule = await rig.schedule(pod_name="Quick Reply", due=JUST_NOW)
        await rig.sql("DELETE FROM pods WHERE name = 'Quick Reply'")
        await rig.fire_all()
        assert "no pod named" in (await rig.row(schedule))["last_error"]
        (run,) = await rig.sql("SELECT status, error, task_id FROM schedule_runs")
        assert (run["status"], run["task_id"]) == ("failed", None)
        assert "no pod named" in run["error"]

    async def test_a_zone_that_is_no_longer_known_stops_it_visibly(self, rig: Rig) -> None:
        schedule = await rig.schedule(due=JUST_NOW)
        await rig.sql("UPDATE schedules SET timezone = 'Mars/Olympus'")
        await rig.fire_all()
        row = await rig.row(schedule)
        assert (row["next_run_at"], await rig.tasks()) == (None, 0)
        assert "Mars/Olympus" in row["last_error"]

    async def test_one_that_fails_for_a_bug_holds_no_other_up(self, rig: Rig) -> None:
        broken = await rig.schedule(due=HOURS_AGO)
        await rig.sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'a bug'; END $$;"
        )
        await rig.sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON schedule_runs FOR EACH ROW"
            f" WHEN (NEW.schedule_id = '{broken}') EXECUTE FUNCTION refuse()"
        )
        await rig.schedule(due=JUST_NOW)
        firing = rig.firing()
        while await firing.fire():
            pass
        assert await rig.tasks() == 1
        assert "a bug" in (await rig.row(broken))["last_error"]
        await rig.sql("DROP TRIGGER refuse ON schedule_runs")
        await rig.fire_all()
        assert await rig.tasks() == 2

    async def test_without_a_database_it_waits_and_goes_on(self, rig: Rig) -> None:
        firing = rig.firing()
        await rig.schedule(due=JUST_NOW)
        await rig.database.close()
        with pytest.raises(DatabaseDown):
            await firing.run()
        await rig.database.open()
        await firing.run()
        assert await rig.tasks() == 1

    async def test_old_runs_are_forgotten_but_for_a_task_that_goes_on(self, rig: Rig) -> None:
        schedule = await rig.schedule(due=HOURS_AGO, misfire="all", cron="0 * * * *")
        await rig.fire_all()
        first = (await rig.sql("SELECT count(*) FROM schedule_runs"))[0][0]
        await rig.sql(
            "INSERT INTO schedule_runs (id, schedule_id, slot, kind, status) SELECT"
            " gen_random_uuid(), $1, now() + n * interval '1 hour', 'slot', 'missed'"
            " FROM generate_series(1, 1500) AS n",
            schedule,
        )
        await rig.sql(f"UPDATE schedules SET next_run_at = {JUST_NOW}")
        await rig.fire_all()
        kept = await rig.sql("SELECT count(*), count(task_id) FROM schedule_runs")
        assert 1000 <= kept[0][0] <= 1000 + first + 2
        assert kept[0][1] >= first
