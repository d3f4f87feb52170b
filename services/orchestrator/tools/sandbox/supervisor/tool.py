"""The running tool process: how it is started, counted and ended with all that it started."""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import BinaryIO, Protocol

from services.orchestrator.tools.sandbox.supervisor.order import Limits, Order
from services.orchestrator.tools.sandbox.supervisor.processes import (
    descendants,
    namespace_usage,
    usage,
)

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_END_MILLISECONDS = 5000
_NICENESS = 5  # a tool may use the machine, Nova's own processes come first


class Tool(Protocol):
    """A started tool. `ended` is a descriptor that becomes readable when its process has ended."""

    @property
    def ended(self) -> int: ...
    def usage(self) -> tuple[int, int]: ...
    def kill(self) -> None: ...
    def exit_code(self) -> int | None: ...


class PlainTool:
    """A tool without a sandbox: its descendants are found by their parents and killed one by one."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.ended = os.pidfd_open(process.pid)

    def usage(self) -> tuple[int, int]:
        return usage(os.getpid())

    def kill(self) -> None:
        """Orphans come to this process (it is their subreaper), so none gets out of sight."""
        self._process.poll()
        while members := descendants(os.getpid()):
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.poll()
            time.sleep(0.002)

    def exit_code(self) -> int | None:
        code = self._process.wait()
        return 128 - code if code < 0 else code


class SandboxedTool:
    """A tool in its own process namespace: when the namespace's first process dies, all die."""

    def __init__(self, process: subprocess.Popen[bytes], status: BinaryIO) -> None:
        self._process = process
        self._status = status
        self.ended = os.pidfd_open(process.pid)
        line = status.readline()  # bubblewrap writes it right after its clone(), or it has failed
        self.first_pid: int | None = json.loads(line)["child-pid"] if line else None
        self._first = None if self.first_pid is None else _open_process(self.first_pid)

    def usage(self) -> tuple[int, int]:
        return (0, 0) if self.first_pid is None else namespace_usage(self.first_pid)

    def kill(self) -> None:
        if self._first is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            # Readable once the kernel has ended every process of the namespace.
            poll = select.poll()
            poll.register(self._first, select.POLLIN)
            poll.poll(_END_MILLISECONDS)
        self._process.kill()

    def exit_code(self) -> int | None:
        """The command's own code; None if bubblewrap could not start the command."""
        self._process.wait()
        for line in self._status.read().splitlines():
            document = json.loads(line)
            if "exit-code" in document:
                return document["exit-code"]
        return None


def start(order: Order) -> Tool:
    return _start_sandboxed(order) if order.seccomp else _start_plain(order)


def _start_plain(order: Order) -> Tool:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def prepare() -> None:
        os.setsid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _limit(order.limits)
        if order.folder_descriptor is not None:
            os.fchdir(order.folder_descriptor)

    return PlainTool(_popen(order.command, order.environment, prepare=prepare))


def _start_sandboxed(order: Order) -> Tool:
    filter_read, filter_write = os.pipe()
    os.write(filter_write, bytes.fromhex(order.seccomp))
    os.close(filter_write)
    status_read, status_write = os.pipe()
    go_read, go_write = os.pipe()
    passed = {"--seccomp": filter_read, "--json-status-fd": status_write, "--block-fd": go_read}
    program, *arguments = order.command
    options = [word for name, number in passed.items() for word in (name, str(number))]
    process = _popen(
        [program, *options, *arguments],
        order.environment,
        prepare=lambda: _limit(order.limits),
        passed=tuple(passed.values()),
    )
    for descriptor in passed.values():
        os.close(descriptor)
    tool = SandboxedTool(process, os.fdopen(status_read, "rb"))
    if tool.first_pid is not None:
        _limit_processes(tool.first_pid, order.limits.processes)
    os.close(go_write)  # which is what the namespace's first process waits for
    return tool


def _popen(
    command: list[str],
    environment: dict[str, str],
    *,
    prepare: Callable[[], None],
    passed: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  # running what a model asks for is this program's purpose
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sys.stdout.fileno(),
        stderr=subprocess.STDOUT,
        pass_fds=passed,
        preexec_fn=prepare,  # noqa: PLW1509  # this program has one thread
    )


def _open_process(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _limit(limits: Limits) -> None:
    os.nice(_NICENESS)
    for kind, wanted in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (bound, bound))


def _limit_processes(first_pid: int, count: int) -> None:
    """Set from outside, in the new user namespace, where only the tool's own processes count."""
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(first_pid, resource.RLIMIT_NPROC, (count, count))
