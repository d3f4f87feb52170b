"""What PostgreSQL says about itself and about the workers."""

from dataclasses import dataclass

from services.kit.db import Connection, Query, Scalar


@dataclass(frozen=True, slots=True)
class DatabaseSizeRow:
    size: str
    size_bytes: int
    table_count: int


_DATABASE_SIZE = Query(
    DatabaseSizeRow,
    """
    SELECT pg_size_pretty(pg_database_size(current_database())) AS size,
           pg_database_size(current_database()) AS size_bytes,
           (SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'public') AS table_count
    """,
)

_WORKERS_EXIST = Scalar(bool, "SELECT to_regclass('public.workers') IS NOT NULL")
_LIVE_WORKERS = Scalar(
    str,
    """
    SELECT name FROM workers WHERE seen_at > now() - $1 * interval '1 second'
    UNION
    SELECT application_name FROM pg_catalog.pg_stat_activity
    WHERE datname = current_database() AND state_change > now() - $1 * interval '1 second'
    """,
)


async def database_size(connection: Connection) -> DatabaseSizeRow:
    return await _DATABASE_SIZE.one(connection)


async def workers_exist(connection: Connection) -> bool:
    """Whether the schema is there; a new database has none yet."""
    return await _WORKERS_EXIST.one(connection)


async def live_workers(connection: Connection, *, within_seconds: float) -> list[str]:
    """The names of the processes that said they live, or asked anything, within so many seconds."""
    return await _LIVE_WORKERS.all(connection, within_seconds)
