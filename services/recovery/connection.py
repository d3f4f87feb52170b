"""Connections to PostgreSQL that are made for one purpose and ended at once after it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from services.kit.db import Connection, translated_errors
from services.kit.errors import DatabaseDown

BRIEF_SECONDS = 1.5
_CONNECT_SECONDS = 5.0


@asynccontextmanager
async def connection_to(
    url: str,
    *,
    password: str | None = None,
    connect_seconds: float = _CONNECT_SECONDS,
    command_seconds: float | None = None,
) -> AsyncGenerator[Connection, None]:
    """A connection of its own. Raises DatabaseDown, with the reason, if there is none."""
    try:
        with translated_errors():
            connection = await asyncpg.connect(
                url,
                password=password,
                timeout=connect_seconds,
                command_timeout=command_seconds,
                server_settings={"application_name": "recovery"},
            )
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise DatabaseDown(f"PostgreSQL refuses the login: {error}") from error
    except asyncpg.InvalidCatalogNameError as error:
        raise DatabaseDown(f"PostgreSQL has no such database: {error}") from error
    try:
        with translated_errors():
            yield connection
    finally:
        # At once: a close that waits for a hanging server's goodbye would hang too.
        connection.terminate()


@asynccontextmanager
async def brief_connection(url: str) -> AsyncGenerator[Connection, None]:
    """A connection for a quick question; all of it takes twice BRIEF_SECONDS at most, so that a
    server that accepts and then says nothing is found out too.
    """
    try:
        async with (
            asyncio.timeout(BRIEF_SECONDS * 2),
            connection_to(
                url, connect_seconds=BRIEF_SECONDS, command_seconds=BRIEF_SECONDS
            ) as connection,
        ):
            yield connection
    except TimeoutError as error:
        raise DatabaseDown("PostgreSQL does not answer.") from error
