"""SQL of submitting, reading and cancelling tasks of any kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar


@dataclass(frozen=True, slots=True)
class NewTask:
    """What a submission stores; the database adds the times."""

    id: UUID
    kind: str
    queue: str
    stream_id: UUID
    stream_after: int
    session_id: UUID | None
    agent_id: UUID | None
    pod_id: UUID | None
    pod_name: str | None
    key_id: UUID | None
    user_input: str
    input: dict[str, Any]
    metadata: dict[str, Any]
    goal_id: str | None
    idempotency_key: str | None
    max_retries: int = 5
    parent_task_id: UUID | None = None
    root_task_id: UUID | None = None
    depth: int = 0
    priority: int = 0


_INSERT_TASK = Scalar(
    datetime,
    """
    INSERT INTO tasks (id, kind, queue, status, stream_id, stream_after, session_id, agent_id,
        pod_id, pod_name, key_id, user_input, input, metadata, goal_id, idempotency_key,
        max_retries, parent_task_id, root_task_id, depth, priority)
    VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
        $18, $19, $20)
    ON CONFLICT (idempotency_key, key_id) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING queued_at
    """,
)


async def insert_task(connection: Connection, task: NewTask) -> datetime | None:
    """When it was queued; None if the caller has used its idempotency key before."""
    return await _INSERT_TASK.get(
        connection,
        task.id,
        task.kind,
        task.queue,
        task.stream_id,
        task.stream_after,
        task.session_id,
        task.agent_id,
        task.pod_id,
        task.pod_name,
        task.key_id,
        task.user_input,
        task.input,
        task.metadata,
        task.goal_id,
        task.idempotency_key,
        task.max_retries,
        task.parent_task_id,
        task.root_task_id,
        task.depth,
        task.priority,
    )


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as its readers see it. Cost and tokens are those that the journal knows or, if that is
    more, the gateway: calls that failed, or whose answer was lost, have cost something too.
    """

    id: UUID
    kind: str
    queue: str
    status: str
    stream_id: UUID
    stream_after: int
    session_id: UUID | None
    agent_id: UUID | None
    pod_id: UUID | None
    pod_name: str | None
    key_id: UUID | None
    user_input: str
    metadata: dict[str, Any]
    goal_id: str | None
    current_stage: str | None
    pending: dict[str, Any] | None
    output: str | None
    error: str | None
    retry_count: int
    max_retries: int
    dead_lettered_at: datetime | None
    priority: int
    budget_usd: float | None
    total_cost_usd: float
    total_input_tokens: int
    total_output_tokens: int
    queued_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    forked_from: UUID | None
    forked_step: int | None


_FIND_TASK = Query(
    TaskRow,
    """
    SELECT id, kind, queue, status, stream_id, stream_after, session_id, agent_id, pod_id,
        pod_name, key_id, user_input, metadata, goal_id, current_stage, pending, output, error,
        retry_count, max_retries, dead_lettered_at, priority, budget_usd::float8 AS budget_usd,
        greatest(total_cost_usd, used.cost)::float8 AS total_cost_usd,
        greatest(total_input_tokens, used.taken) AS total_input_tokens,
        greatest(total_output_tokens, used.given) AS total_output_tokens,
        queued_at, started_at, completed_at, forked_from, forked_step
    FROM tasks CROSS JOIN LATERAL (
        SELECT sum(usage_events.cost_usd) AS cost, sum(usage_events.input_tokens)::bigint AS taken,
            sum(usage_events.output_tokens)::bigint AS given
        FROM usage_events WHERE usage_events.task_id = tasks.id) AS used
    WHERE tasks.id = $1
    """,
)
_FIND_BY_IDEMPOTENCY_KEY = Query(
    TaskRow,
    """
    SELECT id, kind, queue, status, stream_id, stream_after, session_id, agent_id, pod_id,
        pod_name, key_id, user_input, metadata, goal_id, current_stage, pending, output, error,
        retry_count, max_retries, dead_lettered_at, priority, budget_usd::float8 AS budget_usd,
        total_cost_usd::float8 AS total_cost_usd, total_input_tokens, total_output_tokens,
        queued_at, started_at, completed_at, forked_from, forked_step
    FROM tasks WHERE idempotency_key = $1 AND key_id IS NOT DISTINCT FROM $2
    """,
)


async def find_task(connection: Connection, task_id: UUID) -> TaskRow | None:
    return await _FIND_TASK.first(connection, task_id)


async def find_by_idempotency_key(
    connection: Connection, idempotency_key: str, *, key_id: UUID | None
) -> TaskRow | None:
    return await _FIND_BY_IDEMPOTENCY_KEY.first(connection, idempotency_key, key_id)


@dataclass(frozen=True, slots=True)
class ToolCallRow:
    step: int
    name: str
    request: dict[str, Any]
    result: dict[str, Any] | None


_TOOL_CALLS = Query(
    ToolCallRow,
    """
    SELECT step, name, request, result FROM task_steps
    WHERE task_id = $1 AND kind = 'tool' ORDER BY step
    """,
)


async def tool_calls(connection: Connection, task_id: UUID) -> list[ToolCallRow]:
    return await _TOOL_CALLS.all(connection, task_id)


# A running task is cancelled by its holder, which looks for this mark; any other one ends here.
_CANCEL = Scalar(
    str,
    """
    UPDATE tasks SET
        cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
        status = CASE WHEN holder IS NULL THEN 'cancelled' ELSE status END,
        error = CASE WHEN holder IS NULL THEN 'cancelled' ELSE error END,
        pending = CASE WHEN holder IS NULL THEN NULL ELSE pending END,
        completed_at = CASE WHEN holder IS NULL THEN clock_timestamp() ELSE completed_at END
    WHERE id = $1 AND status NOT IN ('complete', 'failed', 'cancelled')
    RETURNING status
    """,
)


async def cancel(connection: Connection, task_id: UUID) -> str | None:
    """The status after it; None if the task has ended already."""
    return await _CANCEL.get(connection, task_id)


_STATUS = Scalar(str, "SELECT status FROM tasks WHERE id = $1")


async def status(connection: Connection, task_id: UUID) -> str | None:
    return await _STATUS.get(connection, task_id)


@dataclass(frozen=True, slots=True)
class WaitingForRow:
    kind: str
    name: str
    task_id: UUID | None
    status: str
    since: datetime


_WAITING_FOR = Query(
    WaitingForRow,
    """
    SELECT 'agent' AS kind, coalesce(agents.config ->> 'name', 'deleted') AS name,
        child.id AS task_id, child.status, child.queued_at AS since
    FROM tasks AS child LEFT JOIN agents ON agents.id = child.agent_id
    WHERE child.parent_task_id = $1 AND child.status NOT IN ('complete', 'failed', 'cancelled')
    UNION ALL
    SELECT 'external', coalesce(endpoint.name, 'deleted'), NULL, 'working', call.created_at
    FROM remote_calls AS call LEFT JOIN agent_endpoints AS endpoint ON endpoint.id = call.endpoint_id
    WHERE call.task_id = $1 AND call.state = 'waiting'
    ORDER BY since, name LIMIT 200
    """,
)


async def waiting_for(connection: Connection, task_id: UUID) -> list[WaitingForRow]:
    """What a submitted task waits for, oldest first."""
    return await _WAITING_FOR.all(connection, task_id)
