"""Looks at PostgreSQL through a connection of its own: recovery holds none while nobody asks."""

from dataclasses import dataclass, field

from contracts.recovery import DatabaseStatus
from services.kit.errors import DatabaseDown
from services.recovery.connection import brief_connection
from services.recovery.status import queries

# Workers say that they live every 10 s, or at least ask for work.
WORKER_SECONDS = 35.0


@dataclass(frozen=True, slots=True)
class DatabaseView:
    """What PostgreSQL says; `workers` is None when it can't be asked."""

    status: DatabaseStatus
    workers: frozenset[str] | None = field(default=None)


async def look_at_database(dsn: str) -> DatabaseView:
    """Its size, its number of tables, and which workers were seen lately."""
    try:
        async with brief_connection(dsn) as connection:
            size = await queries.database_size(connection)
            workers: list[str] = []
            if await queries.workers_exist(connection):
                workers = await queries.live_workers(connection, within_seconds=WORKER_SECONDS)
    except DatabaseDown as error:
        return DatabaseView(DatabaseStatus(connected=False, reason=error.detail))
    return DatabaseView(
        DatabaseStatus(
            connected=True,
            size=size.size,
            size_bytes=size.size_bytes,
            table_count=size.table_count,
        ),
        workers=frozenset(workers),
    )


async def check_database(dsn: str) -> None:
    """A health check: raises DatabaseDown with the reason."""
    async with brief_connection(dsn) as connection:
        await queries.database_size(connection)
