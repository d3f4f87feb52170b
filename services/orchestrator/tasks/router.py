"""Routes of tasks given to one agent."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import StreamingResponse

from contracts.orchestrator import CancelAnswer, Step, SubmitTaskRequest, TaskResult
from services.kit.auth import KeyCaller, Principal
from services.orchestrator.agents import service as agents
from services.orchestrator.deps import Page, PageQuery, State, StateDep, set_total_count
from services.orchestrator.engine.journal import queries as journal_queries
from services.orchestrator.tasks import service
from services.orchestrator.tasks.queries import TaskRow
from services.orchestrator.tasks.streaming import last_event_id, stream_events, wait_for_end
from services.orchestrator.tasks.submission import INTERACTIVE_QUEUE, Turn, submit

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)]


@router.post("", status_code=202)
async def submit_task(
    state: StateDep,
    actor: KeyCaller,
    request: SubmitTaskRequest,
    wait: Annotated[float, Query(ge=0, le=60)] = 0,
    idempotency_key: IdempotencyKey = None,
) -> TaskResult:
    task = await _submit(state, actor, request, idempotency_key)
    if wait > 0:
        await wait_for_end(
            state, task.stream_id, task_id=task.id, after=task.stream_after, seconds=wait
        )
    return await get_task(state, actor, task.id)


@router.post("/stream")
async def submit_and_stream(
    state: StateDep,
    actor: KeyCaller,
    request: SubmitTaskRequest,
    idempotency_key: IdempotencyKey = None,
) -> StreamingResponse:
    task = await _submit(state, actor, request, idempotency_key)
    return stream_task(state, task)


@router.get("/{task_id}")
async def get_task(state: StateDep, _caller: KeyCaller, task_id: UUID) -> TaskResult:
    async with state.database.connection() as connection:
        task = await service.get_task(connection, task_id)
        return await service.task_result(connection, task)


@router.post("/{task_id}/cancel")
async def cancel(state: StateDep, actor: KeyCaller, task_id: UUID) -> CancelAnswer:
    return await cancel_and_wait(state, actor, task_id)


@router.get("/{task_id}/events")
async def events(
    state: StateDep, _caller: KeyCaller, task_id: UUID, request: Request
) -> StreamingResponse:
    return await resume_events(state, task_id, request)


@router.get("/{task_id}/steps")
async def steps(
    state: StateDep, _caller: KeyCaller, task_id: UUID, page: Page, response: Response
) -> list[Step]:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
    return await list_steps(state, task_id, page, response)


async def list_steps(
    state: State, task_id: UUID, page: PageQuery, response: Response
) -> list[Step]:
    """The task's journal in the order of its calls."""
    async with state.database.connection() as connection:
        rows = await journal_queries.list_steps(
            connection, task_id, limit=page.limit, offset=page.offset
        )
        set_total_count(response, await journal_queries.count_steps(connection, task_id))
    return [Step.model_validate(row, from_attributes=True) for row in rows]


async def resume_events(state: State, task_id: UUID, request: Request) -> StreamingResponse:
    """The task's events, from its start or from the last one that the reader has."""
    given = last_event_id(request)
    async with state.database.connection() as connection:
        task = await service.get_task(connection, task_id)
    after = task.stream_after if given is None else max(given, task.stream_after)
    return stream_events(state, task.stream_id, after=after, task_id=task_id)


async def cancel_and_wait(state: State, actor: Principal, task_id: UUID) -> CancelAnswer:
    async with state.database.transaction() as connection:
        task, status, events = await service.cancel_task(connection, task_id, actor=actor)
    for event in events:
        state.publisher.publish(task.stream_id, event)
    if task.session_id is not None:
        await state.waker.wake(INTERACTIVE_QUEUE)
    return await service.wait_until_cancelled(state.database, task_id, status=status)


def stream_task(state: State, task: TaskRow) -> StreamingResponse:
    headers = {"X-Task-Id": str(task.id)}
    if task.session_id is not None:
        headers["X-Session-Id"] = str(task.session_id)
    return stream_events(
        state, task.stream_id, after=task.stream_after, task_id=task.id, headers=headers
    )


async def _submit(
    state: State, actor: Principal, request: SubmitTaskRequest, idempotency_key: str | None
) -> TaskRow:
    async with state.database.connection() as connection:
        await agents.get_agent(connection, request.agent_id)
    turn = Turn(
        kind="agent",
        agent_id=request.agent_id,
        messages=request.messages,
        session_id=request.session_id,
        model=None,
        metadata=request.metadata,
        idempotency_key=idempotency_key,
    )
    return await submit(state, turn, actor=actor)
