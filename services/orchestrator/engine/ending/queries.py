"""SQL of a run's end."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Statement
from services.orchestrator.engine.fence.queries import Change, Fenced


@dataclass(frozen=True, slots=True)
class Totals:
    input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced_calls: int


# The journal knows what has come back; the gateway also what failed calls have cost, and lost ones.
_TOTALS = Query(
    Totals,
    """
    SELECT greatest(total_input_tokens, used.input) AS input_tokens,
        greatest(total_output_tokens, used.output) AS output_tokens,
        greatest(total_cost_usd, used.cost)::float8 AS cost_usd, unpriced_calls
    FROM tasks CROSS JOIN (
        SELECT sum(input_tokens)::bigint AS input, sum(output_tokens)::bigint AS output,
            sum(cost_usd) AS cost
        FROM usage_events WHERE task_id = $1) AS used
    WHERE id = $1
    """,
)


async def totals(connection: Connection, task_id: UUID) -> Totals:
    return await _TOTALS.one(connection, task_id)


# The ids that are left were never seen by anyone: the stream goes on without a gap.
_END = Fenced(
    """, returned AS (
        UPDATE streams SET reserved_to = coalesce($5, (
            SELECT max(event.last_id) FROM jsonb_to_recordset($4) AS event (last_id bigint)))
        FROM held WHERE streams.id = $3
    ), ended AS (
        UPDATE tasks SET status = $6, output = $7, error = $8, pending = NULL,
            current_stage = NULL, completed_at = clock_timestamp(), holder = NULL, boot_id = NULL,
            lease_until = NULL
        FROM held WHERE tasks.id = $1
    )"""
)


def end(
    *, status: str, output: str | None, error: str | None, last_event_id: int | None = None
) -> Change:
    """End the task; without `last_event_id` the events that come with it are its last."""
    return Change(_END, (last_event_id, status, output, error))


_ADD_TO_CHECKPOINT = Statement(
    """
    UPDATE tasks SET checkpoint = checkpoint || jsonb_build_object($2::text, $3::text)
    WHERE id = $1
    """
)


async def add_to_checkpoint(connection: Connection, task_id: UUID, *, name: str, text: str) -> None:
    await _ADD_TO_CHECKPOINT.run(connection, task_id, name, text)


_SUSPEND = Statement(
    """
    UPDATE tasks SET status = $3, pending = $4, flags = $5,
        holder = NULL, boot_id = NULL, lease_until = NULL
    WHERE id = $1 AND attempt = $2 AND holder IS NOT NULL
    """
)


async def suspend(
    connection: Connection,
    task_id: UUID,
    *,
    attempt: int,
    status: str,
    pending: Any,
    flags: list[str],
) -> None:
    await _SUSPEND.run(connection, task_id, attempt, status, pending, flags)


# What ends meanwhile waits for the task's row, which the caller has locked: it wakes the task then.
_AWAIT_LINKS = Statement(
    """
    UPDATE tasks SET status = CASE WHEN awaits_something(id) THEN 'submitted' ELSE 'queued' END,
        available_at = clock_timestamp(), holder = NULL, boot_id = NULL, lease_until = NULL
    WHERE id = $1 AND attempt = $2 AND holder IS NOT NULL
    """
)


async def await_links(connection: Connection, task_id: UUID, *, attempt: int) -> None:
    """Make it wait, or queue it at once if nothing is left to wait for."""
    await _AWAIT_LINKS.run(connection, task_id, attempt)
