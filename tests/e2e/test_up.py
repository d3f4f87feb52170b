"""scripts/up as a person runs it: the first start, what it refuses and why, the clean stop."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.kit.launch import postgres
from services.kit.launch.configuration import ROOT
from services.kit.launch.processes import PROCESSES, Kind
from tests.fixtures.nova import (
    Nova,
    StartNova,
    clean_environment,
    processes_of,
    wait_for_end,
)
from tests.fixtures.processes import start, stop, wait_until

pytestmark = pytest.mark.e2e


def scripts_up(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / "up", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


class TestStart:
    def test_every_process_is_ready(self, nova: Nova) -> None:
        assert {name for name in PROCESSES if nova.is_ready(name)} == set(PROCESSES)

    def test_the_printed_link_logs_in_once(self, nova: Nova) -> None:
        link = next(word for word in nova.output.read_text().split() if "/login#token=" in word)
        address, _, token = link.partition("#token=")
        assert httpx.get(address).is_success
        session = nova.url("dashboard", "/api/v1/session")
        assert httpx.post(session, json={"login_token": token}).is_success
        assert httpx.post(session, json={"login_token": token}).status_code == 401

    def test_a_second_start_on_the_same_home_is_refused(self, nova: Nova) -> None:
        second = scripts_up(nova.environment)
        assert second.returncode == 1
        assert "already runs" in second.stderr
        assert nova.is_ready("orchestrator")

    def test_no_secret_is_on_a_command_line_or_in_a_log(self, nova: Nova) -> None:
        secrets = [line.partition("=")[2] for line in (nova.home / "env").read_text().splitlines()]
        said = "".join(nova.log(name) for name in ("honcho", *PROCESSES))
        for pid in nova.pids():
            said += Path(f"/proc/{pid}/cmdline").read_text()
        assert secrets
        assert [secret for secret in secrets if secret in said] == []


class TestStop:
    def test_it_ends_everything_and_the_data_stays(self, start_nova: StartNova) -> None:
        nova = start_nova()
        keys = nova.url("orchestrator", "/api/v1/keys")
        made = httpx.post(keys, json={"name": "kept"}, headers=nova.admin_headers)
        assert made.status_code == 201
        assert nova.stop() == 0
        assert "Nova has stopped" in nova.output.read_text()
        reports = [json.loads(file.read_text()) for file in (nova.home / "run").glob("*.json")]
        assert {report["state"] for report in reports} == {"stopped"}
        nova.restart()
        names = [key["name"] for key in httpx.get(keys, headers=nova.admin_headers).json()]
        assert names == ["kept"]


class TestBareHoncho:
    def test_it_is_enough_to_start_from_an_empty_home(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        environment = clean_environment(home)
        honcho = [sys.executable, "-m", "honcho", "-e", os.devnull, "start"]
        process = start(honcho, log=tmp_path / "log", environment=environment, cwd=ROOT)
        port = environment["NOVA_ORCHESTRATOR_PORT"]

        def ready() -> bool:
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5)
            except httpx.TransportError:
                return False
            return answer.is_success

        try:
            wait_until(ready, what="the orchestrator", seconds=60)
        finally:
            stop(process)
        assert wait_for_end(lambda: processes_of(home)) == []


class TestFirstUse:
    def test_llm_translate_becomes_itself_when_somebody_comes(self, nova: Nova) -> None:
        before = nova.report("llm-translate")

        def ready() -> bool:
            try:
                return httpx.get(nova.url("llm-translate", "/health/ready")).is_success
            except httpx.TransportError:
                return False

        try:
            wait_until(ready, what="llm-translate", seconds=60)
            assert nova.pid("llm-translate") == before["pid"]
        finally:  # back to costing nothing
            os.kill(before["keeper_pid"], signal.SIGUSR2)
            nova.wait_until_back("llm-translate", since=before["pid"])


class TestRefusals:
    def test_a_taken_port(self, tmp_path: Path) -> None:
        environment = clean_environment(tmp_path / "home")
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            refused = scripts_up(environment | {"NOVA_CHAT_API_PORT": port})
        assert refused.returncode == 1
        assert f"Port {port} for chat-api is taken" in refused.stderr
        assert "NOVA_CHAT_API_PORT" in refused.stderr
        assert processes_of(tmp_path / "home") == []

    def test_an_unwritable_home(self) -> None:
        refused = scripts_up(clean_environment(Path("/proc/nova")))
        assert refused.returncode == 1
        assert "/proc/nova" in refused.stderr
        assert "NOVA_HOME" in refused.stderr

    def test_no_authentication_for_strangers(self, tmp_path: Path) -> None:
        refused = scripts_up(
            clean_environment(tmp_path / "home", REQUIRE_AUTH="false", NOVA_BIND="0.0.0.0")
        )
        assert refused.returncode == 1
        assert "REQUIRE_AUTH" in refused.stderr

    def test_a_database_that_does_not_answer(self, tmp_path: Path) -> None:
        refused = scripts_up(
            clean_environment(tmp_path / "home", DATABASE_URL="postgresql://x:y@127.0.0.1:1/z")
        )
        assert refused.returncode == 1
        assert "DATABASE_URL" in refused.stderr

    def test_a_setting_that_is_wrong_is_shown_with_the_process_that_refused_it(
        self, tmp_path: Path
    ) -> None:
        refused = scripts_up(clean_environment(tmp_path / "home", LOG_LEVEL="LOUD"))
        assert refused.returncode == 1
        assert "LOG_LEVEL" in refused.stdout
        assert processes_of(tmp_path / "home") == []


class TestCheck:
    def test_it_names_programs_and_processes_and_changes_nothing(self, tmp_path: Path) -> None:
        environment = clean_environment(tmp_path / "home")
        done = scripts_up(environment, "--check")
        assert done.returncode == 0
        assert postgres.find_binaries().version in done.stdout
        for process in PROCESSES.values():
            assert process.name in done.stdout
            if process.kind is Kind.WEB:
                assert environment[process.port_variable] in done.stdout
        assert list(tmp_path.iterdir()) == []

    def test_help(self, tmp_path: Path) -> None:
        done = scripts_up(clean_environment(tmp_path / "home"), "--help")
        assert done.returncode == 0
        assert "--check" in done.stdout
