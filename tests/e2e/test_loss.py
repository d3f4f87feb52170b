"""Losing processes: anything but honcho and a keeper comes back alone; losing those ends Nova."""

import os
import signal
from pathlib import Path

import pytest

from services.kit.launch.processes import PROCESSES
from tests.fixtures.nova import Nova, StartNova, wait_for_end
from tests.fixtures.processes import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_killed_process_comes_back_and_the_others_stay(nova: Nova, name: str) -> None:
    before = {other: nova.pid(other) for other in PROCESSES if other != name}
    nova.wait_until_back(name, since=nova.kill(name))
    assert {other: nova.pid(other) for other in before} == before
    for other in PROCESSES:
        wait_until(lambda other=other: nova.is_ready(other), what=f"{other} to be ready")


def test_a_process_restarts_when_its_keeper_is_asked_to(nova: Nova) -> None:
    report = nova.report("chat-api")
    os.kill(report["keeper_pid"], signal.SIGUSR2)
    nova.wait_until_back("chat-api", since=report["pid"])


def test_a_setting_in_the_home_is_read_at_the_next_start(nova: Nova) -> None:
    file = nova.home / "env"
    before = file.read_text()
    report = nova.report("recovery")
    try:
        file.write_text(before + "LOG_LEVEL=DEBUG\n")
        os.kill(report["keeper_pid"], signal.SIGUSR2)
        nova.wait_until_back("recovery", since=report["pid"])
        environment = Path(f"/proc/{nova.pid('recovery')}/environ").read_text()
        assert "LOG_LEVEL=DEBUG" in environment.split("\0")
    finally:
        file.write_text(before)


class TestEnd:
    """Each of these ends a Nova of its own."""

    def test_losing_honcho_ends_all_in_order(self, start_nova: StartNova) -> None:
        nova = start_nova()
        os.kill(_honcho(nova), signal.SIGKILL)
        assert nova.process.wait(20) == 1
        assert wait_for_end(nova.pids) == []
        assert "database system is shut down" in nova.log("postgres")

    def test_losing_a_keeper_ends_all_in_order(self, start_nova: StartNova) -> None:
        nova = start_nova()
        os.kill(nova.report("worker")["keeper_pid"], signal.SIGKILL)
        assert nova.process.wait(20) == 1
        assert wait_for_end(nova.pids) == []
        assert "database system is shut down" in nova.log("postgres")

    def test_losing_scripts_up_ends_all_in_order(self, start_nova: StartNova) -> None:
        nova = start_nova()
        nova.process.kill()
        nova.process.wait()
        assert wait_for_end(nova.pids) == []
        assert "database system is shut down" in nova.log("postgres")


def _honcho(nova: Nova) -> int:
    pid = nova.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0])
