"""Runs one tool process under its supervisor and collects what it prints."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.lease import ToolLease
from services.orchestrator.tools.sandbox.supervisor.order import Limits, Order, Report

PROJECT = Path(__file__).parents[4]
_START = (
    f"import sys; sys.path.insert(0, {str(PROJECT)!r}); "
    "from services.orchestrator.tools.sandbox.supervisor.main import main; main()"
)
_CHUNK = 65536
_END_SECONDS = 5.0  # how long a supervisor may take to end its tool before it is killed itself


class Collector(Protocol):
    """Takes a process's output as it comes; False when it wants no more."""

    def take(self, data: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class ToolProcess:
    """What to run. With `seccomp` the command is bubblewrap's (see isolation.py)."""

    command: Sequence[str]
    timeout: float
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    seccomp: bytes = b""
    folder_descriptor: int | None = None
    limits: Limits = field(default_factory=Limits)
    kept_descriptors: tuple[int, ...] = ()  # held open while the tool lives: the workspace's lock


async def run_process(
    process: ToolProcess,
    lease: ToolLease,
    *,
    output: Collector,
    on_start: Callable[[], None] = lambda: None,
) -> Report:
    """Runs to the end; `on_start` is called right before the process gets to run. When this is cancelled, the tool and all that it started are killed first.

    Reasons besides the supervisor's: `stopped` (the collector wanted no more) and
    `supervisor_lost` (something killed the supervisor, and the tool with it).
    """
    supervisor = await start_supervisor(process)
    try:
        on_start()
        return await _converse(supervisor, process, lease, output=output)
    finally:
        await end_supervisor(supervisor)


async def start_supervisor(process: ToolProcess, *, output: int = PIPE) -> Process:
    """A supervisor that waits for its order (`order_for`), with empty environment."""
    descriptors = process.kept_descriptors
    if process.folder_descriptor is not None:
        descriptors = (*descriptors, process.folder_descriptor)
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _START),
        stdin=PIPE,
        stdout=output,
        stderr=PIPE,
        env={},
        pass_fds=descriptors,
        start_new_session=True,
    )


async def _converse(
    supervisor: Process, process: ToolProcess, lease: ToolLease, *, output: Collector
) -> Report:
    feed, printed, reports = supervisor.stdin, supervisor.stdout, supervisor.stderr
    if feed is None or printed is None or reports is None:  # it was started with three pipes
        raise ToolError("The tool's supervisor has no pipes.")
    feed.write(order_for(process, lease).encode())
    unwatch = lease.watch(lambda until: feed.write(f"{until}\n".encode()))
    try:
        wanted = await _collect(printed, output)
        if not wanted:
            return Report("stopped", None)
        report = await reports.read()
    finally:
        unwatch()
    return Report.decode(report) if report else Report("supervisor_lost", None)


def order_for(process: ToolProcess, lease: ToolLease) -> Order:
    return Order(
        command=list(process.command),
        environment=dict(process.environment),
        timeout=process.timeout,
        deadline=lease.until,
        seccomp=process.seccomp.hex(),
        folder_descriptor=process.folder_descriptor,
        limits=process.limits,
    )


async def _collect(printed: asyncio.StreamReader, output: Collector) -> bool:
    while data := await printed.read(_CHUNK):
        if not output.take(data):
            return False
    return True


async def end_supervisor(supervisor: Process) -> None:
    """Closing its input makes a supervisor kill its tool; returns when both are gone.

    Not cut short by a second cancellation: the workspace's lock must outlast the tool.
    """
    if supervisor.stdin is not None:
        supervisor.stdin.close()
    gone = asyncio.ensure_future(_wait(supervisor))
    cancelled = False
    while not gone.done():
        try:
            await asyncio.shield(gone)
        except asyncio.CancelledError:
            cancelled = True
    gone.result()
    if cancelled:
        raise asyncio.CancelledError


async def _wait(supervisor: Process) -> None:
    try:
        async with asyncio.timeout(_END_SECONDS):
            await _drain(supervisor)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            supervisor.kill()
        await _drain(supervisor)


async def _drain(supervisor: Process) -> None:
    """Reads what is left, or the supervisor's transport would wait for it for ever."""
    for stream in (supervisor.stdout, supervisor.stderr):
        while stream is not None and await stream.read(_CHUNK):
            pass
    await supervisor.wait()
