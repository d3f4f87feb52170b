"""Checking a PostgreSQL and a Redis that are given by URL.

Run as its own process, after the environment is made: the one file of the launcher that needs it.
"""

import asyncio
import os
import sys

import asyncpg
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from services.kit.launch.postgres import OLDEST_MAJOR

_CONNECT_SECONDS = 10


async def problems() -> list[str]:
    """Return what is wrong with the servers in DATABASE_URL and REDIS_URL; empty if nothing is."""
    found: list[str] = []
    if database_url := os.environ.get("DATABASE_URL"):
        found += await _postgres_problems(database_url)
    if redis_url := os.environ.get("REDIS_URL"):
        found += await _redis_problems(redis_url)
    return found


async def _postgres_problems(url: str) -> list[str]:
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        return [f"The PostgreSQL in DATABASE_URL can not be used: {error}"]
    try:
        major = connection.get_server_version().major
        if major < OLDEST_MAJOR:
            return [f"The PostgreSQL in DATABASE_URL is version {major}: {OLDEST_MAJOR} is needed."]
        if await connection.fetchval(
            "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'"
        ):
            return []
        remedy = f"Install it there (Debian: postgresql-{major}-pgvector), or unset DATABASE_URL."
        return [f"The PostgreSQL in DATABASE_URL has no pgvector.\n{remedy}"]
    finally:
        await connection.close()


async def _redis_problems(url: str) -> list[str]:
    try:
        pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - untyped there
            url, socket_connect_timeout=_CONNECT_SECONDS
        )
        connection = pool.make_connection()
        await connection.connect()
        await connection.disconnect()
    except (RedisError, ValueError) as error:
        return [f"The Redis in REDIS_URL can not be used: {error}"]
    return []


if __name__ == "__main__":
    sys.exit("\n".join(asyncio.run(problems())) or 0)
