"""What is refused before anything starts."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kit.launch.checks import check_not_running, check_ports, check_safe
from services.kit.launch.configuration import Configuration
from services.kit.launch.problem import LaunchError
from services.kit.launch.processes import PROCESSES
from services.kit.launch.run_locks import held_locks, hold_lock
from tests.fixtures.ports import free_port

REDIS = PROCESSES["redis"]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def with_values(**values: str) -> Configuration:
    return Configuration(Path("/nowhere"), values)


class TestPorts:
    def test_a_taken_one_names_variable_and_holder(self, taken_port: int) -> None:
        with pytest.raises(LaunchError) as raised:
            check_ports(with_values(NOVA_REDIS_PORT=str(taken_port)), [REDIS])
        text = str(raised.value)
        assert f"Port {taken_port}" in text
        assert "NOVA_REDIS_PORT" in text
        assert f"process {os.getpid()} " in text

    def test_a_free_one_is_fine(self) -> None:
        check_ports(with_values(NOVA_REDIS_PORT=str(free_port())), [REDIS])

    def test_the_same_for_two_is_refused(self) -> None:
        port = str(free_port())
        twice = with_values(NOVA_REDIS_PORT=port, NOVA_POSTGRES_PORT=port)
        with pytest.raises(LaunchError, match="NOVA_POSTGRES_PORT and NOVA_REDIS_PORT"):
            check_ports(twice, [PROCESSES["postgres"], REDIS])


class TestSafety:
    @pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example"])
    def test_strangers_never_get_in_without_authentication(self, bind: str) -> None:
        with pytest.raises(LaunchError, match="REQUIRE_AUTH"):
            check_safe(with_values(REQUIRE_AUTH="false", NOVA_BIND=bind))

    @pytest.mark.parametrize("bind", ["127.0.0.1", "::1", "localhost"])
    def test_one_person_on_one_machine_may(self, bind: str) -> None:
        check_safe(with_values(REQUIRE_AUTH="false", NOVA_BIND=bind))

    def test_with_authentication_any_address_is_fine(self) -> None:
        check_safe(with_values(NOVA_BIND="0.0.0.0"))

    @pytest.mark.parametrize("word", ["False", "0", "no", "OFF"])
    def test_every_way_to_say_no_counts(self, word: str) -> None:
        assert not with_values(REQUIRE_AUTH=word).auth_required


class TestRunLocks:
    def test_a_running_nova_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        lock = hold_lock(str(tmp_path / "run"), "worker")
        assert lock is not None
        with pytest.raises(LaunchError, match="worker"):
            check_not_running(Configuration(tmp_path, {}))

    def test_only_one_may_hold_it_until_it_ends(self, tmp_path: Path) -> None:
        lock = hold_lock(str(tmp_path), "worker")
        assert lock is not None
        assert hold_lock(str(tmp_path), "worker") is None
        assert held_locks(str(tmp_path)) == ["worker"]
