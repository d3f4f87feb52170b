"""Waits for the tool's end, or for a reason to end it."""

import os
import select

from services.orchestrator.tools.sandbox.supervisor.clock import now
from services.orchestrator.tools.sandbox.supervisor.order import Limits, Order
from services.orchestrator.tools.sandbox.supervisor.tool import Tool

_LOOK_MILLISECONDS = 25


class ToolEnd(Exception):  # not an error: the word that crosses to the worker
    """The tool must be ended; the text is the report's reason."""


class Feed:
    """The pipe from the worker: deadlines, each a line; its end means that the worker is gone."""

    def __init__(self, descriptor: int, *, first: bytes = b"") -> None:
        self.descriptor = descriptor
        self._rest = first

    def first_line(self) -> bytes | None:
        """Waits for the order; None if the worker went before it gave one."""
        while b"\n" not in self._rest:
            if not self._read():
                return None
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def latest_deadline(self, current: float) -> float:
        """Takes what has come in."""
        if not self._read():
            raise ToolEnd("abandoned")
        *lines, self._rest = self._rest.split(b"\n")
        return float(lines[-1]) if lines else current

    def _read(self) -> bool:
        data = os.read(self.descriptor, 65536)
        self._rest += data
        return bool(data)


def wait_for_end(tool: Tool, order: Order, *, feed: Feed) -> None:
    """Returns when the tool's process has ended; raises ToolEnd when it must be ended."""
    worker, deadline, end = os.getppid(), order.deadline, now() + order.timeout
    poll = select.poll()
    poll.register(feed.descriptor, select.POLLIN)
    poll.register(tool.ended, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll(_LOOK_MILLISECONDS)}
        if tool.ended in ready:
            return
        if feed.descriptor in ready:
            deadline = feed.latest_deadline(deadline)
        if os.getppid() != worker:
            raise ToolEnd("abandoned")
        _check_time(end, deadline)
        _check_usage(tool, order.limits)


def _check_time(end: float, deadline: float) -> None:
    moment = now()
    if moment >= deadline:
        raise ToolEnd("lease")
    if moment >= end:
        raise ToolEnd("timeout")


def _check_usage(tool: Tool, limits: Limits) -> None:
    """The kernel's limit on processes does not bind root, and it has none on the sum of memory."""
    threads, resident = tool.usage()
    if threads > limits.processes:
        raise ToolEnd("processes")
    if resident > limits.memory:
        raise ToolEnd("memory")
