"""The budget of a pipeline task: given in its metadata, raised by a person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.kit.db import Connection
from services.kit.errors import Invalid
from services.orchestrator.pipeline.tasks import queries


def check(metadata: Mapping[str, Any]) -> None:
    """Raises Invalid for a max_cost_usd that is no amount."""
    budget: Any = metadata.get("max_cost_usd")
    if budget is None:
        return
    if isinstance(budget, bool) or not isinstance(budget, int | float) or budget < 0:
        raise Invalid("metadata.max_cost_usd: it must be an amount in US dollars.")


async def set_budget(
    connection: Connection, task_id: UUID, *, pending: Mapping[str, Any], amount: float | None
) -> None:
    """Give the task another budget: or, if it waits for that, the task that it works for."""
    if amount is None:
        return
    short: Mapping[str, Any] = pending.get("budget") or {"scope": None}
    owner = UUID(short["id"]) if short["scope"] == "task" else task_id
    await queries.set_budget(connection, owner, amount=amount)
