"""A process started on first use costs next to nothing until then."""

import socket
import sys
from pathlib import Path

import httpx
import pytest

from services.kit.launch.configuration import ROOT
from services.kit.launch.ports import accepts_connections
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until


def test_the_first_connection_starts_the_real_server(tmp_path: Path) -> None:
    port = free_port()
    waiter = str(ROOT / "services/kit/launch/wait_for_use.py")
    serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    process = start(
        [sys.executable, "-I", "-S", waiter, "127.0.0.1", str(port), *serve], log=tmp_path / "log"
    )
    try:
        wait_until(lambda: accepts_connections("127.0.0.1", port), what="the waiter")

        def answers() -> bool:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    return client.recv(100).startswith(b"HTTP/1.0 200")
            except OSError:
                return False

        wait_until(answers, what="the real server")
        assert process.poll() is None
    finally:
        stop(process)


def test_the_first_client_is_told_to_come_again(tmp_path: Path) -> None:
    port = free_port()
    waiter = str(ROOT / "services/kit/launch/wait_for_use.py")
    process = start(
        [sys.executable, "-I", "-S", waiter, "127.0.0.1", str(port), "/bin/true"],
        log=tmp_path / "log",
    )
    try:
        answer = wait_until(lambda: _post(f"http://127.0.0.1:{port}"), what="the waiter")
        assert (answer.status_code, answer.json()["code"]) == (503, "starting")
        assert answer.headers["Retry-After"] == "1"
        assert process.wait(5) == 0
    finally:
        stop(process)


def _post(url: str) -> httpx.Response | None:
    try:
        return httpx.post(url, content=b"x" * 1_000_000, timeout=5)
    except httpx.ConnectError:
        return None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_waits_while_nobody_comes(host: str, tmp_path: Path) -> None:
    port = free_port(host) if host == "127.0.0.1" else free_port()
    waiter = str(ROOT / "services/kit/launch/wait_for_use.py")
    marker = tmp_path / "started"
    process = start(
        [sys.executable, "-I", "-S", waiter, host, str(port), "/usr/bin/touch", str(marker)],
        log=tmp_path / "log",
    )
    try:
        wait_until(lambda: accepts_connections(host, port), what="the listener")
        wait_until(marker.exists, what="the command, once somebody came")
    finally:
        stop(process)
