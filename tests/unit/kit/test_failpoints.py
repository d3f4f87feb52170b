"""Crash points do nothing unless a test names one."""

import os
import signal
import subprocess
import sys

import pytest

from services.kit.failpoints import FailpointReached, Failpoints
from services.kit.launch.configuration import ROOT

PASS = """
from services.kit.log import configure_logging
configure_logging(level="INFO", process="test")
from services.kit.failpoints import Failpoints
failpoints = Failpoints({setting!r})
for number in range(3):
    failpoints.reach("other")
    failpoints.reach("here")
    print(number, flush=True)
"""


def run(setting: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PASS.format(setting=setting)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.parametrize(
    ("setting", "passed", "code"),
    [("", 3, 0), ("elsewhere", 3, 0), ("here", 0, -9), ("here:kill:3", 2, -9), ("here::2", 1, -9)],
)
def test_it_kills_at_the_named_passage(setting: str, passed: int, code: int) -> None:
    with run(setting) as process:
        output, _ = process.communicate(timeout=60)
    assert (len(output.splitlines()), process.returncode) == (passed, code)


def test_it_stops_like_a_machine_that_hangs() -> None:
    with run("here:stop:2") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "0\n"
        # Returns when the process stops, and leaves it to be waited for at its end.
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        process.send_signal(signal.SIGCONT)
        assert process.stdout.read() == "1\n2\n"
    assert process.returncode == 0


def test_it_raises_once() -> None:
    failpoints = Failpoints("here:raise:2")
    failpoints.reach("here")
    with pytest.raises(FailpointReached):
        failpoints.reach("here")
    failpoints.reach("here")


@pytest.mark.parametrize("setting", ["here:raise:x", "here:kill:1.5"])
def test_a_malformed_count_is_said_at_the_start(setting: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Failpoints(setting)
