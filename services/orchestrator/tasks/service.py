"""Reads and cancels tasks."""

import asyncio
import time
from uuid import UUID

from contracts.orchestrator import (
    RUNNING_STATUSES,
    TERMINAL_STATUSES,
    CancelAnswer,
    TaskResult,
    TaskStatus,
    WaitingFor,
)
from services.kit.auth import Principal
from services.kit.db import Connection, Database
from services.kit.errors import NotFound, WrongState
from services.orchestrator.audit import service as audit
from services.orchestrator.engine.stream import numbering
from services.orchestrator.engine.stream import queries as stream_queries
from services.orchestrator.tasks import queries
from services.orchestrator.tasks.queries import TaskRow

_CANCEL_WAIT_SECONDS = 3.0
_POLL_SECONDS = 0.05


async def get_task(connection: Connection, task_id: UUID) -> TaskRow:
    """Raises NotFound."""
    task = await queries.find_task(connection, task_id)
    if task is None:
        raise NotFound(f"There is no task {task_id}.", code="unknown_task")
    return task


async def task_result(connection: Connection, task: TaskRow) -> TaskResult:
    """The task in the four states of the agent routes."""
    calls = await queries.tool_calls(connection, task.id)
    status = TaskStatus(task.status)
    if status in RUNNING_STATUSES:
        simple = "running"
    elif status is TaskStatus.COMPLETE:
        simple = "completed"
    elif status in TERMINAL_STATUSES:
        simple = "failed"
    else:
        simple = "pending"
    return TaskResult(
        task_id=task.id,
        agent_id=task.agent_id,
        session_id=task.session_id,
        status=simple,
        response=task.output,
        tool_calls=[
            {
                "id": call.request.get("id", ""),
                "name": call.name,
                "arguments": call.request.get("arguments", {}),
                "ok": None if call.result is None else call.result.get("ok"),
                "summary": None if call.result is None else call.result.get("summary"),
            }
            for call in calls
        ],
        error=task.error,
        started_at=task.started_at,
        completed_at=task.completed_at,
        input_tokens=task.total_input_tokens,
        output_tokens=task.total_output_tokens,
        waiting_for=await waiting_for(connection, task),
    )


async def waiting_for(connection: Connection, task: TaskRow) -> list[WaitingFor]:
    """What the task has started elsewhere and waits for; nothing if it does not wait for that."""
    if task.status != TaskStatus.SUBMITTED:
        return []
    rows = await queries.waiting_for(connection, task.id)
    return [WaitingFor.model_validate(row, from_attributes=True) for row in rows]


async def cancel_task(
    connection: Connection, task_id: UUID, *, actor: Principal
) -> tuple[TaskRow, str, list[numbering.Event]]:
    """Mark the task as cancelled: its status now, and the events to publish.

    Raises NotFound, or WrongState when it has ended.
    """
    task = await get_task(connection, task_id)
    status = await queries.cancel(connection, task_id)
    if status is None:
        raise WrongState(f"The task has already ended ({task.status}).", code="task_ended")
    await audit.record(
        connection, actor=actor, action="task.cancelled", subject_kind="task", subject_id=task_id
    )
    events: list[numbering.Event] = []
    if status == TaskStatus.CANCELLED and not await _another_turn_runs(connection, task):
        events = await numbering.append(
            connection, task.stream_id, task_id=task_id, payloads=numbering.CANCELLED
        )
    return task, status, events


async def _another_turn_runs(connection: Connection, task: TaskRow) -> bool:
    """Whether the task's stream is being numbered by another turn, and stays so till we commit.

    Then nothing can be stored in between; the cancelled turn's readers are told without an id.
    """
    if task.session_id is None:
        return False
    await stream_queries.lock_position(connection, task.stream_id)
    return await stream_queries.session_is_held(connection, task.session_id)


async def wait_until_cancelled(database: Database, task_id: UUID, *, status: str) -> CancelAnswer:
    """Give the holder a moment to stop, so that the answer tells what really is."""
    deadline = time.monotonic() + _CANCEL_WAIT_SECONDS
    while status not in TERMINAL_STATUSES and time.monotonic() < deadline:
        await asyncio.sleep(_POLL_SECONDS)
        async with database.connection() as connection:
            status = await queries.status(connection, task_id) or "cancelled"
    return CancelAnswer(task_id=task_id, status=status)
