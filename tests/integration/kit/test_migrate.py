"""Migrations: each once, whole or not at all, whoever starts at the same time or dies."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.kit import migrate
from services.kit.db import Database
from services.kit.errors import DatabaseDown, DependencyDown
from services.kit.launch.configuration import ROOT
from services.kit.migrate import (
    MIGRATIONS,
    MigrationError,
    apply_migrations,
    check_schema,
    latest_version,
    load_migrations,
)
from tests.fixtures.restartable import RestartablePostgres, running

RUN = """
import asyncio, sys
from pathlib import Path
from services.kit.migrate import apply_migrations
print(asyncio.run(apply_migrations(sys.argv[1], folder=Path(sys.argv[2]))))
"""
ASLEEP = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event = 'PgSleep' AND datname = current_database()
"""
SLOW = """
CREATE TABLE half (id int);
INSERT INTO half VALUES (1);
SELECT pg_sleep(60);
CREATE TABLE other_half (id int);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, 1, "CREATE TABLE one (id int)")
    write(tmp_path, 2, "CREATE TABLE two (id int); INSERT INTO two VALUES (1)")
    return tmp_path


def write(folder: Path, number: int, sql: str) -> Path:
    path = folder / f"{number:04}_m{number}.sql"
    path.write_text(sql)
    return path


def in_process(dsn: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, dsn, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
async def connection(empty_database_url: str) -> Any:
    opened = await asyncpg.connect(empty_database_url)
    yield opened
    await opened.close()


async def exists(connection: Any, table: str) -> bool:
    return await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table)


async def versions(connection: Any) -> list[int]:
    rows = await connection.fetch("SELECT version FROM schema_migrations ORDER BY version")
    return [row[0] for row in rows]


async def test_each_is_applied_once(empty_database_url: str, folder: Path, connection: Any) -> None:
    assert await apply_migrations(empty_database_url, folder=folder) == [
        "0001_m1.sql",
        "0002_m2.sql",
    ]
    assert await apply_migrations(empty_database_url, folder=folder) == []
    write(folder, 3, "CREATE TABLE three (id int)")
    assert await apply_migrations(empty_database_url, folder=folder) == ["0003_m3.sql"]
    assert await versions(connection) == [1, 2, 3]
    assert await connection.fetchval("SELECT count(*) FROM two") == 1


async def test_several_at_once(empty_database_url: str, folder: Path, connection: Any) -> None:
    here = [apply_migrations(empty_database_url, folder=folder) for _ in range(8)]
    applied = sorted(name for names in await asyncio.gather(*here) for name in names)
    assert applied == ["0001_m1.sql", "0002_m2.sql"]
    assert await connection.fetchval("SELECT count(*) FROM two") == 1


async def test_nova_s_own(empty_database_url: str) -> None:
    assert len(await apply_migrations(empty_database_url)) == latest_version()
    assert [m.name for m in load_migrations()] == sorted(p.name for p in MIGRATIONS.glob("*.sql"))


async def test_the_lock_is_polled(
    empty_database_url: str, folder: Path, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_POLL_SECONDS", 0.01)
    assert await connection.fetchval("SELECT pg_try_advisory_lock($1)", migrate._LOCK)
    work = asyncio.ensure_future(apply_migrations(empty_database_url, folder=folder))
    polls = """
    SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE 'SELECT pg_try_advisory%' AND state = 'idle'
        AND datname = current_database() AND pid <> pg_backend_pid()
    """
    async with asyncio.timeout(30):
        while not await connection.fetchval(polls):  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.01)
    # A session that waits on a lock would hold back CREATE INDEX CONCURRENTLY.
    assert await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0
    assert not work.done()
    assert not await exists(connection, "schema_migrations")
    await connection.fetchval("SELECT pg_advisory_unlock($1)", migrate._LOCK)
    assert len(await work) == 2


class TestKilled:
    @pytest.fixture
    def half_done(
        self, empty_database_url: str, folder: Path
    ) -> Iterator[tuple[subprocess.Popen[str], Path]]:
        slow = write(folder, 3, SLOW)
        with in_process(empty_database_url, folder) as process:
            yield process, slow
            process.kill()

    async def test_nothing_half_stays_and_the_next_goes_on(
        self,
        half_done: tuple[subprocess.Popen[str], Path],
        empty_database_url: str,
        folder: Path,
        connection: Any,
    ) -> None:
        process, slow = half_done
        async with asyncio.timeout(30):
            while not await connection.fetchval(ASLEEP):  # noqa: ASYNC110 - it is in the database
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
        # The server's process sleeps on; it notices the loss at its next word to the client.
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        )
        slow.write_text(SLOW.replace("pg_sleep(60)", "1"))
        assert await apply_migrations(empty_database_url, folder=folder) == ["0003_m3.sql"]
        assert await versions(connection) == [1, 2, 3]
        assert await connection.fetchval("SELECT count(*) FROM half") == 1
        assert await exists(connection, "other_half")


class TestRefusals:
    async def test_a_failing_one_leaves_those_before_it(
        self, empty_database_url: str, folder: Path, connection: Any
    ) -> None:
        write(folder, 3, "CREATE TABLE three (id int); SELECT nonsense")
        with pytest.raises(MigrationError, match=r"0003_m3\.sql failed.*nonsense"):
            await apply_migrations(empty_database_url, folder=folder)
        assert await versions(connection) == [1, 2]
        assert not await exists(connection, "three")

    async def test_a_changed_one(self, empty_database_url: str, folder: Path) -> None:
        await apply_migrations(empty_database_url, folder=folder)
        write(folder, 1, "CREATE TABLE one (id bigint)")
        with pytest.raises(MigrationError, match=r"0001_m1\.sql was changed"):
            await apply_migrations(empty_database_url, folder=folder)

    async def test_a_newer_database(self, empty_database_url: str, folder: Path) -> None:
        await apply_migrations(empty_database_url, folder=folder)
        (folder / "0002_m2.sql").unlink()
        with pytest.raises(MigrationError, match="version 2, newer"):
            await apply_migrations(empty_database_url, folder=folder)

    async def test_a_gap_in_the_database(
        self, empty_database_url: str, folder: Path, connection: Any
    ) -> None:
        await apply_migrations(empty_database_url, folder=folder)
        await connection.execute("DELETE FROM schema_migrations WHERE version = 1")
        with pytest.raises(MigrationError, match="lacks"):
            await apply_migrations(empty_database_url, folder=folder)

    def test_a_gap_on_disk(self, folder: Path) -> None:
        write(folder, 4, "SELECT 1")
        with pytest.raises(MigrationError, match=r"without gaps: \[1, 2, 4\]"):
            load_migrations(folder)

    @pytest.mark.parametrize("name", ["3_x.sql", "0003.sql", "0003-x.sql", "٠٠٠٣_x.sql", "x.sql"])
    def test_an_odd_name(self, folder: Path, name: str) -> None:
        (folder / name).write_text("SELECT 1")
        with pytest.raises(MigrationError, match="is not named"):
            load_migrations(folder)

    async def test_a_table_in_use_is_a_matter_of_waiting(
        self, empty_database_url: str, folder: Path, connection: Any
    ) -> None:
        await apply_migrations(empty_database_url, folder=folder)
        write(folder, 3, "SET LOCAL lock_timeout = '50ms'; ALTER TABLE one ADD COLUMN x int")
        async with connection.transaction():
            await connection.execute("LOCK TABLE one")
            with pytest.raises(DatabaseDown, match="in use"):
                await apply_migrations(empty_database_url, folder=folder)
        assert await apply_migrations(empty_database_url, folder=folder) == ["0003_m3.sql"]


class TestServerLost:
    async def test_it_is_a_database_that_is_down_and_a_later_try_does_it(
        self, tmp_path: Path
    ) -> None:
        scripts = tmp_path / "migrations"
        scripts.mkdir()
        write(scripts, 1, "CREATE TABLE one (id int); SELECT pg_sleep(60)")
        with running(RestartablePostgres(tmp_path)) as server:
            work = asyncio.ensure_future(apply_migrations(server.dsn, folder=scripts))
            watcher = await asyncpg.connect(server.dsn)
            async with asyncio.timeout(30):
                while not await watcher.fetchval(ASLEEP):  # noqa: ASYNC110 - it is in the database
                    await asyncio.sleep(0.02)
            watcher.terminate()
            server.stop()
            with pytest.raises(DatabaseDown):
                await work
            with pytest.raises(DatabaseDown):
                await apply_migrations(server.dsn, folder=scripts)
            server.start()
            write(scripts, 1, "CREATE TABLE one (id int)")
            assert await apply_migrations(server.dsn, folder=scripts) == ["0001_m1.sql"]


async def test_readiness_follows_the_schema(empty_database_url: str, folder: Path) -> None:
    database = Database(empty_database_url)
    with pytest.raises(DatabaseDown):
        await check_schema(database, version=1)
    await database.open()
    with pytest.raises(DependencyDown, match="version 0, 1 is needed"):
        await check_schema(database, version=1)
    await apply_migrations(empty_database_url, folder=folder)
    for version in (0, 1, 2):
        await check_schema(database, version=version)
    with pytest.raises(DependencyDown, match="version 2, 3 is needed"):
        await check_schema(database, version=3)
    await database.close()


def test_processes_at_once(empty_database_url: str, folder: Path) -> None:
    processes = [in_process(empty_database_url, folder) for _ in range(3)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    told = sorted(output.splitlines()[-1] for output, _ in outputs)
    assert told == ["['0001_m1.sql', '0002_m2.sql']", "[]", "[]"]
