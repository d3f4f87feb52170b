"""SQL of the platform's configuration; a trigger numbers and announces each change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.db import Connection, Query, Scalar


@dataclass(frozen=True, slots=True)
class ConfigRow:
    key: str
    value: Any
    value_schema: Any
    description: str
    is_secret: bool
    updated_at: datetime


_LIST_CONFIG = Query(
    ConfigRow,
    """
    SELECT key, value, value_schema, description, is_secret, updated_at
    FROM platform_config
    ORDER BY key
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_CONFIG = Scalar(int, "SELECT count(*) FROM platform_config")
_LOCK_CONFIG = Query(
    ConfigRow,
    """
    SELECT key, value, value_schema, description, is_secret, updated_at
    FROM platform_config
    WHERE key = $1
    FOR UPDATE
    """,
)
_UPDATE_CONFIG = Query(
    ConfigRow,
    """
    UPDATE platform_config
    SET value = $2, description = coalesce($3, description)
    WHERE key = $1
    RETURNING key, value, value_schema, description, is_secret, updated_at
    """,
)


async def list_config(connection: Connection, *, limit: int, offset: int) -> list[ConfigRow]:
    return await _LIST_CONFIG.all(connection, limit, offset)


async def count_config(connection: Connection) -> int:
    return await _COUNT_CONFIG.one(connection)


async def lock_config(connection: Connection, key: str) -> ConfigRow | None:
    """The entry, held against every other change until the transaction ends."""
    return await _LOCK_CONFIG.first(connection, key)


async def update_config(
    connection: Connection, key: str, *, value: object, description: str | None
) -> ConfigRow:
    return await _UPDATE_CONFIG.one(connection, key, value, description)
