"""A real recovery process, on a home of its own, with toy keepers where a test wants some."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.kit.launch.ports import free_port
from tests.fixtures.processes import start, stop, wait_until

ROOT = Path(__file__).resolve().parents[3]
ADMIN = {"X-Admin-Secret": "test-admin-secret"}
PREFIX = "/api/v1/recovery"


@dataclass
class Recovery:
    """A running recovery: its address, its home, its process."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def backups(self) -> Path:
        return self.home / "backups"

    @property
    def log(self) -> str:
        return (self.home / "recovery.log").read_text()


StartRecovery = Callable[..., Recovery]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    (tmp_path / "workspace").mkdir()
    return tmp_path


@pytest.fixture
def start_recovery(home: Path) -> Iterator[StartRecovery]:
    """Start it with further environment; every other service is absent unless a URL is given."""
    started: list[Recovery] = []

    def run(*, database_url: str, **environment: str) -> Recovery:
        port = free_port()
        nobody = f"http://127.0.0.1:{free_port()}"
        services = ("ORCHESTRATOR", "LLM_GATEWAY", "MEMORY_SERVICE", "CHAT_API", "DASHBOARD")
        values = (
            {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            | {f"NOVA_{name}_URL": nobody for name in services}
            | {
                "NOVA_HOME": str(home),
                "NOVA_ADMIN_SECRET": ADMIN["X-Admin-Secret"],
                "NOVA_SERVICE_SECRET": "5e" * 32,
                "NOVA_SECRET_KEY": "4b" * 32,
                "DATABASE_URL": database_url,
            }
            | environment
        )
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"]
        command += ["--host", "127.0.0.1", "--port", str(port), "services.recovery.main:app"]
        process = start(command, log=home / "recovery.log", environment=values, cwd=ROOT)
        recovery = Recovery(f"http://127.0.0.1:{port}", home, process)
        started.append(recovery)

        def alive() -> bool:
            assert process.poll() is None, recovery.log
            try:
                return httpx.get(f"{recovery.url}/health/live", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(alive, what="recovery")
        return recovery

    yield run
    for recovery in started:
        if recovery.process.poll() is None:
            recovery.process.send_signal(signal.SIGCONT)
        stop(recovery.process)


@pytest.fixture
def recovery(start_recovery: StartRecovery, database_url: str) -> Recovery:
    return start_recovery(database_url=database_url)


@pytest.fixture
async def client(recovery: Recovery) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=recovery.url, timeout=60, headers=ADMIN) as opened:
        yield opened


@pytest.fixture
def start_keeper(home: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
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
