"""SQL of usage: llm-gateway writes usage_events, the orchestrator reads it beside its own tables."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kit.db import Connection, Query, Scalar


@dataclass(frozen=True, slots=True)
class UsageRow:
    id: UUID
    key_id: UUID | None
    key_name: str | None
    task_id: UUID | None
    agent_id: UUID | None
    session_id: UUID | None
    kind: str
    status: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    tokens: int
    estimated: bool
    cost_usd: float | None
    duration_ms: int
    created_at: datetime


_LIST_USAGE = Query(
    UsageRow,
    """
    SELECT usage_events.id, usage_events.key_id, api_keys.name AS key_name, usage_events.task_id,
        coalesce(usage_events.agent_id, tasks.agent_id) AS agent_id,
        coalesce(usage_events.session_id, tasks.session_id) AS session_id,
        usage_events.kind, usage_events.status, usage_events.provider, usage_events.model,
        usage_events.input_tokens, usage_events.output_tokens,
        usage_events.input_tokens + usage_events.output_tokens AS tokens,
        usage_events.estimated, usage_events.cost_usd::float8 AS cost_usd,
        usage_events.duration_ms, usage_events.created_at
    FROM usage_events
    LEFT JOIN api_keys ON api_keys.id = usage_events.key_id
    LEFT JOIN tasks ON tasks.id = usage_events.task_id
    ORDER BY usage_events.created_at DESC, usage_events.id DESC
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_USAGE = Scalar(int, "SELECT count(*) FROM usage_events")


@dataclass(frozen=True, slots=True)
class SumRow:
    day: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced_calls: int


_SUM_USAGE = Query(
    SumRow,
    """
    SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, model,
        count(*) AS calls,
        sum(input_tokens)::bigint AS input_tokens,
        sum(output_tokens)::bigint AS output_tokens,
        coalesce(sum(cost_usd), 0)::float8 AS cost_usd,
        count(*) FILTER (WHERE cost_usd IS NULL) AS unpriced_calls
    FROM usage_events
    WHERE created_at >= date_trunc('day', now(), 'UTC') - make_interval(days => $1 - 1)
    GROUP BY 1, 2
    ORDER BY 1 DESC, 6 DESC, 2
    """,
)


async def list_usage(connection: Connection, *, limit: int, offset: int) -> list[UsageRow]:
    return await _LIST_USAGE.all(connection, limit, offset)


async def count_usage(connection: Connection) -> int:
    return await _COUNT_USAGE.one(connection)


async def sum_usage(connection: Connection, *, days: int) -> list[SumRow]:
    """Sums by day (UTC, newest first) and model, of today and the `days - 1` days before."""
    return await _SUM_USAGE.all(connection, days)
