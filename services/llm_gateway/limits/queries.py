"""SQL of budgets, of calls that are being made, and of usage."""

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
    source: str
    cache_write_tokens: int


# What was taken for lost, and written so, is put right by the gateway that comes back.
_RECORD = Statement(
    """
    INSERT INTO usage_events (id, kind, key_id, task_id, agent_id, session_id, step_id, caller,
        provider, model, input_tokens, output_tokens, cached_tokens, cost_usd, estimated, status,
        error, duration_ms, request_id, source, cache_write_tokens)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21
    FROM close_call($1, $7, $22::numeric)
    ON CONFLICT (id) DO UPDATE SET input_tokens = excluded.input_tokens,
        output_tokens = excluded.output_tokens, cached_tokens = excluded.cached_tokens,
        cost_usd = excluded.cost_usd, estimated = excluded.estimated, status = excluded.status,
        error = excluded.error, duration_ms = excluded.duration_ms,
        cache_write_tokens = excluded.cache_write_tokens
    WHERE usage_events.status = 'lost'
    """
)


async def record(connection: Connection, row: UsageRow, *, charge: Decimal) -> None:
    """Write the call's usage and settle what was reserved for it; twice is the same as once."""
    await _RECORD.run(connection, *_columns(row), charge)


async def record_uncharged(connection: Connection, rows: list[UsageRow]) -> None:
    """Write the usage of calls that nothing was reserved for, all in one transaction."""
    await _RECORD.run_many(connection, [(*_columns(row), None) for row in rows])


def _columns(row: UsageRow) -> tuple[object, ...]:
    return (
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
        row.source,
        row.cache_write_tokens,
    )


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call before it is dispatched; tokens and cost are the worst case."""

    id: UUID
    step_id: str
    kind: str
    key_id: UUID | None
    task_id: UUID | None
    agent_id: UUID | None
    session_id: UUID | None
    caller: str
    provider: str
    model: str
    request_id: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A gateway: its stable name, this boot of it, and how long its calls are held at a time."""

    name: str
    boot_id: UUID
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class ShortBudget:
    """The budget that has not enough left."""

    scope: str
    id: str
    limit_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """The budgets that a call draws on, column by column."""

    scopes: list[str]
    ids: list[str]
    limits: list[Decimal]
    daily: list[bool]


_OPEN = Query(
    ShortBudget,
    """
    WITH short AS MATERIALIZED (
        SELECT * FROM reserve_budgets($2, $18::text[], $19::text[], $20::numeric[],
            $21::boolean[], $14::numeric)
    ), opened AS (
        INSERT INTO open_calls (id, step_id, kind, key_id, task_id, agent_id, session_id, caller,
            provider, model, request_id, input_tokens, output_tokens, cost_usd, holder, boot_id,
            lease_until, dispatched_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::numeric, $15, $16,
            clock_timestamp() + make_interval(secs => $17::float8),
            CASE WHEN cardinality($18::text[]) = 0 THEN clock_timestamp() END
        WHERE NOT EXISTS (SELECT FROM short)
    )
    SELECT scope, id, limit_usd, spent_usd, reserved_usd, resets_at FROM short
    """,
)


async def open_call(
    connection: Connection, call: NewCall, *, holder: Holder, limits: Limits
) -> ShortBudget | None:
    """Reserve the call's cost against all budgets and note it, or tell which one is too small.

    Without a budget it counts as dispatched at once. Raises UniqueViolationError for a step that
    was reserved for before.
    """
    return await _OPEN.first(
        connection,
        call.id,
        call.step_id,
        call.kind,
        call.key_id,
        call.task_id,
        call.agent_id,
        call.session_id,
        call.caller,
        call.provider,
        call.model,
        call.request_id,
        call.input_tokens,
        call.output_tokens,
        call.cost_usd,
        holder.name,
        holder.boot_id,
        holder.lease_seconds,
        limits.scopes,
        limits.ids,
        limits.limits,
        limits.daily,
    )


_DISPATCH = Statement(
    "UPDATE open_calls SET dispatched_at = clock_timestamp() WHERE id = $1 AND boot_id = $2"
)
_EXTEND = Statement(
    """
    UPDATE open_calls SET lease_until = clock_timestamp() + make_interval(secs => $2)
    WHERE id = ANY ($1::uuid[])
    """
)
# It was surely not dispatched, whatever its row says: the answer to that was lost.
_TAKE_BACK = Scalar(
    UUID,
    "UPDATE open_calls SET dispatched_at = NULL, lease_until = '-infinity' WHERE id = $1 "
    "RETURNING id",
)
_GIVE_BACK = Scalar(
    UUID,
    """
    WITH gone AS (DELETE FROM open_calls WHERE id = $1 RETURNING id)
    SELECT gone.id FROM gone, end_reservations($2, 0, 'freed')
    """,
)
_SETTLE_LOST = Scalar(str, "SELECT settle_lost_call($1, $2)")
_FORGET_OLD = Statement(
    """
    DELETE FROM budget_reservations
    WHERE state <> 'held' AND changed_at < now() - interval '7 days'
    """
)


async def mark_dispatched(connection: Connection, call_id: UUID, *, boot_id: UUID) -> bool:
    """False if its reservation has been freed meanwhile: then it must not be dispatched."""
    return await _DISPATCH.run(connection, call_id, boot_id) == 1


async def extend(connection: Connection, call_ids: list[UUID], seconds: float) -> None:
    await _EXTEND.run(connection, call_ids, seconds)


async def take_back(connection: Connection, call_id: UUID) -> None:
    """Let the sweeper free a call that was reserved for and not dispatched."""
    await _TAKE_BACK.get(connection, call_id)


async def give_back(connection: Connection, call_id: UUID, step_id: str) -> None:
    """Free the reservations of a call that came to nothing, so that its step can be called again."""
    await _GIVE_BACK.get(connection, call_id, step_id)


async def settle_lost(connection: Connection, holder: Holder) -> str | None:
    """Settle one call of a gateway that is gone: lost or freed; None if there is none left."""
    return await _SETTLE_LOST.get(connection, holder.name, holder.boot_id)


async def forget_old(connection: Connection) -> int:
    return await _FORGET_OLD.run(connection)


@dataclass(frozen=True, slots=True)
class KeyBudgetRow:
    budget_usd: float | None


_KEY_BUDGET = Query(
    KeyBudgetRow, "SELECT budget_usd::float8 AS budget_usd FROM api_keys WHERE id = $1"
)


async def key_budget(connection: Connection, key_id: UUID) -> float | None:
    row = await _KEY_BUDGET.first(connection, key_id)
    return None if row is None else row.budget_usd
