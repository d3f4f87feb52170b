"""SQL of budgets, of calls that are being made, and of usage."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(slots=True)  # one is made for each call, and a frozen one takes four times as long
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


_RECORD = Scalar(int, "SELECT record_calls($1::text::jsonb)")


async def record(connection: Connection, rows: list[bytes]) -> None:
    """Write calls' usage and settle what was reserved for them; twice is the same as once.

    A row is a JSON object of UsageRow's fields and `charge` (null: nothing was reserved).
    """
    await _RECORD.get(connection, (b"[" + b",".join(rows) + b"]").decode())


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
class Opened:
    """What became of a reservation; with `problem` short, the budget that has not enough left."""

    call_id: UUID
    problem: str | None
    scope: str | None
    id: str | None
    limit_usd: Decimal | None
    spent_usd: Decimal | None
    reserved_usd: Decimal | None
    resets_at: datetime | None


_OPEN = Query(
    Opened,
    """
    SELECT call_id, problem, scope, id, limit_usd, spent_usd, reserved_usd, resets_at
    FROM open_calls_together($1::text::jsonb, $2, $3, $4)
    """,
)


async def open_calls(connection: Connection, calls: list[bytes], *, holder: Holder) -> list[Opened]:
    """Reserve each call's cost against all its budgets and note it, or tell why not.

    A call is a JSON object of NewCall's fields with its budgets in `scopes`, `ids`, `limits` and
    `daily`. Without a budget it counts as dispatched at once.
    """
    encoded = (b"[" + b",".join(calls) + b"]").decode()
    return await _OPEN.all(connection, encoded, holder.name, holder.boot_id, holder.lease_seconds)


_DISPATCH = Scalar(
    UUID,
    """
    UPDATE open_calls SET dispatched_at = clock_timestamp()
    WHERE boot_id = $2 AND id IN (
        SELECT id FROM open_calls WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE)
    RETURNING id
    """,
)
_EXTEND = Statement(
    """
    UPDATE open_calls SET lease_until = clock_timestamp() + make_interval(secs => $2)
    WHERE id IN (SELECT id FROM open_calls WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE)
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


async def mark_dispatched(
    connection: Connection, call_ids: list[UUID], *, boot_id: UUID
) -> set[UUID]:
    """Those that may be made. Of the others the reservation has been freed meanwhile."""
    return set(await _DISPATCH.all(connection, call_ids, boot_id))


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
