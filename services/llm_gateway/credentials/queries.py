"""SQL of providers' settings and keys, and of the gateway's audit log."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class SettingRow:
    """`sealed_headers` is encrypted."""

    slug: str
    is_custom: bool
    title: str | None
    base_url: str | None
    enabled: bool
    default_model: str | None
    sealed_headers: str | None
    header_names: list[str]
    is_local: bool | None


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """`sealed_key` is encrypted."""

    id: UUID
    provider: str
    name: str
    sealed_key: str
    last_four: str
    origin: str
    enabled: bool


_VERSION = Scalar(int, "SELECT version FROM provider_changes")
_LIST_SETTINGS = Query(
    SettingRow,
    """
    SELECT slug, is_custom, title, base_url, enabled, default_model, sealed_headers, header_names,
        is_local
    FROM provider_settings ORDER BY slug
    """,
)
_LOCK_SETTING = Query(
    SettingRow,
    """
    SELECT slug, is_custom, title, base_url, enabled, default_model, sealed_headers, header_names,
        is_local
    FROM provider_settings WHERE slug = $1 FOR UPDATE
    """,
)
_STORE_SETTING = Statement(
    """
    INSERT INTO provider_settings (slug, is_custom, title, base_url, enabled, default_model,
        sealed_headers, header_names, is_local)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (slug) DO UPDATE SET title = excluded.title, base_url = excluded.base_url,
        enabled = excluded.enabled, default_model = excluded.default_model,
        sealed_headers = excluded.sealed_headers, header_names = excluded.header_names,
        is_local = excluded.is_local, updated_at = clock_timestamp()
    """
)
_DELETE_SETTING = Statement("DELETE FROM provider_settings WHERE slug = $1")
_LIST_CREDENTIALS = Query(
    CredentialRow,
    """
    SELECT id, provider, name, sealed_key, last_four, origin, enabled
    FROM provider_credentials ORDER BY provider, created_at, id
    """,
)
_FIND_CREDENTIAL = Query(
    CredentialRow,
    """
    SELECT id, provider, name, sealed_key, last_four, origin, enabled
    FROM provider_credentials WHERE provider = $1 AND id = $2 FOR UPDATE
    """,
)
_NAMES = Scalar(str, "SELECT name FROM provider_credentials WHERE provider = $1")
_INSERT_CREDENTIAL = Statement(
    """
    INSERT INTO provider_credentials (id, provider, name, sealed_key, last_four, origin)
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
_UPDATE_CREDENTIAL = Statement(
    """
    UPDATE provider_credentials SET name = $2, enabled = $3, updated_at = clock_timestamp()
    WHERE id = $1
    """
)
_DELETE_CREDENTIAL = Statement("DELETE FROM provider_credentials WHERE id = $1")
_DELETE_CREDENTIALS_OF = Statement("DELETE FROM provider_credentials WHERE provider = $1")
_INSERT_AUDIT = Statement(
    """
    INSERT INTO gateway_audit_log (id, actor, action, subject_kind, subject_id, detail, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)


async def version(connection: Connection) -> int:
    return await _VERSION.one(connection)


async def list_settings(connection: Connection) -> list[SettingRow]:
    return await _LIST_SETTINGS.all(connection)


async def lock_setting(connection: Connection, slug: str) -> SettingRow | None:
    """The row, held against every other change until the transaction ends."""
    return await _LOCK_SETTING.first(connection, slug)


async def store_setting(connection: Connection, row: SettingRow) -> None:
    await _STORE_SETTING.run(
        connection,
        row.slug,
        row.is_custom,
        row.title,
        row.base_url,
        row.enabled,
        row.default_model,
        row.sealed_headers,
        row.header_names,
        row.is_local,
    )


async def delete_setting(connection: Connection, slug: str) -> bool:
    return await _DELETE_SETTING.run(connection, slug) == 1


async def list_credentials(connection: Connection) -> list[CredentialRow]:
    return await _LIST_CREDENTIALS.all(connection)


async def find_credential(
    connection: Connection, provider: str, credential_id: UUID
) -> CredentialRow | None:
    return await _FIND_CREDENTIAL.first(connection, provider, credential_id)


async def credential_names(connection: Connection, provider: str) -> list[str]:
    return await _NAMES.all(connection, provider)


async def insert_credential(connection: Connection, row: CredentialRow) -> None:
    await _INSERT_CREDENTIAL.run(
        connection, row.id, row.provider, row.name, row.sealed_key, row.last_four, row.origin
    )


async def update_credential(
    connection: Connection, credential_id: UUID, *, name: str, enabled: bool
) -> None:
    await _UPDATE_CREDENTIAL.run(connection, credential_id, name, enabled)


async def delete_credential(connection: Connection, credential_id: UUID) -> bool:
    return await _DELETE_CREDENTIAL.run(connection, credential_id) == 1


async def delete_credentials_of(connection: Connection, provider: str) -> int:
    return await _DELETE_CREDENTIALS_OF.run(connection, provider)


async def insert_audit(
    connection: Connection,
    *,
    entry_id: UUID,
    actor: str,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: dict[str, Any],
    request_id: str | None,
) -> None:
    await _INSERT_AUDIT.run(
        connection, entry_id, actor, action, subject_kind, subject_id, detail, request_id
    )
