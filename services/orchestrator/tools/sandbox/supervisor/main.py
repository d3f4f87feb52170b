"""The supervisor's run: take the order, start the tool, watch it, end it, report."""

import contextlib
import os
import signal
import sys

from services.orchestrator.tools.sandbox.supervisor.clock import now
from services.orchestrator.tools.sandbox.supervisor.order import Order, Report
from services.orchestrator.tools.sandbox.supervisor.tool import start
from services.orchestrator.tools.sandbox.supervisor.watch import Feed, ToolEnd, wait_for_end


def main() -> None:
    # The worker decides, by closing standard input; a signal to its group must not decide first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _stay_schedulable()
    feed = Feed(sys.stdin.fileno())
    line = feed.first_line()
    if line is None:
        return
    report = _supervise(Order.decode(line), feed)
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stderr.fileno(), report.encode())


def _stay_schedulable() -> None:
    """Ahead of any flood of the tool's processes, which the kernel's limit does not stop for root.

    The tool does not inherit it. Ordinary users may not do it, and need not: the limit binds them.
    """
    with contextlib.suppress(PermissionError):
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))


def _supervise(order: Order, feed: Feed) -> Report:
    if order.deadline <= now():
        return Report("lease", None)  # a worker that was stopped asks for what is not its any more
    try:
        tool = start(order)
    except OSError as error:
        return Report("not_started", None, detail=str(error))
    reason = "exited"
    try:
        wait_for_end(tool, order, feed=feed)
    except ToolEnd as end:
        reason = str(end)
    finally:
        tool.kill()
    return Report(reason, tool.exit_code())
