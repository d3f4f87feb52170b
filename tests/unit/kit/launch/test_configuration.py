"""Merging the settings, the addresses that follow from them, and what each process is told."""

from pathlib import Path

import pytest

from services.kit.launch.configuration import (
    Configuration,
    child_environment,
    load_configuration,
    read_env_file,
)
from services.kit.launch.problem import LaunchError
from services.kit.launch.processes import PROCESSES

SECRETS = {"NOVA_POSTGRES_PASSWORD": "p/w", "NOVA_REDIS_PASSWORD": "r:w", "NOVA_SECRET_KEY": "k"}


def configuration(**values: str) -> Configuration:
    return Configuration(Path("/home/nova"), SECRETS | values)


class TestLoad:
    @pytest.fixture(autouse=True)
    def only_ours(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("NOVA_BIND", "NOVA_WORKSPACE", "DATABASE_URL", "NOVA_REDIS_PORT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("NOVA_HOME", str(tmp_path))
        monkeypatch.setenv("NOVA_ENV_FILE", str(tmp_path / "dotenv"))

    def test_the_environment_wins_over_dotenv_over_the_home(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "env").write_text("A_NOVA=home\nB_NOVA=home\nC_NOVA=home\n")
        (tmp_path / "dotenv").write_text("A_NOVA=dotenv\nB_NOVA=dotenv\n")
        monkeypatch.setenv("A_NOVA", "real")
        values = load_configuration().values
        assert [values[f"{letter}_NOVA"] for letter in "ABC"] == ["real", "dotenv", "home"]

    def test_an_empty_variable_is_not_set(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "env").write_text("A_NOVA=home\n")
        (tmp_path / "dotenv").write_text("A_NOVA=\n")
        monkeypatch.setenv("A_NOVA", "")
        assert load_configuration().values["A_NOVA"] == "home"


class TestEnvFile:
    def test_what_people_write(self, tmp_path: Path) -> None:
        file = tmp_path / "env"
        file.write_text("# a comment\n\nexport A=1\nB = \"two words\"\nC='x=y'\nD=\nnonsense\n")
        assert read_env_file(file) == {"A": "1", "B": "two words", "C": "x=y"}

    def test_no_file_is_no_setting(self, tmp_path: Path) -> None:
        assert read_env_file(tmp_path / "env") == {}

    def test_an_unreadable_one_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(LaunchError, match="can not be read"):
            read_env_file(tmp_path)


class TestAddresses:
    def test_our_own_servers_get_urls_with_quoted_passwords(self) -> None:
        ours = configuration(NOVA_POSTGRES_PORT="5999")
        assert ours.database_url == "postgresql://nova:p%2Fw@127.0.0.1:5999/nova"
        assert ours.redis_url == "redis://:r%3Aw@127.0.0.1:6379"

    def test_given_servers_are_used_and_ours_not_started(self) -> None:
        given = configuration(DATABASE_URL="postgresql://x/y", REDIS_URL="redis://z")
        assert (given.database_url, given.redis_url) == ("postgresql://x/y", "redis://z")
        assert {"postgres", "redis"}.isdisjoint(process.name for process in given.processes())

    @pytest.mark.parametrize(
        ("bind", "url"),
        [
            ("127.0.0.1", "http://127.0.0.1:8000"),
            ("0.0.0.0", "http://127.0.0.1:8000"),
            ("::", "http://[::1]:8000"),
            ("192.0.2.7", "http://192.0.2.7:8000"),
        ],
    )
    def test_peers_reach_a_public_process_whatever_it_binds(self, bind: str, url: str) -> None:
        assert configuration(NOVA_BIND=bind).url(PROCESSES["orchestrator"]) == url

    def test_what_is_not_public_stays_on_loopback(self) -> None:
        outside = configuration(NOVA_BIND="0.0.0.0")
        assert outside.host(PROCESSES["llm-translate"]) == "127.0.0.1"
        assert outside.host(PROCESSES["postgres"]) == "127.0.0.1"

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "²"])
    def test_a_port_that_is_none_is_named(self, port: str) -> None:
        with pytest.raises(LaunchError, match="NOVA_REDIS_PORT"):
            configuration(NOVA_REDIS_PORT=port).port(PROCESSES["redis"])


class TestChildEnvironment:
    def test_a_service_learns_its_name_its_peers_and_its_stores(self) -> None:
        given = child_environment(configuration(), PROCESSES["chat-api"])
        assert given["NOVA_PROCESS_NAME"] == "chat-api"
        assert given["NOVA_ORCHESTRATOR_URL"] == "http://127.0.0.1:8000"
        assert given["DATABASE_URL"].startswith("postgresql://nova:")
        assert "NOVA_POSTGRES_PASSWORD" not in given

    def test_a_peer_elsewhere_can_be_given(self) -> None:
        elsewhere = configuration(NOVA_MEMORY_SERVICE_URL="http://192.0.2.9:8002")
        given = child_environment(elsewhere, PROCESSES["worker"])
        assert given["NOVA_MEMORY_SERVICE_URL"] == "http://192.0.2.9:8002"

    def test_the_stores_learn_no_secret(self) -> None:
        given = child_environment(configuration(), PROCESSES["postgres"])
        assert not [name for name in given if name.startswith("NOVA_") or name.endswith("_URL")]
