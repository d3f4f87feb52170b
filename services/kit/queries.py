"""The few queries that every service may make: API keys and configuration, read only."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar


@dataclass(frozen=True, slots=True)
class ValidKeyRow:
    id: UUID
    name: str
    scopes: list[str]
    rate_limit_rpm: int
    budget_usd: float | None


_FIND_VALID_KEY = Query(
    ValidKeyRow,
    """
    SELECT id, name, scopes, rate_limit_rpm, budget_usd::float8 AS budget_usd
    FROM api_keys
    WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    """,
)


@dataclass(frozen=True, slots=True)
class ConfigRow:
    key: str
    value: Any


_LIST_CONFIG = Query(ConfigRow, "SELECT key, value FROM platform_config")
# A sum, not the highest: of two changes at once the one with the lower number may commit later.
_CONFIG_VERSION = Scalar(int, "SELECT coalesce(sum(version), 0)::bigint FROM platform_config")


async def find_valid_key(connection: Connection, key_hash: bytes) -> ValidKeyRow | None:
    return await _FIND_VALID_KEY.first(connection, key_hash)


async def list_config(connection: Connection) -> list[ConfigRow]:
    return await _LIST_CONFIG.all(connection)


async def config_version(connection: Connection) -> int:
    return await _CONFIG_VERSION.one(connection)
