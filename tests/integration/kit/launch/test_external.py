"""Servers given by URL are checked before anything starts."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from services.kit.launch import postgres
from services.kit.launch.external import problems
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import in_own_loop
from tests.fixtures.processes import start, stop, wait_until


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    return monkeypatch


@pytest.fixture
def vectorless_url(tmp_path: Path) -> Iterator[str]:
    """A PostgreSQL 16 without pgvector: the wheel's, with the extension's files left out."""
    wheel = next(folder for folder, origin in postgres._candidates() if origin == "wheel")
    package = wheel.parents[1]
    copy = tmp_path / package.name / "pginstall"
    shutil.copytree(wheel.parent, copy, ignore=shutil.ignore_patterns("vector*", "include"))
    binaries = postgres.PostgresBinaries(copy / "bin", "16", "test")
    libraries = package.with_name(f"{package.name}.libs")  # found beside the package
    (tmp_path / libraries.name).symlink_to(libraries)
    postgres.initialise(binaries, tmp_path / "data", password="x")
    port = free_port()
    command = postgres.server_command(binaries, tmp_path / "data", port=port)
    process = start(command, log=tmp_path / "log", if_we_die=signal.SIGINT)
    url = f"postgresql://nova:x@127.0.0.1:{port}/nova"

    def ready() -> bool:
        assert process.poll() is None, (tmp_path / "log").read_text()
        try:
            in_own_loop(_connect(url))
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True

    try:
        wait_until(ready, what="PostgreSQL")
        yield url
    finally:
        stop(process, ask_with=signal.SIGINT)


async def _connect(url: str) -> None:
    await (await asyncpg.connect(url)).close()


async def test_good_servers_have_no_problem(
    only: pytest.MonkeyPatch, empty_database_url: str, redis_url: str
) -> None:
    only.setenv("DATABASE_URL", empty_database_url)
    only.setenv("REDIS_URL", redis_url)
    assert await problems() == []


async def test_a_postgresql_without_pgvector(only: pytest.MonkeyPatch, vectorless_url: str) -> None:
    only.setenv("DATABASE_URL", vectorless_url)
    (problem,) = await problems()
    assert "pgvector" in problem
    assert "postgresql-16-pgvector" in problem


@pytest.mark.parametrize(
    "url", ["postgresql://x:y@127.0.0.1:1/z", "nonsense", "postgresql://[bad/z"]
)
async def test_a_postgresql_that_can_not_be_reached(only: pytest.MonkeyPatch, url: str) -> None:
    only.setenv("DATABASE_URL", url)
    (problem,) = await problems()
    assert "DATABASE_URL" in problem


async def test_a_redis_with_another_password(only: pytest.MonkeyPatch, redis_url: str) -> None:
    only.setenv("REDIS_URL", redis_url.replace("redis://:", "redis://:not"))
    (problem,) = await problems()
    assert "REDIS_URL" in problem


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "nonsense"])
async def test_a_redis_that_can_not_be_reached(only: pytest.MonkeyPatch, url: str) -> None:
    only.setenv("REDIS_URL", url)
    (problem,) = await problems()
    assert "REDIS_URL" in problem
