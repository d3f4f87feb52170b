"""SQL of budgets, reservations and usage."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A finished call, as stored; created_at is the database's."""

    id: UUID
    kind: str
    key_id: UUID | None
    task_id: UUID | None
    agent_id: UUID | None
    session_id: UUID | None
    step_id: str
    caller: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: Decimal | None
    estimated: bool
    status: str
    error: str | None
    duration_ms: int
    request_id: str


_INSERT_USAGE = Statement(
    """
    INSERT INTO usage_events (id, kind, key_id, task_id, agent_id, session_id, step_id, caller,
        provider, model, input_tokens, output_tokens, cached_tokens, cost_usd, estimated, status,
        error, duration_ms, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (id) DO NOTHING
    """
)
_RESERVE = Scalar(
    str,
    """
    SELECT reserve_budgets($1::text, $2::text[], $3::text[], $4::numeric[], $5::numeric,
        $6::float8)
    """,
)
_SETTLE = Scalar(int, "SELECT settle_budgets($1::text, $2::numeric)")
_FREE_EXPIRED = Scalar(int, "SELECT free_expired_reservations()")
_EXTEND = Statement(
    """
    UPDATE budget_reservations SET lease_until = clock_timestamp() + make_interval(secs => $2)
    WHERE step_id = ANY($1::text[]) AND state = 'held'
    """
)
_FORGET_OLD = Statement(
    """
    DELETE FROM budget_reservations
    WHERE state <> 'held' AND lease_until < now() - interval '7 days'
    """
)


@dataclass(frozen=True, slots=True)
class KeyBudgetRow:
    budget_usd: float | None


_KEY_BUDGET = Query(
    KeyBudgetRow, "SELECT budget_usd::float8 AS budget_usd FROM api_keys WHERE id = $1"
)
_END_OF_DAY = Scalar(
    datetime,
    "SELECT (date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day') AT TIME ZONE 'UTC'",
)


async def insert_usage(connection: Connection, row: UsageRow) -> None:
    await _INSERT_USAGE.run(
        connection,
        row.id,
        row.kind,
        row.key_id,
        row.task_id,
        row.agent_id,
        row.session_id,
        row.step_id,
        row.caller,
        row.provider,
        row.model,
        row.input_tokens,
        row.output_tokens,
        row.cached_tokens,
        row.cost_usd,
        row.estimated,
        row.status,
        row.error,
        row.duration_ms,
        row.request_id,
    )


async def reserve(
    connection: Connection,
    *,
    step_id: str,
    scopes: list[str],
    ids: list[str],
    limits: list[Decimal],
    amount: Decimal,
    lease_seconds: float,
) -> str | None:
    """None, or the budget ("scope id") that has not enough left; then roll back."""
    return await _RESERVE.get(connection, step_id, scopes, ids, limits, amount, lease_seconds)


async def settle(connection: Connection, step_id: str, cost: Decimal) -> int:
    return await _SETTLE.one(connection, step_id, cost)


async def free_expired(connection: Connection) -> int:
    return await _FREE_EXPIRED.one(connection)


async def extend(connection: Connection, step_ids: list[str], seconds: float) -> None:
    await _EXTEND.run(connection, step_ids, seconds)


async def forget_old(connection: Connection) -> int:
    return await _FORGET_OLD.run(connection)


async def key_budget(connection: Connection, key_id: UUID) -> float | None:
    row = await _KEY_BUDGET.first(connection, key_id)
    return None if row is None else row.budget_usd


async def end_of_day(connection: Connection) -> datetime:
    """When the day ends (UTC), by the database's clock."""
    return await _END_OF_DAY.one(connection)
