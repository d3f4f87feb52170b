"""SQL of external agents' endpoints and of the calls that are made to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """`auth_token` is encrypted."""

    id: UUID
    name: str
    description: str
    url: str
    auth_token: str | None
    protocol: str
    input_schema: dict[str, Any] | None
    output_schema: dict[str, Any] | None
    enabled: bool
    created_at: datetime
    updated_at: datetime


_LIST = Query(
    EndpointRow,
    """
    SELECT id, name, description, url, auth_token, protocol, input_schema, output_schema, enabled,
        created_at, updated_at
    FROM agent_endpoints ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2
    """,
)
_COUNT = Scalar(int, "SELECT count(*) FROM agent_endpoints")
_FIND = Query(
    EndpointRow,
    """
    SELECT id, name, description, url, auth_token, protocol, input_schema, output_schema, enabled,
        created_at, updated_at
    FROM agent_endpoints WHERE id = $1
    """,
)
_FIND_BY_NAME = Query(
    EndpointRow,
    """
    SELECT id, name, description, url, auth_token, protocol, input_schema, output_schema, enabled,
        created_at, updated_at
    FROM agent_endpoints WHERE lower(name) = lower($1) ORDER BY name = $1 DESC LIMIT 1
    """,
)
_LIST_ENABLED = Query(
    EndpointRow,
    """
    SELECT id, name, description, url, auth_token, protocol, input_schema, output_schema, enabled,
        created_at, updated_at
    FROM agent_endpoints WHERE enabled ORDER BY name LIMIT 200
    """,
)
_STORE = Query(
    EndpointRow,
    """
    INSERT INTO agent_endpoints (id, name, description, url, auth_token, protocol, input_schema,
        output_schema, enabled)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description,
        url = excluded.url, auth_token = excluded.auth_token, protocol = excluded.protocol,
        input_schema = excluded.input_schema, output_schema = excluded.output_schema,
        enabled = excluded.enabled, updated_at = now()
    RETURNING id, name, description, url, auth_token, protocol, input_schema, output_schema,
        enabled, created_at, updated_at
    """,
)
_DELETE = Statement("DELETE FROM agent_endpoints WHERE id = $1")


async def list_endpoints(connection: Connection, *, limit: int, offset: int) -> list[EndpointRow]:
    return await _LIST.all(connection, limit, offset)


async def count_endpoints(connection: Connection) -> int:
    return await _COUNT.one(connection)


async def find_endpoint(connection: Connection, endpoint_id: UUID) -> EndpointRow | None:
    return await _FIND.first(connection, endpoint_id)


async def find_by_name(connection: Connection, name: str) -> EndpointRow | None:
    return await _FIND_BY_NAME.first(connection, name)


async def list_enabled(connection: Connection) -> list[EndpointRow]:
    return await _LIST_ENABLED.all(connection)


async def store_endpoint(
    connection: Connection,
    endpoint_id: UUID,
    *,
    name: str,
    description: str,
    url: str,
    auth_token: str | None,
    protocol: str,
    input_schema: dict[str, Any] | None,
    output_schema: dict[str, Any] | None,
    enabled: bool,
) -> EndpointRow:
    """Insert it, or write all of it anew."""
    return await _STORE.one(
        connection,
        endpoint_id,
        name,
        description,
        url,
        auth_token,
        protocol,
        input_schema,
        output_schema,
        enabled,
    )


async def delete_endpoint(connection: Connection, endpoint_id: UUID) -> bool:
    return await _DELETE.run(connection, endpoint_id) == 1
