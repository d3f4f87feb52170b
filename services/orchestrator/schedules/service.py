"""What can be done with schedules; firing them is in runs/."""

from datetime import datetime, timedelta
from uuid import UUID

from contracts.triggers import CreateScheduleRequest, Schedule, SchedulePatch
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id
from services.orchestrator.audit.service import record
from services.orchestrator.patches import given_fields, patched
from services.orchestrator.pods.routing.service import check_pod_name
from services.orchestrator.schedules import queries
from services.orchestrator.schedules.queries import ScheduleRow
from services.orchestrator.schedules.slots import BadTiming, Timing, in_utc

# How long ago `at` may be when it is set: "now" has passed when it arrives here.
_JUST_NOW = timedelta(minutes=1)
_TIMING = ("enabled", "cron", "at", "timezone")


async def list_schedules(
    connection: Connection, *, limit: int, offset: int
) -> tuple[list[Schedule], int]:
    """One page, newest first, and how many schedules there are."""
    rows = await queries.list_schedules(connection, limit=limit, offset=offset)
    return [_schedule(row) for row in rows], await queries.count_schedules(connection)


async def get_schedule(connection: Connection, schedule_id: UUID) -> Schedule:
    row = await queries.find_schedule(connection, schedule_id)
    if row is None:
        raise unknown(schedule_id)
    return _schedule(row)


async def create_schedule(
    connection: Connection, request: CreateScheduleRequest, *, actor: Principal
) -> Schedule:
    schedule = await _checked(connection, request)
    now = await queries.database_now(connection)
    row = await queries.insert_schedule(
        connection, new_id(), schedule=schedule, next_run_at=_first_slot(schedule, now, moved=True)
    )
    await record(
        connection,
        actor=actor,
        action="schedule.created",
        subject_kind="schedule",
        subject_id=row.id,
        detail={"name": row.name},
    )
    return _schedule(row)


async def update_schedule(
    connection: Connection, schedule_id: UUID, *, patch: SchedulePatch, actor: Principal
) -> Schedule:
    """What changes when it fires counts from now on: nothing is caught up."""
    current = await queries.lock_schedule(connection, schedule_id)
    if current is None:
        raise unknown(schedule_id)
    fields = CreateScheduleRequest.model_fields
    values = {name: getattr(current, name) for name in fields}
    schedule = await _checked(connection, patched(CreateScheduleRequest, values, patch=patch))
    next_run_at = current.next_run_at
    if any(getattr(schedule, name) != getattr(current, name) for name in _TIMING):
        moved = schedule.at != current.at
        next_run_at = _first_slot(schedule, current.now, moved=moved)
    row = await queries.update_schedule(
        connection, schedule_id, schedule=schedule, next_run_at=next_run_at
    )
    await record(
        connection,
        actor=actor,
        action="schedule.updated",
        subject_kind="schedule",
        subject_id=schedule_id,
        detail={"name": row.name, "changed": given_fields(patch)},
    )
    return _schedule(row)


async def delete_schedule(connection: Connection, schedule_id: UUID, *, actor: Principal) -> None:
    """The tasks that it has started stay."""
    row = await queries.lock_schedule(connection, schedule_id)
    if row is None:
        raise unknown(schedule_id)
    await queries.delete_schedule(connection, schedule_id)
    await record(
        connection,
        actor=actor,
        action="schedule.deleted",
        subject_kind="schedule",
        subject_id=schedule_id,
        detail={"name": row.name},
    )


def timing_of(schedule: CreateScheduleRequest | ScheduleRow) -> Timing:
    return Timing(cron=schedule.cron, at=schedule.at, timezone=schedule.timezone)


def unknown(schedule_id: UUID) -> NotFound:
    return NotFound(f"There is no schedule {schedule_id}.", code="unknown_schedule")


async def _checked(connection: Connection, request: CreateScheduleRequest) -> CreateScheduleRequest:
    """The request with `at` in UTC."""
    if not request.name.strip():
        raise Invalid("name: it must not be blank.")
    if not request.user_input.strip():
        raise Invalid("user_input: it must not be blank.")
    at = None if request.at is None else in_utc(request.at, request.timezone)
    schedule = request.model_copy(update={"at": at})
    timing_of(schedule).check()
    await check_pod_name(connection, request.pod_name)
    return schedule


def _first_slot(schedule: CreateScheduleRequest, now: datetime, *, moved: bool) -> datetime | None:
    """When a schedule that was just written fires next; `moved`: its one time was just set."""
    if not schedule.enabled:
        return None
    if schedule.at is None or not moved:
        return timing_of(schedule).next_slot(now)
    if schedule.at < now - _JUST_NOW:
        raise BadTiming("at: it lies in the past.")
    return schedule.at


def _schedule(row: ScheduleRow) -> Schedule:
    return Schedule.model_validate(row, from_attributes=True)
