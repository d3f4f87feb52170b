"""SQL of the limits of running tasks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar


@dataclass(frozen=True, slots=True)
class OutOfTime:
    id: UUID
    limit_seconds: int


_OUT_OF_TIME_AMONG = Query(
    OutOfTime,
    """
    SELECT tasks.id, pods.max_execution_seconds AS limit_seconds
    FROM tasks JOIN pods ON pods.id = tasks.pod_id
    WHERE tasks.id = ANY($1) AND tasks.holder IS NOT NULL
        AND tasks.ran_seconds + extract(epoch FROM clock_timestamp() - tasks.counted_at)
            >= pods.max_execution_seconds
    """,
)
_TASK_BUDGETS = Scalar(object, "SELECT task_budgets($1)")


@dataclass(frozen=True, slots=True)
class ResumedTask:
    id: UUID
    stream_id: UUID
    queue: str


# The form of `resumes_at` is fixed, so that texts compare as the times do.
_RESUME_DUE = Query(
    ResumedTask,
    """
    UPDATE tasks SET status = 'queued', pending = NULL, available_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM tasks
        WHERE status = 'pending_human_review' AND pending ->> 'resumes_at' IS NOT NULL
            AND pending ->> 'resumes_at'
                <= to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        FOR UPDATE SKIP LOCKED)
    RETURNING id, stream_id, queue
    """,
)


async def resume_due(connection: Connection) -> list[ResumedTask]:
    """Queue the tasks that have waited for a budget for as long as they said."""
    return await _RESUME_DUE.all(connection)


async def out_of_time_among(connection: Connection, task_ids: list[UUID]) -> list[OutOfTime]:
    """Those that have been run for as long as their pod lets them; waiting does not count."""
    return await _OUT_OF_TIME_AMONG.all(connection, task_ids)


async def task_budgets(connection: Connection, task_id: UUID) -> Any:
    """The budgets that a task draws on, as contracts.llm.BudgetScope."""
    return await _TASK_BUDGETS.one(connection, task_id)
