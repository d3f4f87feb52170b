"""How a run leaves its task: completed, failed, cancelled, waiting for something outside."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic import BaseModel

from contracts.events import ErrorEvent, StatusEvent, UsageEventMessage
from contracts.orchestrator import TaskStatus
from services.kit.db import Connection
from services.orchestrator.engine.ending import queries
from services.orchestrator.engine.errors import TaskSuspended
from services.orchestrator.engine.record import RunEnd
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.stream.queries import set_reserved

Extra = Callable[[Connection, int], Awaitable[None]]
"""More to write in the same transaction; it is given the id of the task's last event."""


async def complete(run: TaskRun, output: str, *, extra: Extra | None = None) -> None:
    """End well, with everything that belongs to the end in one transaction."""
    totals = await _totals(run)
    events = [_usage(totals), StatusEvent(status="complete")]
    await _end(run, "complete", output=output, error=None, events=events, extra=extra)


async def fail(run: TaskRun, error: str, *, code: str = "task_failed") -> None:
    totals = await _totals(run)
    events = [
        _usage(totals),
        ErrorEvent(detail=error, code=code),
        StatusEvent(status="failed"),
    ]
    await _end(run, "failed", output=None, error=error, events=events)


async def cancel(run: TaskRun) -> None:
    totals = await _totals(run)
    events = [
        _usage(totals),
        ErrorEvent(detail="The task was cancelled.", code="cancelled"),
        StatusEvent(status="cancelled"),
    ]
    await _end(run, "cancelled", output=None, error="cancelled", events=events)


async def suspend(
    run: TaskRun, *, status: str, pending: dict[str, Any], flags: list[str] | None = None
) -> None:
    """Wait durably: the lease and the slot are given up. Always raises TaskSuspended."""

    async def work(connection: Connection) -> None:
        await set_reserved(connection, run.task.stream_id, reserved_to=run.numbering.highest_used)
        await queries.suspend(
            connection,
            run.task.id,
            attempt=run.task.attempt,
            status=status,
            pending=pending,
            flags=run.task.flags if flags is None else flags,
        )

    run.record.end = RunEnd(status, pending=pending)
    await run.write(work, [StatusEvent(status=status, pending=pending)])
    raise TaskSuspended(status)


async def await_links(run: TaskRun) -> None:
    """Wait durably for what the task has started elsewhere, if that has not ended meanwhile.

    Always raises TaskSuspended.
    """
    run.context.failpoints.reach("links-awaited")

    async def work(connection: Connection) -> None:
        await set_reserved(connection, run.task.stream_id, reserved_to=run.numbering.highest_used)
        await queries.await_links(connection, run.task.id, attempt=run.task.attempt)

    await run.write(work, [StatusEvent(status=TaskStatus.SUBMITTED)])
    run.context.failpoints.reach("links-suspended")
    raise TaskSuspended(TaskStatus.SUBMITTED)


async def _end(
    run: TaskRun,
    status: str,
    *,
    output: str | None,
    error: str | None,
    events: Sequence[BaseModel],
    extra: Extra | None = None,
) -> None:
    run.record.end = RunEnd(status, output=output, error=error)
    if extra is None:
        await run.put(queries.end(status=status, output=output, error=error), events)
        return

    async def work(connection: Connection) -> None:
        last_event_id = run.numbering.highest_used
        await extra(connection, last_event_id)
        change = queries.end(status=status, output=output, error=error, last_event_id=last_event_id)
        await run.apply(connection, change)

    await run.write(work, events)


async def _totals(run: TaskRun) -> queries.Totals:
    await run.flush()
    async with run.context.database.connection() as connection:
        return await queries.totals(connection, run.task.id)


def _usage(totals: queries.Totals) -> UsageEventMessage:
    return UsageEventMessage(
        input_tokens=totals.input_tokens,
        output_tokens=totals.output_tokens,
        cost_usd=None if totals.unpriced_calls else totals.cost_usd,
    )
