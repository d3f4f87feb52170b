"""Submits pipeline tasks, answers waiting ones, deletes ended ones."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.orchestrator import (
    RUNNING_STATUSES,
    TERMINAL_STATUSES,
    ClarifyRequest,
    PipelineSubmitRequest,
    PipelineSubmitted,
    PipelineTask,
    PipelineTaskDetail,
    ReviewRequest,
    TaskStatus,
)
from contracts.waiting import Pending
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import BadRequest, NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.audit import service as audit
from services.orchestrator.engine.call_rules import approval_answer
from services.orchestrator.engine.stream import queries as stream_queries
from services.orchestrator.engine.stream.numbering import Event, append
from services.orchestrator.engine.tool_calls import ACCEPTED_OUTCOME
from services.orchestrator.pipeline import gates
from services.orchestrator.pipeline import queries as pipeline_queries
from services.orchestrator.pipeline.checkpoint import (
    ANSWERS,
    APPROVED_CONCERNS,
    CLARIFIED_STAGES,
    REVIEW_COMMENT,
)
from services.orchestrator.pipeline.tasks import budgets, queries
from services.orchestrator.pods.routing.service import route_pod
from services.orchestrator.tasks import queries as task_queries
from services.orchestrator.tasks.queries import NewTask, TaskRow
from services.orchestrator.tasks.service import waiting_for
from services.orchestrator.tasks.submission import IdempotencyRace

PIPELINE_QUEUE = "pipeline"


async def submit(
    connection: Connection,
    request: PipelineSubmitRequest,
    *,
    idempotency_key: str | None,
    actor: Principal,
) -> PipelineSubmitted:
    """Queue a task, or give the one that the same idempotency key made before."""
    budgets.check(request.metadata)
    if idempotency_key is not None:
        known = await task_queries.find_by_idempotency_key(
            connection, idempotency_key, key_id=actor.key_id
        )
        if known is not None:
            return _submitted(known.id, known.pod_name or "", known.queued_at)
    pod = await route_pod(connection, request.user_input, pod_name=request.pod_name)
    task_id = new_id()
    await stream_queries.create_stream(connection, task_id, kind="task")
    task = NewTask(
        id=task_id,
        kind="pipeline",
        queue=PIPELINE_QUEUE,
        stream_id=task_id,
        stream_after=0,
        session_id=None,
        agent_id=await pipeline_queries.primary_agent_id(connection),
        pod_id=pod.id,
        pod_name=pod.name,
        key_id=actor.key_id,
        user_input=request.user_input,
        input={},
        metadata=request.metadata,
        goal_id=request.goal_id,
        idempotency_key=idempotency_key,
        priority=request.priority,
    )
    queued_at = await task_queries.insert_task(connection, task)
    if queued_at is None:
        raise IdempotencyRace("This Idempotency-Key is being used right now.")
    await audit.record(
        connection,
        actor=actor,
        action="task.submitted",
        subject_kind="task",
        subject_id=task_id,
        detail={"kind": "pipeline", "pod": pod.name},
    )
    return _submitted(task_id, pod.name, queued_at)


async def get_task(connection: Connection, task_id: UUID) -> TaskRow:
    """Raises NotFound, also for a task that is not a pipeline's."""
    task = await task_queries.find_task(connection, task_id)
    if task is None or task.kind != "pipeline":
        raise NotFound(f"There is no pipeline task {task_id}.", code="unknown_task")
    return task


async def task_detail(connection: Connection, task_id: UUID) -> PipelineTaskDetail:
    task = await get_task(connection, task_id)
    counts = await queries.counts(connection, task_id)
    return PipelineTaskDetail(
        **dict(pipeline_task(task)),
        findings_count=counts.findings,
        reviews_count=counts.reviews,
        artifacts_count=counts.artifacts,
        waiting_for=await waiting_for(connection, task),
    )


def pipeline_task(task: TaskRow) -> PipelineTask:
    pending = None if task.pending is None else Pending.model_validate(task.pending)
    return PipelineTask(
        id=task.id,
        status=TaskStatus(task.status),
        pod_id=task.pod_id,
        pod_name=task.pod_name,
        user_input=task.user_input,
        output=task.output,
        error=task.error,
        current_stage=task.current_stage,
        retry_count=task.retry_count,
        max_retries=task.max_retries,
        queued_at=task.queued_at,
        started_at=task.started_at,
        completed_at=task.completed_at,
        total_cost_usd=task.total_cost_usd,
        total_input_tokens=task.total_input_tokens,
        total_output_tokens=task.total_output_tokens,
        metadata=task.metadata,
        goal_id=task.goal_id,
        priority=task.priority,
        budget_usd=task.budget_usd,
        pending=pending,
        forked_from=task.forked_from,
        forked_step=task.forked_step,
    )


def statuses_of(text: str | None) -> list[str] | None:
    """The statuses that a list filter names. Raises BadRequest for an unknown one."""
    if not text:
        return None
    found: list[str] = []
    for name in text.split(","):
        if name == "running":
            found.extend(status.value for status in RUNNING_STATUSES)
        elif name in {status.value for status in TaskStatus}:
            found.append(name)
        else:
            raise BadRequest(f"There is no status {name[:50]!r}.", code="unknown_status")
    return found


async def review(
    connection: Connection, task_id: UUID, request: ReviewRequest, *, actor: Principal
) -> list[Event]:
    """Let a task that waits for a person go on, or end it; the events to publish."""
    if request.decision not in {"approve", "reject"}:
        raise BadRequest('decision must be "approve" or "reject".', code="unknown_decision")
    waiting = await _lock_waiting(connection, task_id, status=TaskStatus.PENDING_HUMAN_REVIEW)
    pending = waiting.pending or {}
    if request.pending_id is not None and str(request.pending_id) != pending.get("id"):
        raise WrongState("The task no longer waits for that decision.", code="pending_changed")
    await audit.record(
        connection,
        actor=actor,
        action=f"task.{request.decision}d" if request.decision == "approve" else "task.rejected",
        subject_kind="task",
        subject_id=task_id,
        detail={
            "comment": request.comment,
            "pending": pending.get("kind"),
            "budget_usd": request.budget_usd,
        },
    )
    # Refusing one call does not end the task: the agent is told, and goes on.
    if request.decision == "approve" or pending.get("kind") == "tool":
        flags, checkpoint = _answered(pending, request)
        await queries.go_on(connection, task_id, flags=flags, checkpoint=checkpoint)
        await budgets.set_budget(connection, task_id, pending=pending, amount=request.budget_usd)
        payloads = [_status("queued")]
    else:
        error = "Rejected in review" + (f": {request.comment}" if request.comment else ".")
        await queries.reject(connection, task_id, error=error)
        detail = orjson.dumps({"type": "error", "code": "rejected", "detail": error}).decode()
        payloads = [detail, _status("failed")]
    return await append(connection, waiting.stream_id, task_id=task_id, payloads=payloads)


def _answered(pending: dict[str, Any], request: ReviewRequest) -> tuple[list[str], dict[str, Any]]:
    """The flags and the checkpoint with which a task goes on: only a decision is one on the result."""
    comment = request.comment
    match pending.get("kind"):
        case "tool":
            return [], approval_answer(pending, decision=request.decision, comment=comment)
        case "decision":
            concerns: list[str] = pending.get("concerns", [])
            said = {} if comment is None else {REVIEW_COMMENT: comment}
            return [gates.APPROVED], {APPROVED_CONCERNS: concerns, **said}
        case "unknown_outcome":
            return [], {ACCEPTED_OUTCOME: {"step": pending["step"], "comment": comment}}
        case _:
            return [], {}


async def clarify(
    connection: Connection, task_id: UUID, request: ClarifyRequest, *, actor: Principal
) -> list[Event]:
    """Give a waiting task the answers that it asked for; the events to publish."""
    waiting = await _lock_waiting(connection, task_id, status=TaskStatus.CLARIFICATION_NEEDED)
    pending, checkpoint = waiting.pending or {}, waiting.checkpoint
    asked = f"Asked: {pending.get('prompt', '')}"
    answers = [asked, *(f"Answer: {answer}" for answer in request.answers)]
    # Other stages may have asked, and been answered, before.
    known = {
        ANSWERS: [*checkpoint.get(ANSWERS, []), *answers],
        CLARIFIED_STAGES: [*checkpoint.get(CLARIFIED_STAGES, []), *pending.get("stages", [])],
    }
    await queries.go_on(connection, task_id, flags=[gates.CLARIFIED], checkpoint=known)
    await audit.record(
        connection, actor=actor, action="task.clarified", subject_kind="task", subject_id=task_id
    )
    return await append(
        connection, waiting.stream_id, task_id=task_id, payloads=[_status("queued")]
    )


async def retry_dead_letter(
    connection: Connection, task_id: UUID, *, actor: Principal
) -> list[Event]:
    """Queue a task that was given up again, with all its retries; the events to publish."""
    stream_id = await queries.retry_dead_letter(connection, task_id)
    if stream_id is None:
        raise NotFound(f"There is no dead letter {task_id}.", code="unknown_dead_letter")
    await audit.record(
        connection, actor=actor, action="task.retried", subject_kind="task", subject_id=task_id
    )
    return await append(connection, stream_id, task_id=task_id, payloads=[_status("queued")])


async def delete_task(connection: Connection, task_id: UUID, *, actor: Principal) -> None:
    """Raises WrongState while the task has not ended."""
    task = await get_task(connection, task_id)
    if TaskStatus(task.status) not in TERMINAL_STATUSES:
        raise WrongState("The task has not ended; cancel it first.", code="task_not_ended")
    await queries.delete_task(connection, task_id, stream_id=task.stream_id)
    await audit.record(
        connection, actor=actor, action="task.deleted", subject_kind="task", subject_id=task_id
    )


async def delete_ended(connection: Connection, statuses: list[str], *, actor: Principal) -> int:
    """How many were deleted. Raises BadRequest for a status that is not terminal."""
    for status in statuses:
        if status not in TERMINAL_STATUSES:
            raise BadRequest(f"{status[:50]!r} is not a terminal status.", code="not_terminal")
    deleted = await queries.delete_ended(connection, statuses)
    await audit.record(
        connection,
        actor=actor,
        action="tasks.deleted",
        subject_kind="task",
        detail={"statuses": statuses, "deleted": deleted},
    )
    return deleted


async def _lock_waiting(
    connection: Connection, task_id: UUID, *, status: TaskStatus
) -> queries.WaitingTask:
    waiting = await queries.lock_waiting(connection, task_id)
    if waiting is None:
        raise NotFound(f"There is no pipeline task {task_id}.", code="unknown_task")
    if waiting.status != status:
        raise WrongState(f"The task is {waiting.status}, not {status.value}.")
    return waiting


def _submitted(task_id: UUID, pod_name: str, queued_at: datetime) -> PipelineSubmitted:
    return PipelineSubmitted(
        task_id=task_id, status="queued", pod_name=pod_name, queued_at=queued_at
    )


def _status(status: str) -> str:
    return orjson.dumps({"type": "status", "status": status}).decode()
