"""The keeper with real processes: restarts, orphans, signals, stop order, lost starters."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.processes import is_alive, start, stop, wait_until

ROOT = Path(__file__).parents[3]
KEEPER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from services.kit.keeper import main; main(sys.argv[1:])"

Keep = Callable[..., "Kept"]


class Kept:
    """A running keeper and what it says about its process."""

    def __init__(self, folder: Path, name: str, command: list[str], *options: str) -> None:
        self.report_file = folder / f"{name}.json"
        self.log = folder / f"{name}.out"
        self.command = [
            *(sys.executable, "-I", "-S", "-c", KEEPER, str(ROOT)),
            *("--run-dir", str(folder)),
            *(*options, name, "--", *command),
        ]
        self.process = start(self.command, log=self.log)

    def report(self) -> dict[str, Any]:
        return json.loads(self.report_file.read_text()) if self.report_file.exists() else {}

    def running(self, *, restarts: int = 0) -> dict[str, Any]:
        def check() -> dict[str, Any] | None:
            report = self.report()
            good = report.get("state") == "running" and report["restarts"] == restarts
            return report if good else None

        return wait_until(check, what=f"restart {restarts} ({self.log.read_text()})", seconds=10)

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Keep]:
    kept: list[Kept] = []

    def begin(name: str, script: str, *options: str) -> Kept:
        kept.append(Kept(tmp_path, name, ["sh", "-c", script], *options))
        return kept[-1]

    yield begin
    for each in kept:
        stop(each.process)


class TestRestart:
    def test_a_killed_process_is_back_with_a_new_pid(self, keep: Keep) -> None:
        kept = keep("toy", "exec sleep 60")
        first = kept.running()
        os.kill(first["pid"], signal.SIGKILL)
        second = kept.running(restarts=1)
        assert second["pid"] != first["pid"]
        assert second["exit_code"] == -signal.SIGKILL
        assert second["command"] == ["sleep", "60"]

    def test_what_it_leaves_behind_is_killed_before_it_starts_again(
        self, keep: Keep, tmp_path: Path
    ) -> None:
        pids = tmp_path / "pids"
        orphan = f"(trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$ >> {pids}; sleep 60') &"
        kept = keep("toy", f"{orphan} while ! test -s {pids}; do sleep 0.01; done; exec sleep 60")
        first = kept.running()
        left_behind = int(pids.read_text().split()[0])
        os.kill(first["pid"], signal.SIGKILL)
        kept.running(restarts=1)
        assert not is_alive(left_behind)

    def test_usr2_restarts_without_backing_off(self, keep: Keep) -> None:
        kept = keep("toy", "exec sleep 60")
        first = kept.running()
        kept.send(signal.SIGUSR2)
        assert kept.running(restarts=1)["pid"] != first["pid"]
        assert "starts again in" not in kept.log.read_text()

    def test_a_process_that_keeps_failing_is_started_ever_more_rarely(self, keep: Keep) -> None:
        kept = keep("toy", "exit 3")
        wait_until(lambda: "0.4 s" in kept.log.read_text(), what="a second, longer pause")
        report = kept.report()
        assert report["exit_code"] == 3
        assert report["state"] in ("backoff", "starting")

    def test_a_command_that_does_not_exist_is_named(self, keep: Keep) -> None:
        kept = keep("toy", "exec /nonexistent/program")
        wait_until(lambda: "/nonexistent/program" in kept.log.read_text(), what="the reason")
        # The shell says so before the keeper has seen it end.
        wait_until(lambda: kept.report()["exit_code"] is not None, what="its end to be reported")
        assert kept.report()["exit_code"] == 127


class TestSignals:
    def test_term_ends_the_process_and_all_below_it(self, keep: Keep, tmp_path: Path) -> None:
        pids = tmp_path / "pids"
        kept = keep("toy", f"setsid sleep 60 & echo $! >> {pids}; sleep 60")
        child = kept.running()["pid"]
        stop(kept.process)
        assert kept.process.returncode == 0
        assert kept.report()["state"] == "stopped"
        assert not is_alive(child)
        assert not is_alive(int(pids.read_text()))

    def test_a_process_that_ignores_term_is_killed_within_honchos_patience(
        self, keep: Keep
    ) -> None:
        kept = keep("toy", "trap '' TERM; while :; do sleep 0.1; done")
        child = kept.running()["pid"]
        stop(kept.process, seconds=5)
        assert not is_alive(child)

    def test_hup_is_passed_on(self, keep: Keep) -> None:
        kept = keep("toy", "trap 'echo reloaded' HUP; echo up; while :; do sleep 0.1; done")
        kept.running()
        kept.send(signal.SIGHUP)
        wait_until(lambda: "reloaded" in kept.log.read_text(), what="the reload")
        assert kept.report()["restarts"] == 0

    def test_the_stop_signal_can_be_another_one(self, keep: Keep) -> None:
        kept = keep(
            "toy",
            "trap 'echo fast; exit 0' INT; trap 'echo slow' TERM; while :; do sleep 0.1; done",
            "--stop-signal",
            str(int(signal.SIGINT)),
        )
        kept.running()
        stop(kept.process)
        assert "fast" in kept.log.read_text()
        assert "slow" not in kept.log.read_text()


class TestOrder:
    def test_the_last_ones_wait_for_the_others(self, keep: Keep, tmp_path: Path) -> None:
        order = tmp_path / "order"
        loop = "while :; do sleep 0.05; done"
        store = keep("postgres", f"trap 'echo store >> {order}; exit' TERM; {loop}", "--last")
        client = keep("toy", f"trap 'sleep 1; echo client >> {order}; exit' TERM; {loop}")
        store.running()
        client.running()
        store.send(signal.SIGTERM)
        client.send(signal.SIGTERM)
        stop(client.process)
        stop(store.process)
        assert order.read_text().split() == ["client", "store"]

    def test_but_not_for_ever(self, keep: Keep) -> None:
        store = keep("postgres", "exec sleep 60", "--last")
        client = keep("toy", "exec sleep 60")
        store.running()
        client.running()
        stop(store.process, seconds=5)
        assert client.report()["state"] == "running"


class TestLoss:
    def test_a_second_keeper_of_the_same_name_is_refused(self, keep: Keep) -> None:
        kept = keep("toy", "exec sleep 60")
        kept.running()
        second = subprocess.run(kept.command, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "already runs" in second.stderr

    def test_a_killed_keeper_takes_its_process_along(self, keep: Keep) -> None:
        kept = keep("toy", "exec sleep 60")
        child = kept.running()["pid"]
        kept.send(signal.SIGKILL)
        kept.process.wait()
        wait_until(lambda: not is_alive(child), what="the process to end")

    def test_it_stops_when_its_starter_is_gone(self, tmp_path: Path) -> None:
        pids = tmp_path / "pids"
        kept_command = " ".join(
            f"'{word}'"
            for word in [
                *(sys.executable, "-I", "-S", "-c", KEEPER, str(ROOT)),
                *("--run-dir", str(tmp_path), "toy", "--", "sleep", "60"),
            ]
        )
        starter = start(
            ["sh", "-c", f"{kept_command} & echo $! > {pids}; wait"], log=tmp_path / "out"
        )
        report = tmp_path / "toy.json"
        wait_until(lambda: report.exists() and '"running"' in report.read_text(), what="the toy")
        keeper, child = int(pids.read_text()), json.loads(report.read_text())["pid"]
        starter.kill()
        starter.wait()
        wait_until(lambda: not is_alive(keeper) and not is_alive(child), what="both to end")


class TestLog:
    def test_the_output_goes_to_the_log_if_one_is_given(self, keep: Keep, tmp_path: Path) -> None:
        log = tmp_path / "toy.log"
        kept = keep("toy", "echo hello; echo woe >&2; exec sleep 60", "--log", str(log))
        kept.running()
        assert log.read_text().split() == ["hello", "woe"]
        assert kept.log.read_text() == ""
