"""Starts what is due: the slot's row, its task and the schedule's next time, in one transaction."""

from datetime import datetime, timedelta
from uuid import UUID

from contracts.orchestrator import PipelineSubmitRequest
from contracts.triggers import ScheduleRun
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import DependencyDown, NovaError
from services.kit.ids import new_id
from services.orchestrator.audit.service import SYSTEM, record
from services.orchestrator.pipeline.tasks import service as pipeline
from services.orchestrator.schedules import queries as schedule_queries
from services.orchestrator.schedules.queries import ScheduleRow
from services.orchestrator.schedules.runs import queries
from services.orchestrator.schedules.runs.queries import NewRun
from services.orchestrator.schedules.service import timing_of, unknown
from services.orchestrator.schedules.slots import BadTiming

MOST_CAUGHT_UP = 100
"""Of more slots that were missed only these, the latest, are listed or run."""

# A slot this late is still on time: a restart, or a database that went away, takes a while.
_ON_TIME = timedelta(minutes=1)
_RUNS_KEPT = 1000


async def fire(connection: Connection, schedule: ScheduleRow) -> int:
    """Start what is due of a schedule that the caller has locked; how many tasks it submitted.

    The row lock makes two processes take turns, and the next time that commits with the task makes
    the second one find nothing left: so each slot starts once, whoever dies wherever.
    """
    timing = timing_of(schedule)
    try:
        announced = schedule.next_run_at or schedule.now
        slots = timing.due_slots(announced, schedule.now, limit=MOST_CAUGHT_UP)
        next_run_at = timing.next_slot(schedule.now)
    except BadTiming as error:  # a zone that this machine no longer knows, for example
        await schedule_queries.note_fired(
            connection, schedule.id, next_run_at=None, error=error.detail, started=False
        )
        return 0
    runs = [
        await _fire_slot(connection, schedule, slot, wanted=_is_wanted(schedule, slot, slots[-1]))
        for slot in slots
        if not await queries.has_slot(connection, schedule.id, slot=slot)
    ]
    submitted = [run for run in runs if run.status == "submitted"]
    errors = [run.error for run in runs if run.status == "failed"]
    await schedule_queries.note_fired(
        connection,
        schedule.id,
        next_run_at=next_run_at,
        error=errors[-1] if errors else None,
        started=bool(submitted),
    )
    await queries.forget_old_runs(connection, schedule.id, kept=_RUNS_KEPT)
    return len(submitted)


async def run_now(connection: Connection, schedule_id: UUID, *, actor: Principal) -> ScheduleRun:
    """Start it by hand, also while it is disabled or the task of an earlier run goes on.

    Raises what a submission raises: NotFound or WrongState for its pod.
    """
    schedule = await schedule_queries.lock_schedule(connection, schedule_id)
    if schedule is None:
        raise unknown(schedule_id)
    task_id = await _submit(connection, schedule, schedule.now, kind="manual", actor=actor)
    run = NewRun(new_id(), schedule_id, schedule.now, "manual", "submitted", task_id)
    await queries.insert_run(connection, run)
    await schedule_queries.note_started(connection, schedule_id)
    await record(
        connection,
        actor=actor,
        action="schedule.run",
        subject_kind="schedule",
        subject_id=schedule_id,
        detail={"task_id": str(task_id)},
    )
    row = await queries.find_run(connection, run.id)
    return ScheduleRun.model_validate(row, from_attributes=True)


async def list_runs(
    connection: Connection, schedule_id: UUID, *, limit: int, offset: int
) -> tuple[list[ScheduleRun], int]:
    """One page, the latest slot first, and how many runs are known."""
    if await schedule_queries.find_schedule(connection, schedule_id) is None:
        raise unknown(schedule_id)
    rows = await queries.list_runs(connection, schedule_id, limit=limit, offset=offset)
    runs = [ScheduleRun.model_validate(row, from_attributes=True) for row in rows]
    return runs, await queries.count_runs(connection, schedule_id)


def _is_wanted(schedule: ScheduleRow, slot: datetime, latest: datetime) -> bool:
    match schedule.misfire:
        case "all":
            return True
        case "once":
            return slot == latest
        case "skip":
            return slot == latest and schedule.now - slot <= _ON_TIME


async def _fire_slot(
    connection: Connection, schedule: ScheduleRow, slot: datetime, *, wanted: bool
) -> NewRun:
    """Deal with one slot, and write down how."""
    run_id = new_id()
    if not wanted:
        run = NewRun(run_id, schedule.id, slot, "slot", "missed")
    elif schedule.overlap == "skip" and await queries.has_unfinished(connection, schedule.id):
        run = NewRun(run_id, schedule.id, slot, "slot", "overlapped")
    else:
        try:
            async with connection.transaction():  # a savepoint: what failed leaves nothing behind
                task_id = await _submit(connection, schedule, slot, kind="slot", actor=SYSTEM)
        except DependencyDown:
            raise  # no verdict on the slot: it is tried again
        except NovaError as error:
            run = NewRun(run_id, schedule.id, slot, "slot", "failed", error=error.detail)
        else:
            run = NewRun(run_id, schedule.id, slot, "slot", "submitted", task_id)
    await queries.insert_run(connection, run)
    await record(
        connection,
        actor=SYSTEM,
        action=f"schedule.{run.status}",
        subject_kind="schedule",
        subject_id=schedule.id,
        detail={
            "slot": slot.isoformat(),
            "task_id": None if run.task_id is None else str(run.task_id),
            "error": run.error,
        },
    )
    return run


async def _submit(
    connection: Connection, schedule: ScheduleRow, slot: datetime, *, kind: str, actor: Principal
) -> UUID:
    trigger = {"kind": "schedule", "id": str(schedule.id), "slot": slot.isoformat(), "run": kind}
    answer = await pipeline.submit(
        connection,
        PipelineSubmitRequest(
            user_input=schedule.user_input,
            pod_name=schedule.pod_name,
            metadata={**schedule.metadata, "trigger": trigger},
            goal_id=schedule.goal_id,
        ),
        idempotency_key=None,
        actor=actor,
    )
    return answer.task_id
