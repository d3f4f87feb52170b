"""SQL of schedules and of the runs that they started."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.triggers import CreateScheduleRequest
from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """`now` is PostgreSQL's clock when the row was read."""

    id: UUID
    name: str
    enabled: bool
    cron: str | None
    at: datetime | None
    timezone: str
    user_input: str
    pod_name: str | None
    metadata: dict[str, Any]
    goal_id: str | None
    misfire: Literal["skip", "once", "all"]
    overlap: Literal["start", "skip"]
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_error: str | None
    created_at: datetime
    now: datetime


_LIST_SCHEDULES = Query(
    ScheduleRow,
    """
    SELECT id, name, enabled, cron, at, timezone, user_input, pod_name, metadata, goal_id, misfire,
        overlap, next_run_at, last_run_at, last_error, created_at, now() AS now
    FROM schedules
    ORDER BY created_at DESC, id DESC
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_SCHEDULES = Scalar(int, "SELECT count(*) FROM schedules")
_FIND_SCHEDULE = Query(
    ScheduleRow,
    """
    SELECT id, name, enabled, cron, at, timezone, user_input, pod_name, metadata, goal_id, misfire,
        overlap, next_run_at, last_run_at, last_error, created_at, now() AS now
    FROM schedules
    WHERE id = $1
    """,
)
_LOCK_SCHEDULE = Query(
    ScheduleRow,
    """
    SELECT id, name, enabled, cron, at, timezone, user_input, pod_name, metadata, goal_id, misfire,
        overlap, next_run_at, last_run_at, last_error, created_at, now() AS now
    FROM schedules
    WHERE id = $1
    FOR UPDATE
    """,
)
# now(), not clock_timestamp(): only what does not change within a statement can use the index.
_LOCK_DUE = Query(
    ScheduleRow,
    """
    SELECT id, name, enabled, cron, at, timezone, user_input, pod_name, metadata, goal_id, misfire,
        overlap, next_run_at, last_run_at, last_error, created_at, now() AS now
    FROM schedules
    WHERE next_run_at <= now() AND id <> ALL($1::uuid[])
    ORDER BY next_run_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
    """,
)
_SECONDS_UNTIL_DUE = Scalar(
    float,
    """
    SELECT extract(epoch FROM min(next_run_at) - now())::float8
    FROM schedules
    WHERE next_run_at IS NOT NULL AND id <> ALL($1::uuid[])
    """,
)
_DATABASE_NOW = Scalar(datetime, "SELECT now()")
_INSERT_SCHEDULE = Query(
    ScheduleRow,
    """
    INSERT INTO schedules (id, name, enabled, cron, at, timezone, user_input, pod_name, metadata,
        goal_id, misfire, overlap, next_run_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    RETURNING id, name, enabled, cron, at, timezone, user_input, pod_name, metadata, goal_id,
        misfire, overlap, next_run_at, last_run_at, last_error, created_at, now() AS now
    """,
)
_UPDATE_SCHEDULE = Query(
    ScheduleRow,
    """
    UPDATE schedules
    SET name = $2, enabled = $3, cron = $4, at = $5, timezone = $6, user_input = $7,
        pod_name = $8, metadata = $9, goal_id = $10, misfire = $11, overlap = $12,
        next_run_at = $13, last_error = NULL
    WHERE id = $1
    RETURNING id, name, enabled, cron, at, timezone, user_input, pod_name, metadata, goal_id,
        misfire, overlap, next_run_at, last_run_at, last_error, created_at, now() AS now
    """,
)
_DELETE_SCHEDULE = Statement("DELETE FROM schedules WHERE id = $1")
_NOTE_FIRED = Statement(
    """
    UPDATE schedules
    SET next_run_at = $2, last_error = $3,
        last_run_at = CASE WHEN $4::boolean THEN now() ELSE last_run_at END
    WHERE id = $1
    """
)
_NOTE_STARTED = Statement(
    "UPDATE schedules SET last_run_at = now(), last_error = NULL WHERE id = $1"
)
_NOTE_ERROR = Statement("UPDATE schedules SET last_error = $2 WHERE id = $1")


def _columns(schedule: CreateScheduleRequest) -> tuple[object, ...]:
    return (
        schedule.name,
        schedule.enabled,
        schedule.cron,
        schedule.at,
        schedule.timezone,
        schedule.user_input,
        schedule.pod_name,
        schedule.metadata,
        schedule.goal_id,
        schedule.misfire,
        schedule.overlap,
    )


async def list_schedules(connection: Connection, *, limit: int, offset: int) -> list[ScheduleRow]:
    return await _LIST_SCHEDULES.all(connection, limit, offset)


async def count_schedules(connection: Connection) -> int:
    return await _COUNT_SCHEDULES.one(connection)


async def find_schedule(connection: Connection, schedule_id: UUID) -> ScheduleRow | None:
    return await _FIND_SCHEDULE.first(connection, schedule_id)


async def lock_schedule(connection: Connection, schedule_id: UUID) -> ScheduleRow | None:
    return await _LOCK_SCHEDULE.first(connection, schedule_id)


async def lock_due(connection: Connection, but: list[UUID]) -> ScheduleRow | None:
    """The schedule that has been due for longest and that no other process is firing."""
    return await _LOCK_DUE.first(connection, but)


async def seconds_until_due(connection: Connection, but: list[UUID]) -> float | None:
    """Until the next slot of any schedule; negative when it has passed, None if there is none."""
    return await _SECONDS_UNTIL_DUE.get(connection, but)


async def database_now(connection: Connection) -> datetime:
    return await _DATABASE_NOW.one(connection)


async def insert_schedule(
    connection: Connection,
    schedule_id: UUID,
    *,
    schedule: CreateScheduleRequest,
    next_run_at: datetime | None,
) -> ScheduleRow:
    return await _INSERT_SCHEDULE.one(connection, schedule_id, *_columns(schedule), next_run_at)


async def update_schedule(
    connection: Connection,
    schedule_id: UUID,
    *,
    schedule: CreateScheduleRequest,
    next_run_at: datetime | None,
) -> ScheduleRow:
    return await _UPDATE_SCHEDULE.one(connection, schedule_id, *_columns(schedule), next_run_at)


async def delete_schedule(connection: Connection, schedule_id: UUID) -> None:
    await _DELETE_SCHEDULE.run(connection, schedule_id)


async def note_fired(
    connection: Connection,
    schedule_id: UUID,
    *,
    next_run_at: datetime | None,
    error: str | None,
    started: bool,
) -> None:
    await _NOTE_FIRED.run(connection, schedule_id, next_run_at, error, started)


async def note_started(connection: Connection, schedule_id: UUID) -> None:
    await _NOTE_STARTED.run(connection, schedule_id)


async def note_error(connection: Connection, schedule_id: UUID, *, error: str) -> None:
    await _NOTE_ERROR.run(connection, schedule_id, error)
