"""Recovery processes, and toy keepers where a test wants some."""

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.processes import start, stop, wait_until
from tests.fixtures.recovery import ADMIN_SECRET, ROOT, Recovery, running_recovery

ADMIN = {"X-Admin-Secret": ADMIN_SECRET}
PREFIX = "/api/v1/recovery"

StartRecovery = Callable[..., Recovery]
StartKeeper = Callable[[str], subprocess.Popen[bytes]]


def by_name(details: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A list of services by their names."""
    return {detail["service"]: detail for detail in details}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "workspace").mkdir()
    return tmp_path


@pytest.fixture
def start_recovery(home: Path) -> Iterator[StartRecovery]:
    """Start it with further environment, more than once if need be."""
    with contextlib.ExitStack() as running:

        def run(**environment: str) -> Recovery:
            return running.enter_context(running_recovery(home, **environment))

        yield run


@pytest.fixture
def recovery(start_recovery: StartRecovery, database_url: str) -> Recovery:
    return start_recovery(database_url=database_url)


@pytest.fixture
async def client(recovery: Recovery) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=recovery.url, timeout=60, headers=ADMIN) as opened:
        yield opened


@pytest.fixture
def start_keeper(home: Path) -> Iterator[StartKeeper]:
    """A real keeper whose process does nothing but sleep."""
    keepers: list[subprocess.Popen[bytes]] = []

    def run(name: str) -> subprocess.Popen[bytes]:
        code = "import sys; from services.kit.keeper import main; main(sys.argv[1:])"
        options = ["--run-dir", str(home / "run"), name, "--", "sleep", "600"]
        keeper = start([sys.executable, "-c", code, *options], log=home / f"{name}.log", cwd=ROOT)
        keepers.append(keeper)
        state = home / "run" / f"{name}.json"
        wait_until(
            lambda: state.exists() and '"running"' in state.read_text(),
            what=f"the keeper of {name}",
        )
        return keeper

    yield run
    for keeper in keepers:
        if keeper.poll() is None:
            stop(keeper)
