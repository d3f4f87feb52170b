"""SQL of the journal: steps, and a task's stages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar
from services.orchestrator.engine.fence.queries import Change, Fenced


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


_BEGIN_STEP = Fenced(
    """, begun AS (
        INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest, request)
        SELECT held.id, $5, $6, $7, $8, 'begun', $2, $9, $10 FROM held
        ON CONFLICT (task_id, step) DO UPDATE SET attempt = excluded.attempt,
            digest = excluded.digest, request = excluded.request, started_at = clock_timestamp()
        WHERE task_steps.status = 'begun'
    )"""
)


def begin_step(*, step: int, stage: str, kind: str, name: str, digest: str, request: Any) -> Change:
    """Write that a call is about to be made, or made again after a crash."""
    return Change(_BEGIN_STEP, (step, stage, kind, name, digest, request))


# The sums move only together with the step: settling twice, after a lost reply, counts once.
_SETTLE_STEP = Fenced(
    """, settled AS (
        UPDATE task_steps SET status = $6, result = $7, input_tokens = $8, output_tokens = $9,
            cost_usd = $10, ended_at = clock_timestamp()
        FROM held WHERE task_id = $1 AND step = $5 AND status = 'begun'
        RETURNING coalesce(cost_usd, 0) AS cost,
            cost_usd IS NULL AND kind = 'model' AND $6 = 'done' AS unpriced
    ), summed AS (
        UPDATE tasks SET
            total_cost_usd = total_cost_usd + settled.cost,
            unpriced_calls = unpriced_calls + settled.unpriced::int,
            total_input_tokens = total_input_tokens + $8,
            total_output_tokens = total_output_tokens + $9
        FROM settled
        WHERE tasks.id = $1 AND (settled.unpriced OR settled.cost <> 0 OR $8 + $9 <> 0)
    )"""
)


def settle_step(
    *,
    step: int,
    status: str,
    result: Any,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cost_usd: float | None = None,
) -> Change:
    """Write how a call ended; `status` is done, failed or unknown."""
    return Change(_SETTLE_STEP, (step, status, result, input_tokens, output_tokens, cost_usd))


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


_COUNT_STEPS = Scalar(int, "SELECT count(*) FROM task_steps WHERE task_id = $1")


async def count_steps(connection: Connection, task_id: UUID) -> int:
    return await _COUNT_STEPS.one(connection, task_id)
