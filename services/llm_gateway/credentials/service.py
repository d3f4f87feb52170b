"""Changes providers, custom servers and keys at run time, and shows them without their secrets."""

import re
import time
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from uuid import UUID

import asyncpg

from contracts.providers import (
    SLUG,
    CredentialChange,
    CredentialTest,
    NewCredential,
    ProviderChange,
    ProviderCredential,
    ProviderInfo,
)
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.encryption import encrypt
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.llm_gateway.credentials import queries, showing
from services.llm_gateway.credentials.addresses import checked_base_url, origin_of
from services.llm_gateway.credentials.auditing import record
from services.llm_gateway.credentials.queries import CredentialRow, SettingRow
from services.llm_gateway.credentials.runtime import Runtime
from services.llm_gateway.credentials.store import key_purpose, seal_headers
from services.llm_gateway.provider_settings import RESERVED_SLUGS
from services.llm_gateway.providers.base import Provider

Providers = Mapping[str, Provider]

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OWN_HEADERS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"}
)
_LONGEST_HEADER = 8_000
_SHOWN_CHARACTERS, _LONG_ENOUGH = 4, 12
_MOST_CREDENTIALS = 50


async def list_providers(runtime: Runtime, providers: Providers) -> list[ProviderInfo]:
    return [await showing.provider_info(runtime, provider) for provider in providers.values()]


async def get_provider(runtime: Runtime, providers: Providers, slug: str) -> ProviderInfo:
    return await showing.provider_info(runtime, _found(providers, slug))


async def change_provider(
    runtime: Runtime, providers: Providers, slug: str, *, change: ProviderChange, actor: Principal
) -> ProviderInfo:
    """Set what is given; a slug that nobody has yet becomes a custom server."""
    if slug in RESERVED_SLUGS:
        raise Invalid(
            f"slug: {slug!r} is a name that Nova uses; choose another.", code="slug_reserved"
        )
    is_new = slug not in providers
    if is_new:
        _check_new(slug, change)
    base = None if change.base_url is None else await checked_base_url(change.base_url)
    async with runtime.database.transaction() as connection:
        current = await queries.lock_setting(connection, slug)
        row = current or SettingRow(slug, is_new, None, None, True, None, None, [], None)  # noqa: FBT003 - a row's columns
        row = _changed(runtime, row, change, base=base)
        if row.is_custom and row.base_url is None:
            raise Invalid("base_url: a custom server needs one.")
        await queries.store_setting(connection, row)
        await record(
            connection,
            actor=actor,
            action="provider.created" if is_new else "provider.changed",
            subject_kind="provider",
            subject_id=slug,
            detail={"changed": sorted(change.model_fields_set), "base_url": row.base_url},
        )
    await runtime.store.refresh()
    return await get_provider(runtime, providers, slug)


async def forget_provider(
    runtime: Runtime, providers: Providers, slug: str, *, actor: Principal
) -> None:
    """Remove a custom server with its keys, or what was set for a built-in provider at run time."""
    _found(providers, slug)
    async with runtime.database.transaction() as connection:
        row = await queries.lock_setting(connection, slug)
        if row is None:
            if runtime.setups.of(slug).is_custom:
                raise WrongState(
                    "This server is set in NOVA_CUSTOM_PROVIDERS; switch it off, or remove it there.",
                    code="set_in_environment",
                )
            return
        await queries.delete_setting(connection, slug)
        if row.is_custom:
            await queries.delete_credentials_of(connection, slug)
        await record(
            connection,
            actor=actor,
            action="provider.removed" if row.is_custom else "provider.reset",
            subject_kind="provider",
            subject_id=slug,
        )
    await runtime.store.refresh()


async def add_credential(
    runtime: Runtime, providers: Providers, slug: str, *, request: NewCredential, actor: Principal
) -> ProviderCredential:
    """Store a key for the provider's present address. Raises WrongState where it takes none."""
    provider = _found(providers, slug)
    if provider.traits.auth_methods == ("none",):
        raise WrongState(f"{provider.traits.title} takes no key.", code="no_key_taken")
    base = runtime.setups.of(slug).base_url
    if not base:
        raise WrongState("Set the provider's base_url first.", code="no_base_url")
    key = _checked_key(request.key)
    credential_id = new_id()
    async with runtime.database.transaction() as connection:
        row = CredentialRow(
            id=credential_id,
            provider=slug,
            name=await _free_name(runtime, connection, slug, request.name),
            sealed_key=encrypt(
                runtime.secret_key.get_secret_value(), key, purpose=key_purpose(credential_id)
            ),
            last_four=key[-_SHOWN_CHARACTERS:] if len(key) >= _LONG_ENOUGH else "",
            origin=origin_of(base),
            enabled=True,
        )
        await _unique(queries.insert_credential(connection, row), row.name)
        await _record_key(connection, actor, "credential.added", row)
    await runtime.store.refresh()
    return showing.stored_credential(runtime, slug, str(credential_id))


async def change_credential(
    runtime: Runtime, slug: str, credential_id: str, *, change: CredentialChange, actor: Principal
) -> ProviderCredential:
    async with runtime.database.transaction() as connection:
        row = await _find(connection, slug, credential_id)
        name = row.name if change.name is None else change.name.strip()
        enabled = row.enabled if change.enabled is None else change.enabled
        if name != row.name:
            await _free_name(runtime, connection, slug, name)
        await _unique(
            queries.update_credential(connection, row.id, name=name, enabled=enabled), name
        )
        changed = replace(row, name=name, enabled=enabled)
        await _record_key(connection, actor, "credential.changed", changed)
    await runtime.store.refresh()
    return showing.stored_credential(runtime, slug, credential_id)


async def remove_credential(
    runtime: Runtime, slug: str, credential_id: str, *, actor: Principal
) -> None:
    async with runtime.database.transaction() as connection:
        row = await _find(connection, slug, credential_id)
        await queries.delete_credential(connection, row.id)
        await _record_key(connection, actor, "credential.removed", row)
    await runtime.store.refresh()


async def check_credential(
    runtime: Runtime, providers: Providers, slug: str, credential_id: str
) -> CredentialTest:
    """Ask the provider with this key; one that works is taken back into use."""
    provider = _found(providers, slug)
    credential = showing.credential_of(runtime, slug, credential_id)
    started = time.monotonic()
    state = await provider.check(credential)
    if state.available:
        runtime.pool.worked(slug, credential.name)
    return CredentialTest(
        ok=state.available,
        detail=state.reason,
        model_count=len(state.models),
        latency_ms=round((time.monotonic() - started) * 1000, 1),
    )


def _found(providers: Providers, slug: str) -> Provider:
    provider = providers.get(slug)
    if provider is None:
        raise NotFound(f"There is no provider {slug[:100]!r}.", code="provider_not_found")
    return provider


def _check_new(slug: str, change: ProviderChange) -> None:
    if not re.fullmatch(SLUG, slug):
        raise Invalid("slug: lower-case letters, digits and hyphens, at most 40.")
    if change.base_url is None:
        raise NotFound(
            f"There is no provider {slug!r}; give a base_url to add a server of your own.",
            code="provider_not_found",
        )


def _changed(
    runtime: Runtime, row: SettingRow, change: ProviderChange, *, base: str | None
) -> SettingRow:
    given = change.model_fields_set
    if "base_url" in given:
        row = replace(row, base_url=base)
    if "title" in given:
        row = replace(row, title=None if change.title is None else change.title.strip())
    if change.enabled is not None:
        row = replace(row, enabled=change.enabled)
    if "default_model" in given:
        row = replace(row, default_model=change.default_model)
    if "is_local" in given:
        row = replace(row, is_local=change.is_local)
    if "headers" in given:
        headers = change.headers or {}
        _check_headers(headers)
        sealed = seal_headers(runtime.secret_key.get_secret_value(), row.slug, headers)
        row = replace(row, sealed_headers=sealed, header_names=sorted(headers))
    return row


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
            raise Invalid(f"headers: {name[:100]!r} can't be set.")
        if not value.isascii() or not value.isprintable() or len(value) > _LONGEST_HEADER:
            raise Invalid(f"headers: the value of {name!r} must be printable ASCII.")


def _checked_key(key: str) -> str:
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Invalid(
            "key: it must be printable ASCII without spaces, since it travels in a header."
        )
    return key


async def _free_name(runtime: Runtime, connection: Connection, slug: str, name: str | None) -> str:
    """The name, if nobody has it, or the next "key n"."""
    environment = runtime.setups.environment(slug)
    taken = set(await queries.credential_names(connection, slug))
    if environment is not None:
        taken |= {credential.name for credential in environment.credentials()}
    if len(taken) >= _MOST_CREDENTIALS:
        raise WrongState(f"{slug} has {_MOST_CREDENTIALS} keys already.", code="too_many_keys")
    if name is None:
        return next(
            f"key {number}"
            for number in range(1, _MOST_CREDENTIALS + 2)
            if f"key {number}" not in taken
        )
    if name.strip() in taken:
        raise _name_taken(name)
    return name.strip()


async def _unique(work: Awaitable[None], name: str) -> None:
    try:
        await work
    except asyncpg.UniqueViolationError as error:
        raise _name_taken(name) from error


def _name_taken(name: str) -> WrongState:
    return WrongState(f"There is a key called {name!r} already.", code="name_taken")


async def _find(connection: Connection, slug: str, credential_id: str) -> CredentialRow:
    try:
        row = await queries.find_credential(connection, slug, UUID(credential_id))
    except ValueError:
        row = None
    if row is None:
        raise showing.unknown_credential(credential_id)
    return row


async def _record_key(
    connection: Connection, actor: Principal, action: str, row: CredentialRow
) -> None:
    await record(
        connection,
        actor=actor,
        action=action,
        subject_kind="provider",
        subject_id=row.provider,
        detail={"name": row.name, "last_four": row.last_four, "enabled": row.enabled},
    )
