"""What model calls used and cost, one by one and summed."""

from typing import Literal

from contracts.administration import UsageEvent, UsageSum, UsageSummary
from services.kit.db import Connection
from services.orchestrator.usage import queries

Period = Literal["day", "week", "month"]
_DAYS: dict[Period, int] = {"day": 1, "week": 7, "month": 30}


async def list_usage(
    connection: Connection, *, limit: int, offset: int
) -> tuple[list[UsageEvent], int]:
    """One page of model calls, newest first, and how many there are."""
    rows = await queries.list_usage(connection, limit=limit, offset=offset)
    events = [UsageEvent.model_validate(row, from_attributes=True) for row in rows]
    return events, await queries.count_usage(connection)


async def summarise(connection: Connection, period: Period) -> UsageSummary:
    """Sums by day (UTC) and model of today, of seven days, or of thirty."""
    rows = await queries.sum_usage(connection, days=_DAYS[period])
    return UsageSummary(
        period=period,
        total_cost_usd=sum(row.cost_usd for row in rows),
        total_calls=sum(row.calls for row in rows),
        total_input_tokens=sum(row.input_tokens for row in rows),
        total_output_tokens=sum(row.output_tokens for row in rows),
        items=[UsageSum.model_validate(row, from_attributes=True) for row in rows],
    )
