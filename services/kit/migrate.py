"""Applies migrations/NNNN_slug.sql: numbered, checksummed, each once, under an advisory lock."""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from services.kit.db import SERVER_GONE, Connection, Database, translated_errors
from services.kit.errors import DatabaseDown, DependencyDown, NovaError
from services.kit.log import get_logger

_log = get_logger(__name__)
MIGRATIONS = Path(__file__).parents[2] / "migrations"
_FILE_NAME = re.compile(r"(\d{4})_\w+\.sql", re.ASCII)
_LOCK = 0x4E6F7661  # "Nova"
_POLL_SECONDS = 0.2

_CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


class MigrationError(NovaError):
    """The migrations on disk and in the database don't agree, or one failed."""

    code = "migration_failed"


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations on disk, in order. Raises MigrationError for a gap or an odd name."""
    found: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path.name} is not named NNNN_slug.sql.")
        sql = path.read_text(encoding="utf-8")
        found.append(Migration(version=int(match[1]), name=path.name, sql=sql))
    versions = [migration.version for migration in found]
    if versions != list(range(1, len(found) + 1)):
        raise MigrationError(f"The migrations are not numbered without gaps: {versions}.")
    return found


def latest_version() -> int:
    """The schema version that this build works with."""
    return len(load_migrations())


async def apply_migrations(dsn: str, *, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing; the names applied. Several may call this at once.

    Each migration commits together with its row, so one that is killed leaves nothing behind.
    Raises DatabaseDown where a later try may do, else MigrationError.
    """
    migrations = load_migrations(folder)
    with translated_errors():
        connection: asyncpg.Connection[Any] = await asyncpg.connect(dsn, timeout=5)
        try:
            await _take_lock(connection)
            return await _apply_missing(connection, migrations)
        finally:
            # Ends the session, and with it the advisory lock, however the block was left.
            connection.terminate()


async def _apply_missing(connection: Connection, migrations: list[Migration]) -> list[str]:
    await connection.execute(_CREATE_TABLE)
    rows = await connection.fetch("SELECT version, checksum FROM schema_migrations")
    applied = {row["version"]: row["checksum"] for row in rows}
    _compare(migrations, applied)
    new = migrations[len(applied) :]
    for migration in new:
        await _apply(connection, migration)
    return [migration.name for migration in new]


async def _take_lock(connection: Connection) -> None:
    # Polled, not waited for: a session that waits on a lock holds back CREATE INDEX CONCURRENTLY.
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):  # noqa: ASYNC110 - the lock is in the database
        await asyncio.sleep(_POLL_SECONDS)


def _compare(migrations: list[Migration], applied: dict[int, str]) -> None:
    known = {migration.version: migration for migration in migrations}
    for version, checksum in applied.items():
        migration = known.get(version)
        if migration is None:
            raise MigrationError(
                f"The database has schema version {version}, newer than this build knows."
            )
        if migration.checksum != checksum:
            raise MigrationError(f"{migration.name} was changed after it had been applied.")
    if sorted(applied) != list(range(1, len(applied) + 1)):
        raise MigrationError(f"The database lacks migrations before others: {sorted(applied)}.")


async def _apply(connection: Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '10s'")
            await connection.execute("SET LOCAL statement_timeout = '10min'")
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
                migration.version,
                migration.name,
                migration.checksum,
            )
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseDown(f"{migration.name} waits for a table that is in use.") from error
    except SERVER_GONE:
        raise  # nothing is applied, and a later try may do
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{migration.name} failed: {error}") from error
    _log.info("migration applied", migration=migration.name)


async def check_schema(database: Database, *, version: int) -> None:
    """A readiness check: raises DependencyDown until the schema is at least `version`."""
    async with database.connection() as connection:
        exists = await connection.fetchval("SELECT to_regclass('schema_migrations') IS NOT NULL")
        found = 0
        if exists:
            found = await connection.fetchval(
                "SELECT coalesce(max(version), 0) FROM schema_migrations"
            )
    if found < version:
        raise DependencyDown(
            f"The schema is at version {found}, {version} is needed; the orchestrator migrates it."
        )
