"""What the memory benches run on: PostgreSQL as scripts/up starts it, a gateway, memory-service."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from services.kit.launch import postgres
from services.kit.launch.configuration import ROOT
from services.kit.migrate import apply_migrations
from tests.bench.figures import print_load
from tests.fixtures.memory_service import MemoryProcess, memory_environment, running_app
from tests.fixtures.memory_service import running_memory as _running_memory
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import PostgresServer, in_own_loop
from tests.fixtures.processes import start, stop, wait_until


@dataclass(frozen=True)
class Store:
    """A migrated database and the server's process."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running_store(home: Path) -> Iterator[Store]:
    server = PostgresServer(free_port(), uuid4().hex, postgres.find_binaries(), home)
    postgres.initialise(server.binaries, home / "data", password=server.password)
    command = postgres.server_command(server.binaries, home / "data", port=server.port)
    process = start(command, log=home / "postgres.log")
    try:
        log = home / "postgres.log"
        wait_until(lambda: "ready to accept" in log.read_text(), what="PostgreSQL")
        in_own_loop(apply_migrations(server.dsn()))
        yield Store(server.dsn(), process)
    finally:
        stop(process)


@contextmanager
def running_gateway(home: Path, store: Store) -> Iterator[str]:
    """The real llm-gateway with what ships with Nova, its vectors kept in its own cache: its URL."""
    environment = memory_environment(home, gateway_url="", database_url=store.url)
    with running_app(
        "services.llm_gateway.main:app", environment=environment, log=home / "gateway.log"
    ) as url:
        yield url


@contextmanager
def running_memory(home: Path, store: Store, *, gateway_url: str) -> Iterator[MemoryProcess]:
    # A batch of a thousand new texts takes the local model a while.
    with _running_memory(
        home,
        database_url=store.url,
        gateway_url=gateway_url,
        NOVA_MEMORY_EMBED_SECONDS="120",
    ) as process:
        yield process


def print_setting() -> None:
    """The commit, the versions and the load: without them a figure says little."""
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    binaries = postgres.find_binaries()
    print(f"commit {commit or 'unknown'}   PostgreSQL {binaries.version} ({binaries.origin})")
    print_load("before")
