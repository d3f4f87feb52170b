"""Keeps the endpoints of external agents; their tokens are stored encrypted and never given back."""

import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg

from contracts.endpoints import (
    AgentEndpoint,
    AgentEndpointPatch,
    CreateAgentEndpoint,
    EndpointTest,
)
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.encryption import NotDecryptable, decrypt, encrypt
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.http_pool import HttpPool
from services.kit.ids import new_id
from services.orchestrator.audit import service as audit
from services.orchestrator.endpoints import queries
from services.orchestrator.endpoints.protocols import PROTOCOLS
from services.orchestrator.endpoints.protocols.base import RemoteError, Target
from services.orchestrator.endpoints.queries import EndpointRow
from services.orchestrator.endpoints.schemas import check_schema
from services.orchestrator.patches import given_fields, patched


async def list_endpoints(
    connection: Connection, *, limit: int, offset: int
) -> tuple[list[AgentEndpoint], int]:
    """One page, newest first, and how many there are."""
    rows = await queries.list_endpoints(connection, limit=limit, offset=offset)
    return [_shown(row) for row in rows], await queries.count_endpoints(connection)


async def get_endpoint(connection: Connection, endpoint_id: UUID) -> AgentEndpoint:
    return _shown(await find_endpoint(connection, endpoint_id))


async def find_endpoint(connection: Connection, endpoint_id: UUID) -> EndpointRow:
    """Raises NotFound."""
    row = await queries.find_endpoint(connection, endpoint_id)
    if row is None:
        raise NotFound(f"There is no agent endpoint {endpoint_id}.", code="unknown_endpoint")
    return row


async def create_endpoint(
    connection: Connection, request: CreateAgentEndpoint, *, secret_key: str, actor: Principal
) -> AgentEndpoint:
    endpoint_id = new_id()
    sealed = _sealed(secret_key, request.auth_token, endpoint_id)
    row = await _store(connection, endpoint_id, request, sealed=sealed)
    await audit.record(
        connection,
        actor=actor,
        action="endpoint.created",
        subject_kind="endpoint",
        subject_id=endpoint_id,
        detail={"name": row.name, "url": row.url, "protocol": row.protocol},
    )
    return _shown(row)


async def update_endpoint(
    connection: Connection,
    endpoint_id: UUID,
    patch: AgentEndpointPatch,
    *,
    secret_key: str,
    actor: Principal,
) -> AgentEndpoint:
    row = await find_endpoint(connection, endpoint_id)
    given = patch.model_fields_set
    current = {name: getattr(row, name) for name in CreateAgentEndpoint.model_fields}
    request = patched(CreateAgentEndpoint, {**current, "auth_token": None}, patch=patch)
    if "url" in given and "auth_token" not in given and row.auth_token is not None:
        old, new = urlsplit(row.url), urlsplit(request.url)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            raise Invalid("auth_token: give it again (or null) for another server.")
    sealed = row.auth_token
    if "auth_token" in given:
        sealed = _sealed(secret_key, request.auth_token, endpoint_id)
    row = await _store(connection, endpoint_id, request, sealed=sealed)
    await audit.record(
        connection,
        actor=actor,
        action="endpoint.updated",
        subject_kind="endpoint",
        subject_id=endpoint_id,
        detail={"name": row.name, "changed": given_fields(patch)},
    )
    return _shown(row)


async def delete_endpoint(connection: Connection, endpoint_id: UUID, *, actor: Principal) -> None:
    row = await find_endpoint(connection, endpoint_id)
    await queries.delete_endpoint(connection, endpoint_id)
    await audit.record(
        connection,
        actor=actor,
        action="endpoint.deleted",
        subject_kind="endpoint",
        subject_id=endpoint_id,
        detail={"name": row.name},
    )


async def probe_endpoint(row: EndpointRow, *, pool: HttpPool, secret_key: str) -> EndpointTest:
    """Ask who is there, without giving any work."""
    started = time.monotonic()
    try:
        target = target_of(row.id, row.name, row.url, row.auth_token, secret_key=secret_key)
        detail = await PROTOCOLS[row.protocol].describe(pool, target)
        works = True
    except RemoteError as error:
        works, detail = False, str(error)
    duration = int((time.monotonic() - started) * 1000)
    return EndpointTest(ok=works, detail=detail, duration_ms=duration)


def target_of(
    endpoint_id: UUID, name: str, url: str, sealed: str | None, *, secret_key: str
) -> Target:
    """The endpoint with its token in the clear. Raises RemoteError if it can't be decrypted."""
    if sealed is None:
        return Target(name, url)
    try:
        token = decrypt(secret_key, sealed, purpose=_purpose(endpoint_id))
    except NotDecryptable as error:
        raise RemoteError(f"The token of {name} can't be used: {error} Set it again.") from error
    return Target(name, url, token)


async def _store(
    connection: Connection, endpoint_id: UUID, request: CreateAgentEndpoint, *, sealed: str | None
) -> EndpointRow:
    _check_url(request.url)
    check_schema("input_schema", request.input_schema)
    check_schema("output_schema", request.output_schema)
    values: dict[str, Any] = request.model_dump(mode="json", exclude={"auth_token", "name"})
    name = request.name.strip()
    same = await queries.find_by_name(connection, name)
    if same is not None and same.id != endpoint_id:
        raise WrongState(f"There is an endpoint called {name!r} already.", code="name_taken")
    try:
        return await queries.store_endpoint(
            connection, endpoint_id, name=name, auth_token=sealed, **values
        )
    except asyncpg.UniqueViolationError as error:
        raise WrongState(
            f"There is an endpoint called {name!r} already.", code="name_taken"
        ) from error


def _check_url(url: str) -> None:
    """Private addresses are fine: an administrator's own agents live there."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise Invalid(f"url: {error}") from error
    if parts.scheme not in {"http", "https"} or not host or any(c.isspace() for c in url):
        raise Invalid("url: it must be an http:// or https:// address.")
    if parts.username is not None or parts.password is not None:
        raise Invalid("url: put the credential into auth_token, not into the address.")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise Invalid("url: no agent can live at a link-local, multicast or empty address.")


def _sealed(secret_key: str, token: str | None, endpoint_id: UUID) -> str | None:
    if token is None:
        return None
    if not token.isascii() or not token.isprintable():
        raise Invalid("auth_token: it must be printable ASCII, since it travels in a header.")
    return encrypt(secret_key, token, purpose=_purpose(endpoint_id))


def _purpose(endpoint_id: UUID) -> str:
    return f"agent_endpoints.auth_token {endpoint_id}"


def _shown(row: EndpointRow) -> AgentEndpoint:
    return AgentEndpoint.model_validate(
        {
            **{
                name: getattr(row, name)
                for name in AgentEndpoint.model_fields
                if name != "has_auth_token"
            },
            "has_auth_token": row.auth_token is not None,
        }
    )
