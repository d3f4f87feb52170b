"""SQL of a schedule's runs: one row for each slot, and for each run by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class RunRow:
    id: UUID
    slot: datetime
    kind: Literal["slot", "manual"]
    status: Literal["submitted", "missed", "overlapped", "failed"]
    task_id: UUID | None
    task_status: str | None
    error: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewRun:
    id: UUID
    schedule_id: UUID
    slot: datetime
    kind: Literal["slot", "manual"]
    status: Literal["submitted", "missed", "overlapped", "failed"]
    task_id: UUID | None = None
    error: str | None = None


_INSERT_RUN = Statement(
    """
    INSERT INTO schedule_runs (id, schedule_id, slot, kind, status, task_id, error)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)
_HAS_SLOT = Scalar(
    bool,
    """
    SELECT EXISTS (SELECT 1 FROM schedule_runs
        WHERE schedule_id = $1 AND slot = $2 AND kind = 'slot')
    """,
)
_HAS_UNFINISHED = Scalar(
    bool,
    """
    SELECT EXISTS (SELECT 1 FROM schedule_runs JOIN tasks ON tasks.id = schedule_runs.task_id
        WHERE schedule_id = $1 AND tasks.status NOT IN ('complete', 'failed', 'cancelled'))
    """,
)
_LIST_RUNS = Query(
    RunRow,
    """
    SELECT schedule_runs.id, slot, schedule_runs.kind, schedule_runs.status, task_id,
        tasks.status AS task_status, schedule_runs.error, created_at
    FROM schedule_runs LEFT JOIN tasks ON tasks.id = schedule_runs.task_id
    WHERE schedule_id = $1
    ORDER BY slot DESC, schedule_runs.id DESC
    LIMIT $2 OFFSET $3
    """,
)
_FIND_RUN = Query(
    RunRow,
    """
    SELECT schedule_runs.id, slot, schedule_runs.kind, schedule_runs.status, task_id,
        tasks.status AS task_status, schedule_runs.error, created_at
    FROM schedule_runs LEFT JOIN tasks ON tasks.id = schedule_runs.task_id
    WHERE schedule_runs.id = $1
    """,
)
_COUNT_RUNS = Scalar(int, "SELECT count(*) FROM schedule_runs WHERE schedule_id = $1")
# A run whose task goes on is kept whatever its age: the overlap policy has to see it.
_FORGET_OLD_RUNS = Statement(
    """
    DELETE FROM schedule_runs
    WHERE schedule_id = $1
        AND slot < (SELECT slot FROM schedule_runs WHERE schedule_id = $1
            ORDER BY slot DESC, id DESC OFFSET $2 LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = schedule_runs.task_id
            AND tasks.status NOT IN ('complete', 'failed', 'cancelled'))
    """
)


async def insert_run(connection: Connection, run: NewRun) -> None:
    await _INSERT_RUN.run(
        connection,
        run.id,
        run.schedule_id,
        run.slot,
        run.kind,
        run.status,
        run.task_id,
        run.error,
    )


async def has_slot(connection: Connection, schedule_id: UUID, *, slot: datetime) -> bool:
    """Whether that slot has been dealt with before."""
    return await _HAS_SLOT.one(connection, schedule_id, slot)


async def has_unfinished(connection: Connection, schedule_id: UUID) -> bool:
    """Whether a task of an earlier run has not ended."""
    return await _HAS_UNFINISHED.one(connection, schedule_id)


async def list_runs(
    connection: Connection, schedule_id: UUID, *, limit: int, offset: int
) -> list[RunRow]:
    return await _LIST_RUNS.all(connection, schedule_id, limit, offset)


async def find_run(connection: Connection, run_id: UUID) -> RunRow:
    return await _FIND_RUN.one(connection, run_id)


async def count_runs(connection: Connection, schedule_id: UUID) -> int:
    return await _COUNT_RUNS.one(connection, schedule_id)


async def forget_old_runs(connection: Connection, schedule_id: UUID, *, kept: int) -> None:
    await _FORGET_OLD_RUNS.run(connection, schedule_id, kept)
