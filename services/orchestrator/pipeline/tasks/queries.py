"""SQL of listing, answering and deleting pipeline tasks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement
from services.orchestrator.tasks.queries import TaskRow

_LIST_TASKS = Query(
    TaskRow,
    """
    SELECT id, kind, queue, status, stream_id, stream_after, session_id, agent_id, pod_id,
        pod_name, key_id, user_input, metadata, goal_id, current_stage, pending, output, error,
        retry_count, max_retries, dead_lettered_at, priority, budget_usd::float8 AS budget_usd,
        greatest(total_cost_usd, used.cost)::float8 AS total_cost_usd,
        greatest(total_input_tokens, used.taken) AS total_input_tokens,
        greatest(total_output_tokens, used.given) AS total_output_tokens,
        queued_at, started_at, completed_at, forked_from, forked_step
    FROM (
        SELECT * FROM tasks
        WHERE kind = 'pipeline' AND ($1::text[] IS NULL OR status = ANY($1))
            AND ($2::uuid IS NULL OR pod_id = $2) AND ($3::text IS NULL OR goal_id = $3)
        ORDER BY queued_at DESC, id DESC LIMIT $4 OFFSET $5
    ) AS tasks CROSS JOIN LATERAL (
        SELECT sum(usage_events.cost_usd) AS cost, sum(usage_events.input_tokens)::bigint AS taken,
            sum(usage_events.output_tokens)::bigint AS given
        FROM usage_events WHERE usage_events.task_id = tasks.id) AS used
    ORDER BY queued_at DESC, id DESC
    """,
)
_COUNT_TASKS = Scalar(
    int,
    """
    SELECT count(*) FROM tasks
    WHERE kind = 'pipeline' AND ($1::text[] IS NULL OR status = ANY($1))
        AND ($2::uuid IS NULL OR pod_id = $2) AND ($3::text IS NULL OR goal_id = $3)
    """,
)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    statuses: list[str] | None = None
    pod_id: UUID | None = None
    goal_id: str | None = None


async def list_tasks(
    connection: Connection, wanted: TaskFilter, *, limit: int, offset: int
) -> list[TaskRow]:
    return await _LIST_TASKS.all(
        connection, wanted.statuses, wanted.pod_id, wanted.goal_id, limit, offset
    )


async def count_tasks(connection: Connection, wanted: TaskFilter) -> int:
    return await _COUNT_TASKS.one(connection, wanted.statuses, wanted.pod_id, wanted.goal_id)


@dataclass(frozen=True, slots=True)
class Counts:
    findings: int
    reviews: int
    artifacts: int


_COUNTS = Query(
    Counts,
    """
    SELECT (SELECT count(*) FROM guardrail_findings WHERE task_id = $1) AS findings,
        (SELECT count(*) FROM code_reviews WHERE task_id = $1) AS reviews,
        (SELECT count(*) FROM artifacts WHERE task_id = $1) AS artifacts
    """,
)


async def counts(connection: Connection, task_id: UUID) -> Counts:
    return await _COUNTS.one(connection, task_id)


@dataclass(frozen=True, slots=True)
class WaitingTask:
    status: str
    pending: dict[str, Any] | None
    stream_id: UUID
    checkpoint: dict[str, Any]


_LOCK_WAITING = Query(
    WaitingTask,
    """
    SELECT status, pending, stream_id, checkpoint
    FROM tasks WHERE id = $1 AND kind = 'pipeline' FOR UPDATE
    """,
)
# The answer is kept with the task, so that whoever goes on with it finds it; `said` keeps all of
# them in order, with the last step before each: a replay gives them again where they were given.
_GO_ON = Statement(
    """
    UPDATE tasks SET status = 'queued', pending = NULL, available_at = clock_timestamp(),
        flags = ARRAY(SELECT DISTINCT flag FROM unnest(flags || $2::text[]) AS flag),
        checkpoint = checkpoint || $3::jsonb || jsonb_build_object('said',
            coalesce(checkpoint -> 'said', '[]') || jsonb_build_object(
                'kind', pending ->> 'kind', 'flags', to_jsonb($2::text[]), 'checkpoint', $3::jsonb,
                'after', (SELECT max(step) FROM task_steps WHERE task_id = $1)))
    WHERE id = $1
    """
)
_SET_BUDGET = Statement("UPDATE tasks SET budget_usd = $2::float8::numeric WHERE id = $1")
_REJECT = Statement(
    """
    UPDATE tasks SET status = 'failed', pending = NULL, error = $2,
        completed_at = clock_timestamp()
    WHERE id = $1
    """
)


async def lock_waiting(connection: Connection, task_id: UUID) -> WaitingTask | None:
    return await _LOCK_WAITING.first(connection, task_id)


async def go_on(
    connection: Connection, task_id: UUID, *, flags: list[str], checkpoint: dict[str, Any]
) -> None:
    """Queue a waiting task again, with what a person has answered."""
    await _GO_ON.run(connection, task_id, flags, checkpoint)


async def set_budget(connection: Connection, task_id: UUID, *, amount: float) -> None:
    """What the task may cost, whatever its pod and its metadata say."""
    await _SET_BUDGET.run(connection, task_id, amount)


async def reject(connection: Connection, task_id: UUID, *, error: str) -> None:
    await _REJECT.run(connection, task_id, error)


_DELETE_TASK = Statement("DELETE FROM tasks WHERE id = $1")
_DELETE_STREAM = Statement("DELETE FROM streams WHERE id = $1")
_DELETE_ENDED = Scalar(
    UUID, "DELETE FROM tasks WHERE kind = 'pipeline' AND status = ANY($1) RETURNING stream_id"
)
_DELETE_STREAMS = Statement("DELETE FROM streams WHERE id = ANY($1)")


async def delete_task(connection: Connection, task_id: UUID, *, stream_id: UUID) -> None:
    await _DELETE_TASK.run(connection, task_id)
    await _DELETE_STREAM.run(connection, stream_id)


async def delete_ended(connection: Connection, statuses: list[str]) -> int:
    streams = await _DELETE_ENDED.all(connection, statuses)
    await _DELETE_STREAMS.run(connection, streams)
    return len(streams)


@dataclass(frozen=True, slots=True)
class QueueStatsRow:
    queue_depth: int
    dead_letter_depth: int
    running: int
    waiting: int


_QUEUE_STATS = Query(
    QueueStatsRow,
    """
    SELECT
        (SELECT count(*) FROM tasks WHERE status = 'queued') AS queue_depth,
        (SELECT count(*) FROM tasks WHERE kind = 'pipeline' AND dead_lettered_at IS NOT NULL)
            AS dead_letter_depth,
        (SELECT count(*) FROM tasks WHERE holder IS NOT NULL) AS running,
        (SELECT count(*) FROM tasks WHERE status IN ('pending_human_review',
            'clarification_needed')) AS waiting
    """,
)


async def queue_stats(connection: Connection) -> QueueStatsRow:
    return await _QUEUE_STATS.one(connection)


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    id: UUID
    user_input: str
    pod_name: str | None
    error: str | None
    retry_count: int
    max_retries: int
    dead_lettered_at: datetime


_DEAD_LETTERS = Query(
    DeadLetterRow,
    """
    SELECT id, user_input, pod_name, error, retry_count, max_retries, dead_lettered_at
    FROM tasks WHERE kind = 'pipeline' AND dead_lettered_at IS NOT NULL
    ORDER BY dead_lettered_at DESC, id DESC LIMIT $1 OFFSET $2
    """,
)
_COUNT_DEAD_LETTERS = Scalar(
    int, "SELECT count(*) FROM tasks WHERE kind = 'pipeline' AND dead_lettered_at IS NOT NULL"
)
_RETRY_DEAD_LETTER = Scalar(
    UUID,
    """
    UPDATE tasks SET status = 'queued', dead_lettered_at = NULL, completed_at = NULL,
        error = NULL, retry_count = 0, available_at = clock_timestamp()
    WHERE id = $1 AND kind = 'pipeline' AND dead_lettered_at IS NOT NULL
    RETURNING stream_id
    """,
)


async def dead_letters(connection: Connection, *, limit: int, offset: int) -> list[DeadLetterRow]:
    return await _DEAD_LETTERS.all(connection, limit, offset)


async def count_dead_letters(connection: Connection) -> int:
    return await _COUNT_DEAD_LETTERS.one(connection)


async def retry_dead_letter(connection: Connection, task_id: UUID) -> UUID | None:
    """Queue it again: its stream; None if it is no dead letter."""
    return await _RETRY_DEAD_LETTER.get(connection, task_id)
