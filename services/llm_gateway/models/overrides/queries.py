"""SQL of what a person knows better about models."""

from dataclasses import dataclass
from typing import Any

from services.kit.db import Connection, Query, Statement


@dataclass(frozen=True, slots=True)
class OverrideRow:
    model: str
    facts: dict[str, Any]


_LIST = Query(OverrideRow, "SELECT model, facts FROM model_overrides ORDER BY model")
_STORE = Statement(
    """
    INSERT INTO model_overrides (model, facts) VALUES ($1, $2)
    ON CONFLICT (model) DO UPDATE SET facts = excluded.facts, updated_at = clock_timestamp()
    """
)
_DELETE = Statement("DELETE FROM model_overrides WHERE model = $1")


async def list_overrides(connection: Connection) -> list[OverrideRow]:
    return await _LIST.all(connection)


async def store_override(connection: Connection, model: str, facts: dict[str, Any]) -> None:
    await _STORE.run(connection, model, facts)


async def delete_override(connection: Connection, model: str) -> bool:
    return await _DELETE.run(connection, model) == 1
