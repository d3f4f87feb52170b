"""SQL of the journal: steps, and a task's stages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class StepRow:
    """One journalled call. `result` is None while it is only begun."""

    step: int
    stage: str
    kind: str
    name: str
    status: str
    attempt: int
    digest: str
    result: Any | None


_LOAD_STEPS = Query(
    StepRow,
    """
    SELECT step, stage, kind, name, status, attempt, digest, result
    FROM task_steps WHERE task_id = $1 ORDER BY step
    """,
)


async def load_steps(connection: Connection, task_id: UUID) -> list[StepRow]:
    return await _LOAD_STEPS.all(connection, task_id)


_STEP_STATUS = Scalar(str, "SELECT status FROM task_steps WHERE task_id = $1 AND step = $2")


async def step_status(connection: Connection, task_id: UUID, *, step: int) -> str | None:
    return await _STEP_STATUS.get(connection, task_id, step)


_BEGIN_STEP = Statement(
    """
    INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest, request)
    VALUES ($1, $2, $3, $4, $5, 'begun', $6, $7, $8)
    ON CONFLICT (task_id, step) DO UPDATE SET attempt = excluded.attempt,
        digest = excluded.digest, request = excluded.request, started_at = clock_timestamp()
    WHERE task_steps.status = 'begun'
    """
)


async def begin_step(
    connection: Connection,
    task_id: UUID,
    *,
    step: int,
    stage: str,
    kind: str,
    name: str,
    attempt: int,
    digest: str,
    request: Any,
) -> None:
    """Write that a call is about to be made, or made again after a crash."""
    await _BEGIN_STEP.run(connection, task_id, step, stage, kind, name, attempt, digest, request)


# The sums move only together with the step: settling twice, after a lost reply, counts once.
_SETTLE_STEP = Statement(
    """
    WITH settled AS (
        UPDATE task_steps SET status = $3, result = $4, input_tokens = $5, output_tokens = $6,
            cost_usd = $7, ended_at = clock_timestamp()
        WHERE task_id = $1 AND step = $2 AND status = 'begun'
        RETURNING kind, coalesce(cost_usd, 0) AS cost, cost_usd IS NULL AND kind = 'model' AND $3 = 'done' AS unpriced
    )
    UPDATE tasks SET
        total_cost_usd = total_cost_usd + settled.cost,
        unpriced_calls = unpriced_calls + settled.unpriced::int,
        total_input_tokens = total_input_tokens + $5,
        total_output_tokens = total_output_tokens + $6
    FROM settled WHERE tasks.id = $1
    """
)


async def settle_step(
    connection: Connection,
    task_id: UUID,
    *,
    step: int,
    status: str,
    result: Any,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cost_usd: float | None = None,
) -> None:
    """Write how a call ended; `status` is done, failed or unknown."""
    await _SETTLE_STEP.run(
        connection, task_id, step, status, result, input_tokens, output_tokens, cost_usd
    )


@dataclass(frozen=True, slots=True)
class StepDetailRow:
    step: int
    stage: str
    kind: str
    name: str
    status: str
    attempt: int
    request: Any
    result: Any | None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    started_at: datetime
    ended_at: datetime | None


_LIST_STEPS = Query(
    StepDetailRow,
    """
    SELECT step, stage, kind, name, status, attempt, request, result, input_tokens, output_tokens,
        cost_usd::float8 AS cost_usd, started_at, ended_at
    FROM task_steps WHERE task_id = $1 ORDER BY step LIMIT $2 OFFSET $3
    """,
)


async def list_steps(
    connection: Connection, task_id: UUID, *, limit: int, offset: int
) -> list[StepDetailRow]:
    return await _LIST_STEPS.all(connection, task_id, limit, offset)
