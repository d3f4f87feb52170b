"""docker-compose.yml names the Procfile's processes and starts them with the launcher's commands."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as RedisConnectionError

from services.kit.launch.commands import command_line
from services.kit.launch.configuration import Configuration
from services.kit.launch.processes import PROCESSES, Kind
from services.kit.launch.redis import find_server
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
SECRETS = (
    "NOVA_ADMIN_SECRET",
    "NOVA_SERVICE_SECRET",
    "NOVA_SECRET_KEY",
    "NOVA_POSTGRES_PASSWORD",
    "NOVA_REDIS_PASSWORD",
)
PYTHON = [name for name, process in PROCESSES.items() if process.kind is not Kind.STORE]
PYTHON.remove("dashboard")  # nginx there


def load(text: str) -> dict[str, Any]:
    class Loader(yaml.SafeLoader):
        """Knows Compose's own tag for replacing a list instead of adding to it."""

    Loader.add_constructor(
        "!override", lambda loader, node: loader.construct_sequence(node, deep=True)
    )
    return yaml.load(text, Loader)  # a SafeLoader's child


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return load(TEXT)


def core(compose: dict[str, Any]) -> dict[str, Any]:
    """The services that run without any profile."""
    return {
        name: service for name, service in compose["services"].items() if "profiles" not in service
    }


def procfile_names() -> set[str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {line.partition(":")[0] for line in lines if line and not line.startswith("#")}


class TestProcesses:
    def test_names(self, compose: dict[str, Any]) -> None:
        assert set(core(compose)) == procfile_names() == set(PROCESSES)

    @pytest.mark.parametrize("name", PYTHON)
    def test_commands_are_the_launchers(self, compose: dict[str, Any], name: str) -> None:
        configuration = Configuration(Path("/nova"), {"NOVA_BIND": "0.0.0.0"})
        expected = command_line(configuration, PROCESSES[name])
        found = compose["services"][name]["command"]

        def neutral(words: list[str]) -> list[str]:
            replaced = {sys.executable: "python", "127.0.0.1": "0.0.0.0"}
            return [replaced.get(word, word).removeprefix(f"{ROOT}/") for word in words]

        assert found == neutral(expected)

    def test_published_ports(self, compose: dict[str, Any]) -> None:
        for name, service in core(compose).items():
            process = PROCESSES[name]
            expected = []
            if process.public:
                port = process.default_port
                variable = process.port_variable
                expected = [f"${{NOVA_BIND:-127.0.0.1}}:${{{variable}:-{port}}}:{port}"]
            assert service.get("ports", []) == expected

    def test_they_know_their_peers(self, compose: dict[str, Any]) -> None:
        for name in PYTHON:
            environment = compose["services"][name]["environment"]
            assert environment["NOVA_PROCESS_NAME"] == name
            for peer in PROCESSES.values():
                if peer.kind is Kind.WEB:
                    url = f"http://{peer.name}:{peer.default_port}"
                    assert environment[peer.url_variable] == url

    def test_every_service_restarts_and_has_a_health_check(self, compose: dict[str, Any]) -> None:
        for name, service in compose["services"].items():
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name

    def test_only_what_needs_the_stores_waits_for_them(self, compose: dict[str, Any]) -> None:
        services = compose["services"]
        assert set(services["dashboard"]["depends_on"]) == {"recovery"}
        assert "depends_on" not in services["recovery"]
        for name, service in services.items():
            for dependency, how in service.get("depends_on", {}).items():
                assert how == {"condition": "service_healthy"}, (name, dependency)

    def test_python_processes_can_not_gain_privileges(self, compose: dict[str, Any]) -> None:
        for name in PYTHON:
            service = compose["services"][name]
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert service["develop"]["watch"]

    def test_profiles(self, compose: dict[str, Any]) -> None:
        profiles = {
            profile
            for service in compose["services"].values()
            for profile in service.get("profiles", [])
        }
        assert profiles == {
            "ollama",
            "vllm",
            "sglang",
            "llamacpp",
            "cloudflare-tunnel",
            "tailscale",
        }


class TestSecrets:
    def test_no_default(self) -> None:
        for name in SECRETS:
            uses = re.findall(rf"\$?\$\{{?{name}[^}}\n]*\}}?", TEXT)
            required = [use for use in uses if not use.startswith("$$")]
            assert required
            assert all(":?run scripts/compose-env first}" in use for use in required)

    def test_provider_keys_reach_only_the_model_processes(self, compose: dict[str, Any]) -> None:
        holders = {
            name
            for name, service in compose["services"].items()
            if "ANTHROPIC_API_KEY" in service.get("environment", {})
        }
        assert holders == {"llm-gateway", "llm-translate"}

    def test_every_name_is_explained(self) -> None:
        example = (ROOT / ".env.example").read_text()
        known = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
        used = set(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]+)", TEXT))
        used |= set(re.findall(r"^  +([A-Z][A-Z0-9_]+):$", TEXT, re.MULTILINE))
        assert used - known == set()

    def test_the_example_holds_no_secret(self) -> None:
        for line in (ROOT / ".env.example").read_text().splitlines():
            name, _, value = line.lstrip("#").partition("=")
            if re.search("SECRET|PASSWORD|KEY|TOKEN", name) and re.fullmatch("[A-Z_]+", name):
                assert value == "", line


class TestComposeEnv:
    def run(self, file: Path) -> str:
        script = [str(ROOT / "scripts" / "compose-env"), str(file)]
        return subprocess.run(script, check=True, capture_output=True, text=True).stdout

    def test_makes_private_and_different_secrets(self, tmp_path: Path) -> None:
        file = tmp_path / ".env"
        printed = self.run(file)
        values = dict(line.split("=") for line in file.read_text().splitlines())
        assert set(values) == set(SECRETS)
        assert all(re.fullmatch("[0-9a-f]{64}", value) for value in values.values())
        assert len(set(values.values())) == len(SECRETS)
        assert file.stat().st_mode & 0o777 == 0o600
        assert not any(value in printed for value in values.values())
        assert [path.name for path in tmp_path.iterdir()] == [".env"]

    def test_again_changes_nothing(self, tmp_path: Path) -> None:
        file = tmp_path / ".env"
        self.run(file)
        before = file.read_text()
        assert "already" in self.run(file)
        assert file.read_text() == before

    def test_fills_in_the_example_and_keeps_what_is_set(self, tmp_path: Path) -> None:
        file = tmp_path / ".env"
        shutil.copy(ROOT / ".env.example", file)
        with file.open("a") as opened:
            opened.write("NOVA_ADMIN_SECRET=mine\nGROQ_API_KEY=theirs")  # no newline at its end
        file.chmod(0o644)
        self.run(file)
        lines = file.read_text().splitlines()
        assert "NOVA_ADMIN_SECRET=mine" in lines
        assert "GROQ_API_KEY=theirs" in lines
        for name in SECRETS:
            assert sum(line.startswith(f"{name}=") for line in lines) == 1
        assert file.stat().st_mode & 0o777 == 0o600


class TestSandboxOverlay:
    def test_frees_the_workers_and_nobody_else(self, compose: dict[str, Any]) -> None:
        overlay = load((ROOT / "docker-compose.sandbox.yml").read_text())["services"]
        assert set(overlay) == {"worker", "chat-worker"}
        for service in overlay.values():
            assert "no-new-privileges:true" in service["security_opt"]
        assert "unconfined" not in TEXT


class TestRedisCommand:
    """The shell line that gives Redis its password runs here as it does in the container."""

    @pytest.fixture
    def port(self, compose: dict[str, Any], tmp_path: Path) -> Iterator[int]:
        (tmp_path / "redis-server").symlink_to(find_server().path)
        port = free_port()
        command = [word.replace("$$", "$") for word in compose["services"]["redis"]["command"]]
        command[2] = command[2].replace("save", f"port {port}\nsave", 1)
        process = start(
            command,
            log=tmp_path / "log",
            environment={"PATH": f"{tmp_path}:/usr/bin:/bin", "NOVA_REDIS_PASSWORD": "from-env"},
            cwd=tmp_path,
        )

        def answers() -> bool:
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                with Redis(port=port) as client:
                    client.ping()
            except AuthenticationError:
                return True
            except RedisConnectionError:
                return False
            pytest.fail("Redis let a caller in without a password")

        try:
            wait_until(answers, what="Redis")
            line = Path(f"/proc/{process.pid}/cmdline").read_text()
            assert "redis-server" in line
            assert "from-env" not in line
            yield port
        finally:
            stop(process)

    def test_it_asks_for_the_password_and_saves_nothing(self, port: int) -> None:
        with Redis(port=port, password="from-env") as client:
            assert client.ping()
            assert client.config_get("save") == {"save": ""}
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
