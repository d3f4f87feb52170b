"""What callers get while llm-translate starts: it starts with the first of them, as in production."""

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.kit.launch.configuration import ROOT
from services.kit.launch.ports import accepts_connections
from tests.fixtures.gateway import StartGateway, environment
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO
from tests.integration.llm_gateway.test_pass_through import events

MODEL = "claude-sonnet-4-5"


@dataclass
class Waiting:
    """An llm-translate that has not become itself yet."""

    url: str
    pid: int

    def has_started(self) -> bool:
        return b"wait_for_use" not in Path(f"/proc/{self.pid}/cmdline").read_bytes()


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    port = free_port()
    waiter = str(ROOT / "services/kit/launch/wait_for_use.py")
    serve = ["-m", "services.kit.serve", "services.llm_translate.main:app", "127.0.0.1", str(port)]
    process = start(
        [sys.executable, "-I", "-S", waiter, "127.0.0.1", str(port), sys.executable, *serve],
        log=tmp_path / "translate.log",
        environment=environment(tmp_path, ""),
        cwd=ROOT,
    )
    try:
        # Looking at the port would start it.
        wait_until(lambda: _listens(port), what="the waiter")
        yield Waiting(f"http://127.0.0.1:{port}", process.pid)
    finally:
        stop(process)


def _listens(port: int) -> bool:
    wanted = f":{port:04X} 00000000:0000 0A"
    return wanted in Path("/proc/net/tcp").read_text()


def test_the_first_calls_wait_for_it(
    start_gateway: StartGateway, waiting: Waiting, anthropic_server: ProviderServer
) -> None:
    gateway = start_gateway(
        NOVA_LLM_TRANSLATE_URL=waiting.url,
        NOVA_TRANSLATE_WAIT_SECONDS="90",
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY="sk-ant-test",
    )
    answers: list[str] = []

    def call(*, stream: bool) -> None:
        body = {**HELLO, "model": MODEL}
        url = gateway.url + ("/stream" if stream else "/complete")
        found = httpx.post(url, headers=gateway.admin, json=body, timeout=120)
        if stream:
            answers.append("".join(e.get("delta", "") for e in events(found)[:-1]))
        else:
            answers.append(found.json()["content"])

    callers = [threading.Thread(target=call, kwargs={"stream": n % 2 == 0}) for n in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert answers == ["You said: hello there"] * 4
    calls = [request for request in anthropic_server.requests if request.method == "POST"]
    assert len(calls) == 4  # each was sent once, though it was turned away before


def test_it_is_started_ahead_for_a_provider_that_needs_it(
    start_gateway: StartGateway, waiting: Waiting, anthropic_server: ProviderServer
) -> None:
    start_gateway(
        NOVA_LLM_TRANSLATE_URL=waiting.url,
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY="sk-ant-test",
    )
    wait_until(waiting.has_started, what="llm-translate to be started")
    assert not anthropic_server.requests or anthropic_server.requests[0].method == "GET"


def test_it_is_left_alone_where_nobody_needs_it(
    start_gateway: StartGateway, waiting: Waiting
) -> None:
    gateway = start_gateway(NOVA_LLM_TRANSLATE_URL=waiting.url)
    body = {**HELLO, "model": "auto"}
    assert httpx.post(f"{gateway.url}/complete", headers=gateway.admin, json=body).is_success
    assert not waiting.has_started()


def test_it_comes_back_after_it_was_killed(
    start_gateway: StartGateway, tmp_path: Path, anthropic_server: ProviderServer
) -> None:
    port = free_port()
    serve = ["-m", "services.kit.serve", "services.llm_translate.main:app", "127.0.0.1", str(port)]
    gateway = start_gateway(
        NOVA_LLM_TRANSLATE_URL=f"http://127.0.0.1:{port}",
        NOVA_TRANSLATE_WAIT_SECONDS="90",
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY="sk-ant-test",
    )
    for _ in range(2):
        process = start(
            [sys.executable, *serve],
            log=tmp_path / "translate.log",
            environment=environment(tmp_path, ""),
            cwd=ROOT,
        )
        try:
            body = {**HELLO, "model": MODEL}
            found = httpx.post(
                f"{gateway.url}/complete", headers=gateway.admin, json=body, timeout=120
            )
            assert found.json()["content"] == "You said: hello there"
        finally:
            process.kill()
            process.wait()
            wait_until(lambda: not accepts_connections("127.0.0.1", port), what="its end")
