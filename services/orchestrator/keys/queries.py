"""SQL of API keys: of a key only its digest is stored."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: UUID
    name: str
    key_prefix: str
    scopes: list[str]
    rate_limit_rpm: int
    rate_limit_tpm: int | None
    allowed_models: list[str] | None
    budget_usd: float | None
    max_concurrent_tasks: int | None
    expires_at: datetime | None
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is stored of a new key; `key_hash` is the raw key's SHA-256."""

    id: UUID
    name: str
    key_hash: bytes
    key_prefix: str
    scopes: list[str]
    rate_limit_rpm: int
    rate_limit_tpm: int | None
    allowed_models: list[str] | None
    budget_usd: float | None
    max_concurrent_tasks: int | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What can be changed of a key."""

    rate_limit_rpm: int
    rate_limit_tpm: int | None
    allowed_models: list[str] | None
    budget_usd: float | None
    max_concurrent_tasks: int | None


_INSERT_KEY = Query(
    KeyRow,
    """
    INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, budget_usd,
        max_concurrent_tasks, expires_at, rate_limit_tpm, allowed_models)
    SELECT $1::uuid, $2::text, $3::bytea, $4::text, $5::text[], $6::integer, $7::float8::numeric,
        $8::integer, $9::timestamptz, $10::bigint, $11::text[]
    WHERE $9::timestamptz IS NULL OR $9::timestamptz > now()
    RETURNING id, name, key_prefix, scopes, rate_limit_rpm, rate_limit_tpm, allowed_models,
        budget_usd::float8 AS budget_usd, max_concurrent_tasks, expires_at, created_at, last_used_at
    """,
)
# A key that only the gateway sees leaves its traces there.
_LIST_KEYS = Query(
    KeyRow,
    """
    SELECT id, name, key_prefix, scopes, rate_limit_rpm, rate_limit_tpm, allowed_models,
        budget_usd::float8 AS budget_usd, max_concurrent_tasks, expires_at, created_at,
        greatest(last_used_at, (
            SELECT max(usage_events.created_at) FROM usage_events
            WHERE usage_events.key_id = api_keys.id)) AS last_used_at
    FROM api_keys
    WHERE revoked_at IS NULL
    ORDER BY created_at DESC, id DESC
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_KEYS = Scalar(int, "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL")
_LOCK_KEY = Query(
    KeyRow,
    """
    SELECT id, name, key_prefix, scopes, rate_limit_rpm, rate_limit_tpm, allowed_models,
        budget_usd::float8 AS budget_usd, max_concurrent_tasks, expires_at, created_at, last_used_at
    FROM api_keys WHERE id = $1 AND revoked_at IS NULL
    FOR UPDATE
    """,
)
_UPDATE_LIMITS = Query(
    KeyRow,
    """
    UPDATE api_keys
    SET rate_limit_rpm = $2, budget_usd = $3::float8::numeric, max_concurrent_tasks = $4,
        rate_limit_tpm = $5, allowed_models = $6
    WHERE id = $1
    RETURNING id, name, key_prefix, scopes, rate_limit_rpm, rate_limit_tpm, allowed_models,
        budget_usd::float8 AS budget_usd, max_concurrent_tasks, expires_at, created_at, last_used_at
    """,
)
_REVOKE_KEY = Scalar(
    str,
    """
    UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING name
    """,
)
_TOUCH_KEY = Statement(
    """
    UPDATE api_keys
    SET last_used_at = now()
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
    """
)


async def insert_key(connection: Connection, key: NewKey) -> KeyRow | None:
    """The new key; None if it would have expired already."""
    return await _INSERT_KEY.first(
        connection,
        key.id,
        key.name,
        key.key_hash,
        key.key_prefix,
        key.scopes,
        key.rate_limit_rpm,
        key.budget_usd,
        key.max_concurrent_tasks,
        key.expires_at,
        key.rate_limit_tpm,
        key.allowed_models,
    )


async def list_keys(connection: Connection, *, limit: int, offset: int) -> list[KeyRow]:
    return await _LIST_KEYS.all(connection, limit, offset)


async def count_keys(connection: Connection) -> int:
    return await _COUNT_KEYS.one(connection)


async def lock_key(connection: Connection, key_id: UUID) -> KeyRow | None:
    """The key, held against every other change until the transaction ends."""
    return await _LOCK_KEY.first(connection, key_id)


async def update_limits(connection: Connection, key_id: UUID, limits: KeyLimits) -> KeyRow:
    return await _UPDATE_LIMITS.one(
        connection,
        key_id,
        limits.rate_limit_rpm,
        limits.budget_usd,
        limits.max_concurrent_tasks,
        limits.rate_limit_tpm,
        limits.allowed_models,
    )


async def revoke_key(connection: Connection, key_id: UUID) -> str | None:
    """The revoked key's name; None if there is no such key (any more)."""
    return await _REVOKE_KEY.get(connection, key_id)


async def touch_key(connection: Connection, key_id: UUID) -> None:
    """Note that the key is in use, at most once a minute."""
    await _TOUCH_KEY.run(connection, key_id)
