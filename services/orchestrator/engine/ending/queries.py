"""SQL of a run's end."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Statement


@dataclass(frozen=True, slots=True)
class Totals:
    input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced_calls: int


_TOTALS = Query(
    Totals,
    """
    SELECT total_input_tokens AS input_tokens, total_output_tokens AS output_tokens,
        total_cost_usd::float8 AS cost_usd, unpriced_calls
    FROM tasks WHERE id = $1
    """,
)


async def totals(connection: Connection, task_id: UUID) -> Totals:
    return await _TOTALS.one(connection, task_id)


_END = Statement(
    """
    UPDATE tasks SET status = $3, output = $4, error = $5, pending = NULL, current_stage = NULL,
        completed_at = clock_timestamp(), holder = NULL, boot_id = NULL, lease_until = NULL
    WHERE id = $1 AND attempt = $2 AND holder IS NOT NULL
    """
)


async def end(
    connection: Connection,
    task_id: UUID,
    *,
    attempt: int,
    status: str,
    output: str | None,
    error: str | None,
) -> None:
    await _END.run(connection, task_id, attempt, status, output, error)


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
