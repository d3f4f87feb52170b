"""Routes of pipeline tasks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from contracts.orchestrator import (
    Artifact,
    BulkDeleted,
    CancelAnswer,
    ClarifyRequest,
    CodeReview,
    DeadLetter,
    Finding,
    Forked,
    ForkRequest,
    PipelineSubmitRequest,
    PipelineSubmitted,
    PipelineTask,
    PipelineTaskDetail,
    QueueStats,
    ReplayAnswer,
    ReviewRequest,
    Stage,
    Step,
)
from services.kit.auth import AdminCaller, KeyCaller
from services.kit.errors import NotFound
from services.orchestrator.deps import Page, State, StateDep, set_total_count
from services.orchestrator.engine.stream.numbering import Event
from services.orchestrator.pipeline import queries
from services.orchestrator.pipeline.forks.service import fork
from services.orchestrator.pipeline.replay.service import replay_in_turn
from services.orchestrator.pipeline.tasks import queries as task_queries
from services.orchestrator.pipeline.tasks import service
from services.orchestrator.tasks.router import (
    IdempotencyKey,
    cancel_and_wait,
    list_steps,
    resume_events,
)
from services.orchestrator.tasks.submission import IdempotencyRace

router = APIRouter(prefix="/api/v1/pipeline", tags=["pipeline"])
_ALL_ENDED = "complete,failed,cancelled"


@router.post("/tasks", status_code=202)
async def submit(
    state: StateDep,
    actor: KeyCaller,
    request: PipelineSubmitRequest,
    idempotency_key: IdempotencyKey = None,
) -> PipelineSubmitted:
    key = idempotency_key or request.idempotency_key
    try:
        async with state.database.transaction() as connection:
            answer = await service.submit(connection, request, idempotency_key=key, actor=actor)
    except IdempotencyRace:
        async with state.database.transaction() as connection:
            answer = await service.submit(connection, request, idempotency_key=key, actor=actor)
    await state.waker.wake(service.PIPELINE_QUEUE)
    return answer


@router.get("/tasks")
async def list_tasks(
    state: StateDep,
    _caller: KeyCaller,
    page: Page,
    response: Response,
    status: str | None = None,
    pod_id: UUID | None = None,
    goal_id: str | None = None,
) -> list[PipelineTask]:
    wanted = task_queries.TaskFilter(service.statuses_of(status), pod_id, goal_id)
    async with state.database.connection() as connection:
        rows = await task_queries.list_tasks(
            connection, wanted, limit=page.limit, offset=page.offset
        )
        set_total_count(response, await task_queries.count_tasks(connection, wanted))
    return [service.pipeline_task(row) for row in rows]


@router.delete("/tasks")
async def delete_tasks(
    state: StateDep, actor: AdminCaller, status: Annotated[str, Query()] = _ALL_ENDED
) -> BulkDeleted:
    statuses = status.split(",")
    async with state.database.transaction() as connection:
        deleted = await service.delete_ended(connection, statuses, actor=actor)
    return BulkDeleted(deleted=deleted, statuses=statuses)


@router.get("/queue-stats")
async def queue_stats(state: StateDep, _caller: KeyCaller) -> QueueStats:
    async with state.database.connection() as connection:
        stats = await task_queries.queue_stats(connection)
    return QueueStats(
        queue_depth=stats.queue_depth,
        dead_letter_depth=stats.dead_letter_depth,
        running=stats.running,
        waiting=stats.waiting,
    )


@router.get("/dead-letter")
async def dead_letters(
    state: StateDep, _caller: AdminCaller, page: Page, response: Response
) -> list[DeadLetter]:
    async with state.database.connection() as connection:
        rows = await task_queries.dead_letters(connection, limit=page.limit, offset=page.offset)
        set_total_count(response, await task_queries.count_dead_letters(connection))
    return [DeadLetter.model_validate(row, from_attributes=True) for row in rows]


@router.post("/dead-letter/{task_id}/retry")
async def retry_dead_letter(
    state: StateDep, actor: AdminCaller, task_id: UUID
) -> PipelineTaskDetail:
    async with state.database.transaction() as connection:
        new_events = await service.retry_dead_letter(connection, task_id, actor=actor)
        detail = await service.task_detail(connection, task_id)
    await _go_on(state, task_id, new_events)
    return detail


@router.get("/tasks/{task_id}")
async def get_task(state: StateDep, _caller: KeyCaller, task_id: UUID) -> PipelineTaskDetail:
    async with state.database.connection() as connection:
        return await service.task_detail(connection, task_id)


@router.delete("/tasks/{task_id}", status_code=204)
async def delete_task(state: StateDep, actor: AdminCaller, task_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_task(connection, task_id, actor=actor)


@router.get("/tasks/{task_id}/events")
async def events(
    state: StateDep, _caller: KeyCaller, task_id: UUID, request: Request
) -> StreamingResponse:
    return await resume_events(state, task_id, request)


@router.post("/tasks/{task_id}/cancel")
async def cancel(state: StateDep, actor: KeyCaller, task_id: UUID) -> CancelAnswer:
    return await cancel_and_wait(state, actor, task_id)


@router.post("/tasks/{task_id}/review")
async def review(
    state: StateDep, actor: KeyCaller, task_id: UUID, request: ReviewRequest
) -> PipelineTaskDetail:
    async with state.database.transaction() as connection:
        new_events = await service.review(connection, task_id, request, actor=actor)
        detail = await service.task_detail(connection, task_id)
    await _go_on(state, task_id, new_events)
    return detail


@router.post("/tasks/{task_id}/clarify")
async def clarify(
    state: StateDep, actor: KeyCaller, task_id: UUID, request: ClarifyRequest
) -> PipelineTaskDetail:
    async with state.database.transaction() as connection:
        new_events = await service.clarify(connection, task_id, request, actor=actor)
        detail = await service.task_detail(connection, task_id)
    await _go_on(state, task_id, new_events)
    return detail


@router.get("/tasks/{task_id}/stages")
async def stages(state: StateDep, _caller: KeyCaller, task_id: UUID) -> list[Stage]:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
        rows = await queries.list_stages(connection, task_id)
    return [Stage.model_validate(row, from_attributes=True) for row in rows]


@router.get("/tasks/{task_id}/steps")
async def steps(
    state: StateDep, _caller: KeyCaller, task_id: UUID, page: Page, response: Response
) -> list[Step]:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
    return await list_steps(state, task_id, page, response)


@router.post("/tasks/{task_id}/replay")
async def replay(state: StateDep, actor: KeyCaller, task_id: UUID) -> ReplayAnswer:
    return await replay_in_turn(state, task_id, actor=actor)


@router.post("/tasks/{task_id}/fork", status_code=202)
async def fork_task(
    state: StateDep,
    actor: KeyCaller,
    task_id: UUID,
    request: ForkRequest,
    idempotency_key: IdempotencyKey = None,
) -> Forked:
    try:
        async with state.database.transaction() as connection:
            answer = await fork(
                connection, task_id, request, idempotency_key=idempotency_key, actor=actor
            )
    except IdempotencyRace:
        async with state.database.transaction() as connection:
            answer = await fork(
                connection, task_id, request, idempotency_key=idempotency_key, actor=actor
            )
    await state.waker.wake(service.PIPELINE_QUEUE)
    return answer


@router.get("/tasks/{task_id}/findings")
async def findings(state: StateDep, _caller: KeyCaller, task_id: UUID) -> list[Finding]:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
        rows = await queries.list_findings(connection, task_id)
    return [Finding.model_validate(row, from_attributes=True) for row in rows]


@router.get("/tasks/{task_id}/reviews")
async def reviews(state: StateDep, _caller: KeyCaller, task_id: UUID) -> list[CodeReview]:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
        rows = await queries.list_reviews(connection, task_id)
    return [CodeReview.model_validate(row, from_attributes=True) for row in rows]


@router.get("/tasks/{task_id}/artifacts")
async def artifacts(state: StateDep, _caller: KeyCaller, task_id: UUID) -> list[Artifact]:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
        rows = await queries.list_artifacts(connection, task_id)
    return [Artifact.model_validate(row, from_attributes=True) for row in rows]


@router.get("/tasks/{task_id}/artifacts/{artifact_id}")
async def artifact(
    state: StateDep, _caller: KeyCaller, task_id: UUID, artifact_id: UUID
) -> Artifact:
    async with state.database.connection() as connection:
        await service.get_task(connection, task_id)
        row = await queries.find_artifact(connection, task_id, artifact_id=artifact_id)
    if row is None:
        raise NotFound(f"The task has no artifact {artifact_id}.", code="unknown_artifact")
    return Artifact.model_validate(row, from_attributes=True)


async def _go_on(state: State, task_id: UUID, new_events: list[Event]) -> None:
    for event in new_events:
        state.publisher.publish(task_id, event)
    await state.waker.wake(service.PIPELINE_QUEUE)
