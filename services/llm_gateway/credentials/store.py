"""What a person has set about providers, keys and models, as every process sees it within 2 s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import SecretStr

from services.kit.db import Connection, Database
from services.kit.encryption import NotDecryptable, decrypt, encrypt
from services.kit.following import follow_changes
from services.llm_gateway.credentials import queries
from services.llm_gateway.credentials.queries import CredentialRow, SettingRow
from services.llm_gateway.models.overrides.queries import list_overrides

_CHANNEL = "nova_providers"


@dataclass(frozen=True, slots=True)
class StoredSetting:
    """`problem` says why the headers can't be used, if so."""

    slug: str
    is_custom: bool = False
    title: str | None = None
    base_url: str | None = None
    enabled: bool = True
    default_model: str | None = None
    headers: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr])
    is_local: bool | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`secret` is None if it can't be decrypted; `problem` says why."""

    row: CredentialRow
    secret: SecretStr | None
    problem: str = ""


class ProviderStore:
    """`follow` keeps it current; `on_change` is called after each change."""

    def __init__(self, database: Database, *, secret_key: str) -> None:
        self._database = database
        self._secret_key = secret_key
        self._version = -1
        self._listeners: list[Callable[[], None]] = []
        self._settings: Mapping[str, StoredSetting] = {}
        self._keys: Mapping[str, tuple[StoredKey, ...]] = {}
        self._overrides: Mapping[str, Mapping[str, Any]] = {}

    @property
    def settings(self) -> Mapping[str, StoredSetting]:
        """By the provider's slug, of those that have any."""
        return self._settings

    @property
    def overrides(self) -> Mapping[str, Mapping[str, Any]]:
        """By model id."""
        return self._overrides

    def keys(self, slug: str) -> tuple[StoredKey, ...]:
        return self._keys.get(slug, ())

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    async def follow(self) -> None:
        """Keep current until cancelled; run it under Supervisor.keep_running."""
        self._version = -1  # what stands in the database may be another one's, restored
        await follow_changes(self._database, channel=_CHANNEL, refresh=self.refresh)

    async def refresh(self) -> None:
        """Read all if anything has changed. Raises DatabaseDown."""
        async with self._database.connection() as connection:
            version = await queries.version(connection)
            if version == self._version:
                return
            await self._read(connection)
            self._version = version
        for listener in self._listeners:
            listener()

    async def _read(self, connection: Connection) -> None:
        settings = await queries.list_settings(connection)
        keys: dict[str, list[StoredKey]] = {}
        for row in await queries.list_credentials(connection):
            keys.setdefault(row.provider, []).append(self._opened(row))
        overrides = await list_overrides(connection)
        self._settings = {row.slug: self._setting(row) for row in settings}
        self._keys = {slug: tuple(found) for slug, found in keys.items()}
        self._overrides = {row.model: row.facts for row in overrides}

    def _opened(self, row: CredentialRow) -> StoredKey:
        try:
            secret = decrypt(self._secret_key, row.sealed_key, purpose=key_purpose(row.id))
        except NotDecryptable as error:
            return StoredKey(row, None, f"{error} Enter it again.")
        return StoredKey(row, SecretStr(secret))

    def _setting(self, row: SettingRow) -> StoredSetting:
        headers: dict[str, SecretStr] = {}
        problem = ""
        try:
            headers = {
                name: SecretStr(value)
                for name, value in open_headers(self._secret_key, row).items()
            }
        except NotDecryptable as error:
            problem = f"The headers can't be used: {error} Enter them again."
        return StoredSetting(
            slug=row.slug,
            is_custom=row.is_custom,
            title=row.title,
            base_url=row.base_url,
            enabled=row.enabled,
            default_model=row.default_model,
            headers=headers,
            is_local=row.is_local,
            problem=problem,
        )


def key_purpose(credential_id: object) -> str:
    return f"provider_credentials.sealed_key {credential_id}"


def seal_headers(secret_key: str, slug: str, headers: Mapping[str, str]) -> str | None:
    if not headers:
        return None
    return encrypt(secret_key, orjson.dumps(headers).decode(), purpose=_headers_purpose(slug))


def open_headers(secret_key: str, row: SettingRow) -> dict[str, str]:
    """Raises NotDecryptable."""
    if row.sealed_headers is None:
        return {}
    text = decrypt(secret_key, row.sealed_headers, purpose=_headers_purpose(row.slug))
    return {str(name): str(value) for name, value in orjson.loads(text).items()}


def _headers_purpose(slug: str) -> str:
    return f"provider_settings.sealed_headers {slug}"
