"""The real dashboard process in front of a real upstream process, on free ports."""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until

_ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Running:
    url: str
    upstream_url: str
    dist: Path
    pid: int

    @property
    def authority(self) -> str:
        return self.url.removeprefix("http://")


def _granian(target: str, port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-log",
        target,
    ]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status < 500
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def _build(dist: Path) -> None:
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Nova</title>")
    (dist / "theme.js").write_text("/* theme */")
    (dist / "assets" / "app-1a2b3c.js").write_text("console.log(1)")
    (dist / "assets" / "app-1a2b3c.js.br").write_bytes(b"brotli-bytes")
    (dist / "assets" / "app-1a2b3c.js.gz").write_bytes(b"gzip-bytes")
    (dist.parent / "secret.txt").write_text("must never be served")
    (dist / "link.txt").symlink_to(dist.parent / "secret.txt")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("dashboard")
    dist = home / "dist"
    _build(dist)
    port, upstream_port, dead_port = free_port(), free_port(), free_port()
    upstream_url = f"http://127.0.0.1:{upstream_port}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "NOVA_DASHBOARD_DIST": str(dist),
        "NOVA_ORCHESTRATOR_URL": upstream_url,
        "NOVA_RECOVERY_URL": upstream_url,
        "NOVA_MEMORY_SERVICE_URL": upstream_url,
        "NOVA_CHAT_API_URL": upstream_url,
        # Nothing listens there: the llm-gateway of these tests is down.
        "NOVA_LLM_GATEWAY_URL": f"http://127.0.0.1:{dead_port}",
    }
    upstream = start(
        _granian("tests.integration.dashboard.upstream:app", upstream_port),
        log=home / "upstream.log",
        environment=environment,
        cwd=_ROOT,
    )
    dashboard = start(
        _granian("services.dashboard.main:app", port),
        log=home / "dashboard.log",
        environment=environment,
        cwd=_ROOT,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{upstream_url}/api/state"), what="the upstream server")
        wait_until(lambda: _answers(f"{url}/health/live"), what="the dashboard")
        yield Running(url=url, upstream_url=upstream_url, dist=dist, pid=dashboard.pid)
    finally:
        stop(dashboard)
        stop(upstream)
