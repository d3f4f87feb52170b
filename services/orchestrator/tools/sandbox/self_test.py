"""Proves at start that the sandbox holds on this machine; else commands are off, with the reason."""

import asyncio
import os
import platform
import select
import socket
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from services.orchestrator.tools.context import ToolSettings
from services.orchestrator.tools.lease import ToolLease, now
from services.orchestrator.tools.sandbox.isolation import Programs, find_programs, isolated
from services.orchestrator.tools.sandbox.output import CappedOutput
from services.orchestrator.tools.sandbox.process import (
    ToolProcess,
    end_supervisor,
    order_for,
    run_process,
    start_supervisor,
)
from services.orchestrator.tools.sandbox.report import SandboxReport
from services.orchestrator.tools.sandbox.seccomp import seccomp_program

_TIMEOUT = 20.0
_SLEEP = 15  # a process that outlives its supervisor is not left for long
_DEATH_SECONDS = 5.0
_OUTPUT_BYTES = 16384
# Prints a line `name value` per thing tried, and changes nothing outside if a wall is missing.
_PROBE = r"""
echo inside > probe && echo workspace written
cat "$1" > /dev/null 2>&1 && echo outside visible || echo outside hidden
[ -w /usr ] && echo programs writable || echo programs read-only
[ -w /proc/sys/kernel/core_pattern ] && echo kernel writable || echo kernel read-only
if [ -n "$BASH_VERSION" ] && (exec 3<> "/dev/tcp/127.0.0.1/$2") 2> /dev/null
then echo loopback reached; else echo loopback closed; fi
echo network $(tail -n +3 /proc/net/dev | cut -d: -f1)
for name in CapPrm CapEff CapBnd NoNewPrivs Seccomp; do
  while read -r key value; do
    if [ "$key" = "$name:" ]; then echo "$name $value"; fi
  done < /proc/self/status
done
"""
_EXPECTED = {
    "workspace": "written",
    "outside": "hidden",
    "programs": "read-only",
    "kernel": "read-only",
    "loopback": "closed",
    "network": "lo",
    "CapPrm": "0" * 16,
    "CapEff": "0" * 16,
    "CapBnd": "0" * 16,
    "NoNewPrivs": "1",
    "Seccomp": "2",
}


class _Obstacle(Exception):  # not an error: a machine on which there is no sandbox
    """The test cannot even be made; the text says why."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the probe is made with: a workspace, a file beside it, and a listener on loopback."""

    programs: Programs
    seccomp: bytes
    workspace: Path
    secret: Path
    port: int

    def command(self, script: str) -> ToolProcess:
        words = [self.programs.shell, "-c", script, "probe", str(self.secret), str(self.port)]
        command = isolated(self.programs, words, workspace=self.workspace)
        return ToolProcess(command, timeout=_TIMEOUT, seccomp=self.seccomp)


async def self_test(settings: ToolSettings) -> SandboxReport:
    """Runs commands in the sandbox and looks at what they could do; a fraction of a second."""
    host_allowed = settings.shell_sandbox == "host"
    try:
        with _scene(settings) as scene:
            checks = await _try_out(scene)
    except _Obstacle as obstacle:
        return SandboxReport(works=False, reason=str(obstacle), host_allowed=host_allowed)
    failed = [f"{name}: {result}" for name, result in checks.items() if result != "ok"]
    reason = "The sandbox's self-test failed: " + "; ".join(failed) + "." if failed else ""
    return SandboxReport(not failed, reason, host_allowed=host_allowed, checks=checks)


@contextmanager
def _scene(settings: ToolSettings) -> Generator[_Scene]:
    if settings.shell_sandbox == "off":
        raise _Obstacle("Commands are turned off by SHELL_SANDBOX=off.")
    seccomp = seccomp_program()
    if not seccomp:
        raise _Obstacle(f"There is no seccomp filter for {platform.machine()} machines.")
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    programs = _programs(settings)
    with (
        tempfile.TemporaryDirectory(prefix="self-test-", dir=settings.state_folder) as folder,
        closing(socket.create_server(("127.0.0.1", 0))) as listener,
    ):
        workspace, secret = Path(folder, "workspace"), Path(folder, "secret")
        workspace.mkdir()
        secret.write_text("outside\n")
        yield _Scene(programs, seccomp, workspace, secret, listener.getsockname()[1])


def _programs(settings: ToolSettings) -> Programs:
    try:
        programs = find_programs(settings.state_folder)
    except PermissionError as error:
        raise _Obstacle(
            "Nova runs as root and may not make device nodes here; run it as an ordinary user."
        ) from error
    if programs is None:
        raise _Obstacle("bubblewrap (bwrap) is not installed; install the package bubblewrap.")
    return programs


async def _try_out(scene: _Scene) -> dict[str, str]:
    output = CappedOutput(_OUTPUT_BYTES)
    lease = ToolLease(now() + _TIMEOUT)
    report = await run_process(scene.command(_PROBE), lease, output=output)
    if report.exit_code is None:
        said = output.text().strip() or report.detail or report.reason
        raise _Obstacle(f"bubblewrap cannot make a sandbox on this machine: {said}")
    seen = dict(line.split(" ", 1) for line in output.text().splitlines() if " " in line)
    checks = {
        name: "ok" if seen.get(name) == wanted else f"{seen.get(name, 'no answer')}"
        for name, wanted in _EXPECTED.items()
    }
    written = scene.workspace / "probe"
    if not written.is_file() or written.read_text() != "inside\n":
        checks["workspace"] = "what was written did not arrive"
    checks["dies with its parent"] = await _try_kill(scene)
    return checks


async def _try_kill(scene: _Scene) -> str:
    """The output's end shows that no process of the tool is left: each holds it open.

    bubblewrap's first process binds itself to its parent just after the command has begun; the
    short sleep is for that. (A supervisor that is alive does not depend on it.)
    """
    process = scene.command(f"sleep 0.1; echo started; sleep {_SLEEP} & sleep {_SLEEP}")
    read, write = os.pipe()
    try:
        supervisor = await start_supervisor(process, output=write)
    finally:
        os.close(write)
    with open(read, "rb", buffering=0) as output:  # noqa: ASYNC230, PTH123  # a pipe, polled first
        try:
            if supervisor.stdin is None:
                return "no pipe"
            supervisor.stdin.write(order_for(process, ToolLease(now() + _TIMEOUT)).encode())
            if await asyncio.to_thread(_next, output, _TIMEOUT) != b"started\n":
                return "the command did not start"
            supervisor.kill()
            rest = await asyncio.to_thread(_next, output, _DEATH_SECONDS)
            return "ok" if rest == b"" else "a process outlived its supervisor"
        finally:
            await end_supervisor(supervisor)


def _next(output: FileIO, seconds: float) -> bytes | None:
    """What comes next: nothing at the end, None if neither data nor the end comes in time."""
    poll = select.poll()
    poll.register(output, select.POLLIN)
    return output.read(_OUTPUT_BYTES) if poll.poll(seconds * 1000) else None
