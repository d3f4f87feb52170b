"""Makes, lists and revokes API keys, and notes when they were last used."""

import hashlib
import re
import secrets
from datetime import UTC, datetime
from uuid import UUID

from contracts.administration import ApiKey, CreatedKey, CreateKeyRequest, KeyPatch
from services.kit.auth import KEY_PREFIX, KeyLookup, KeyRecord, Principal
from services.kit.db import Connection, Database
from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id
from services.kit.keys import key_lookup
from services.orchestrator.audit.service import record
from services.orchestrator.keys import queries
from services.orchestrator.keys.queries import KeyLimits, NewKey
from services.orchestrator.patches import given_fields, patched

DEFAULT_SCOPES = ("chat", "tasks", "models", "memory")
_SCOPE = re.compile(r"[a-z0-9_.:\-]{1,64}", re.ASCII)
_MAX_SCOPES = 32
_SECRET_BYTES = 32  # 43 characters in URL-safe base64
_SHOWN_CHARACTERS = 4


async def create_key(
    connection: Connection, request: CreateKeyRequest, *, actor: Principal
) -> CreatedKey:
    """The new key with its raw text, which is known to the caller alone from then on."""
    raw = KEY_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    if not request.name.strip():
        raise Invalid("name: it must not be blank.")
    row = await queries.insert_key(
        connection,
        NewKey(
            id=new_id(),
            name=request.name,
            key_hash=hashlib.sha256(raw.encode()).digest(),
            key_prefix=raw[: len(KEY_PREFIX) + _SHOWN_CHARACTERS],
            scopes=_checked_scopes(request.scopes),
            rate_limit_rpm=request.rate_limit_rpm,
            rate_limit_tpm=request.rate_limit_tpm,
            allowed_models=request.allowed_models,
            budget_usd=request.budget_usd,
            max_concurrent_tasks=request.max_concurrent_tasks,
            expires_at=_in_utc(request.expires_at),
        ),
    )
    if row is None:
        raise Invalid("expires_at: it lies in the past.", code="already_expired")
    await record(
        connection,
        actor=actor,
        action="key.created",
        subject_kind="key",
        subject_id=row.id,
        detail={"name": row.name, "scopes": row.scopes},
    )
    key = ApiKey.model_validate(row, from_attributes=True)
    return CreatedKey(**key.model_dump(), raw_key=raw, key=raw)


async def list_keys(connection: Connection, *, limit: int, offset: int) -> tuple[list[ApiKey], int]:
    """One page of the keys that are not revoked, newest first, and how many there are."""
    rows = await queries.list_keys(connection, limit=limit, offset=offset)
    keys = [ApiKey.model_validate(row, from_attributes=True) for row in rows]
    return keys, await queries.count_keys(connection)


async def change_limits(
    connection: Connection, key_id: UUID, *, patch: KeyPatch, actor: Principal
) -> ApiKey:
    """Raises NotFound for an unknown or revoked key, Invalid without a rate limit."""
    current = await queries.lock_key(connection, key_id)
    if current is None:
        raise _unknown(key_id)
    fields = KeyPatch.model_fields
    limits = patched(KeyPatch, {name: getattr(current, name) for name in fields}, patch=patch)
    if limits.rate_limit_rpm is None:
        raise Invalid("rate_limit_rpm: a key always has one.")
    row = await queries.update_limits(
        connection,
        key_id,
        KeyLimits(
            rate_limit_rpm=limits.rate_limit_rpm,
            rate_limit_tpm=limits.rate_limit_tpm,
            allowed_models=limits.allowed_models,
            budget_usd=limits.budget_usd,
            max_concurrent_tasks=limits.max_concurrent_tasks,
        ),
    )
    await record(
        connection,
        actor=actor,
        action="key.updated",
        subject_kind="key",
        subject_id=key_id,
        detail={"name": row.name, "changed": given_fields(patch)},
    )
    return ApiKey.model_validate(row, from_attributes=True)


async def revoke_key(connection: Connection, key_id: UUID, *, actor: Principal) -> None:
    """The key stops working everywhere within two seconds; its row stays for usage and audit."""
    name = await queries.revoke_key(connection, key_id)
    if name is None:
        raise _unknown(key_id)
    await record(
        connection,
        actor=actor,
        action="key.revoked",
        subject_kind="key",
        subject_id=key_id,
        detail={"name": name},
    )


def recording_lookup(database: Database) -> KeyLookup:
    """The look-up for the orchestrator's authenticator, which also notes that a key was used."""
    find = key_lookup(database)

    async def find_and_touch(digest: bytes) -> KeyRecord | None:
        key = await find(digest)
        if key is not None:
            async with database.transaction() as connection:
                await queries.touch_key(connection, key.id)
        return key

    return find_and_touch


def _unknown(key_id: UUID) -> NotFound:
    return NotFound(f"There is no key {key_id}.", code="unknown_key")


def _checked_scopes(scopes: list[str] | None) -> list[str]:
    if scopes is None:
        return list(DEFAULT_SCOPES)
    if len(scopes) > _MAX_SCOPES or not all(_SCOPE.fullmatch(scope) for scope in scopes):
        raise Invalid(
            f"scopes: at most {_MAX_SCOPES}, each of 1 to 64 lower-case letters, digits and _.:-"
        )
    return sorted(set(scopes))


def _in_utc(moment: datetime | None) -> datetime | None:
    """A time without a zone is read as UTC."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Invalid("expires_at: outside the calendar.") from error
