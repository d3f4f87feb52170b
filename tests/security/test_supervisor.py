"""No process of a tool outlives its command, its worker, its lease or its limits."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.lease import ToolLease, now
from services.orchestrator.tools.run_shell import TOOL, RunShellParameters, run_shell
from tests.fixtures import processes

CALLER = [sys.executable, "-m", "tests.fixtures.tool_caller"]


def running(marker: str) -> list[int]:
    """Processes whose command line holds the marker, which only a tool's processes do."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if marker.encode() in words:
            found.append(int(path.parent.name))
    return found


@pytest.fixture(params=[SandboxTier.WORKSPACE, SandboxTier.HOST])
def context(request: pytest.FixtureRequest, shell_context: ToolContext) -> ToolContext:
    """Both with a sandbox and, where a person has allowed it, without."""
    report = replace(shell_context.sandbox, host_allowed=True)
    return replace(shell_context, tier=request.param, sandbox=report)


@pytest.fixture
def marker() -> str:
    """A duration for sleep(1) that is unlike any other."""
    return f"600.{uuid4().int % 10**12:012d}"


async def started(context: ToolContext) -> None:
    """Returns when the command has made the file `started`."""
    await exist(context.workspace / "started")


async def exist(*paths: Path) -> None:
    await asyncio.to_thread(
        processes.wait_until,
        lambda: all(path.exists() for path in paths),
        what="the command's files",
        every=0.01,
    )


def wait_gone(marker: str, *, seconds: float = 5) -> None:
    processes.wait_until(
        lambda: not running(marker), what="the tool's end", seconds=seconds, every=0.01
    )


class TestBegin:
    async def test_nothing_begins_after_the_lease(self, context: ToolContext):
        """The worker was stopped just before: somebody else may hold its task by now."""
        context = replace(context, lease=ToolLease(now() - 1))
        parameters = RunShellParameters(command="echo late > late")
        for outcome in (
            await run_shell(parameters, context),
            await TOOL.run(parameters.model_dump(), context),
        ):
            assert not outcome.ok
            assert "lost its hold on the task" in outcome.text
        assert not (context.workspace / "late").exists()


class TestEnd:
    async def test_background_processes_do_not_survive(self, context: ToolContext, marker: str):
        command = f"nohup sleep {marker} > /dev/null 2>&1 & setsid sleep {marker} & echo done"
        outcome = await TOOL.run({"command": command}, context)
        assert outcome.ok
        assert "done" in outcome.text
        assert running(marker) == []

    async def test_a_timeout_leaves_nothing(self, context: ToolContext, marker: str):
        command = f"setsid sleep {marker} & trap '' TERM; sleep {marker}"
        outcome = await TOOL.run({"command": command, "timeout_seconds": 0.5}, context)
        assert "killed" in outcome.text
        assert running(marker) == []


class TestCancel:
    async def test_it_kills_within_a_second(self, context: ToolContext, marker: str):
        command = f"touch started; setsid sleep {marker} & sleep {marker}"
        call = asyncio.ensure_future(TOOL.run({"command": command}, context))
        await started(context)
        begun = time.monotonic()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert running(marker) == []
        assert time.monotonic() - begun < 1

    async def test_twice_in_a_row_leaves_nothing_either(self, context: ToolContext, marker: str):
        command = f"touch started; sleep {marker}"
        call = asyncio.ensure_future(TOOL.run({"command": command}, context))
        await started(context)
        for _ in range(3):
            call.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await call
        assert running(marker) == []


class TestLease:
    async def test_the_tool_dies_with_the_lease(self, context: ToolContext, marker: str):
        short = replace(context, lease=ToolLease(now() + 1))
        outcome = await TOOL.run({"command": f"echo begun; sleep {marker}"}, short)
        assert outcome.text == "begun\n[killed: the worker lost its hold on the task]"
        assert running(marker) == []

    async def test_heartbeats_keep_it_alive(self, context: ToolContext):
        lease = ToolLease(now() + 1)
        call = asyncio.ensure_future(
            TOOL.run({"command": "sleep 2; echo ended"}, replace(context, lease=lease))
        )
        while not call.done():
            lease.extend(now() + 1)
            await asyncio.sleep(0.2)
        assert call.result().text == "ended\n[exit code 0]"


class TestWorker:
    @pytest.fixture
    def caller(self, shell_context: ToolContext, marker: str, tmp_path: Path):
        """A worker of its own in the middle of a command, with a lease of five seconds."""
        command = f"touch started; setsid sleep {marker} & sleep {marker}"
        process = processes.start(
            [*CALLER, str(shell_context.workspace.parent), command, "5"],
            log=tmp_path / "caller.log",
            if_we_die=signal.SIGKILL,
        )
        processes.wait_until(lambda: running(marker), what="the tool's start", every=0.01)
        yield process
        process.kill()
        process.wait()

    def test_killing_it_kills_the_tool_at_once(self, caller: subprocess.Popen[bytes], marker: str):
        caller.kill()
        wait_gone(marker, seconds=2)

    def test_stopping_it_kills_the_tool_when_the_lease_ends(
        self, caller: subprocess.Popen[bytes], marker: str
    ):
        caller.send_signal(signal.SIGSTOP)
        wait_gone(marker, seconds=10)
        assert caller.poll() is None

    def test_killing_the_supervisor_kills_the_tool(
        self, caller: subprocess.Popen[bytes], marker: str
    ):
        children = Path(f"/proc/{caller.pid}/task/{caller.pid}/children").read_text().split()
        assert len(children) == 1
        os.kill(int(children[0]), signal.SIGKILL)
        wait_gone(marker, seconds=2)
        assert caller.wait(10) == 0


class TestLimits:
    async def test_a_fork_bomb_is_ended(self, shell_context: ToolContext):
        bomb = "f() { f | f & }; f; sleep 20; echo survived"
        outcome = await TOOL.run({"command": bomb, "timeout_seconds": 15}, shell_context)
        assert "survived" not in outcome.text
        assert not outcome.ok

    async def test_many_threads_are_ended(self, shell_context: ToolContext):
        code = (
            "import threading, time\n"
            "for _ in range(2000): threading.Thread(target=time.sleep, args=(20,)).start()\n"
            "print('survived')"
        )
        outcome = await TOOL.run({"command": f'python3 -c "{code}"'}, shell_context)
        assert "survived" not in outcome.text

    async def test_too_much_memory_is_ended(self, shell_context: ToolContext):
        code = "import time; kept = [bytearray(64 << 20) for _ in range(48)]; time.sleep(20)"
        outcome = await TOOL.run({"command": f'python3 -c "{code}"'}, shell_context)
        assert outcome.text.endswith("[killed: it used too much memory]")

    async def test_a_huge_file_is_refused(self, shell_context: ToolContext):
        await TOOL.run({"command": "truncate -s 2G f"}, shell_context)
        made = shell_context.workspace / "f"
        assert not made.exists() or made.stat().st_size <= 1 << 30

    async def test_endless_output_is_ended(self, shell_context: ToolContext):
        outcome = await TOOL.run({"command": "cat /dev/zero"}, shell_context)
        assert outcome.text.endswith("[killed: it printed too much]")


class TestTwoAtOnce:
    async def test_on_different_workspaces_they_run_side_by_side(self, context: ToolContext):
        for name in "ab":
            (context.workspace_root / name).mkdir()
        contexts = [replace(context, workspace=context.workspace_root / name) for name in "ab"]
        # Each waits until it sees the other one, which it can only if both run.
        meet = [_meet(contexts[0], 0), _meet(contexts[1], 1)]
        outcomes = await asyncio.gather(*meet)
        assert [outcome.ok for outcome in outcomes] == [True, True]


async def _meet(context: ToolContext, number: int):
    """Runs until the test has seen both `here` files and answered with `go`."""
    command = "touch here; until [ -e go ]; do sleep 0.02; done"
    call = asyncio.ensure_future(TOOL.run({"command": command, "timeout_seconds": 20}, context))
    others = [context.workspace_root / name / "here" for name in "ab"]
    await exist(*others)
    (context.workspace / "go").touch()
    return await call
