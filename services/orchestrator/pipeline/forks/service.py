"""Forks a task: a new one that has what the old one had before a step, and goes on from there."""

from typing import Any
from uuid import UUID

import orjson

from contracts.events import MetaEvent
from contracts.orchestrator import RUNNING_STATUSES, Forked, ForkRequest, TaskStatus
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.audit import service as audit
from services.orchestrator.engine.call_rules import approvals_before
from services.orchestrator.engine.stream import queries as stream_queries
from services.orchestrator.engine.stream.numbering import append
from services.orchestrator.engine.tool_calls import ACCEPTED_OUTCOME
from services.orchestrator.pipeline import queries as pipeline_queries
from services.orchestrator.pipeline.checkpoint import SAID, timed_out
from services.orchestrator.pipeline.forks import queries
from services.orchestrator.pipeline.forks.changes import changed_snapshot, result_of
from services.orchestrator.pipeline.forks.queries import NewFork, OriginRow, OriginStep
from services.orchestrator.pipeline.places import StagePlace, place_of
from services.orchestrator.pipeline.snapshots import service as snapshots
from services.orchestrator.pipeline.snapshots.model import Snapshot
from services.orchestrator.pipeline.stage import load_roles
from services.orchestrator.pods import queries as pod_queries
from services.orchestrator.tasks import queries as task_queries
from services.orchestrator.tasks.queries import TaskRow
from services.orchestrator.tasks.submission import IdempotencyRace

_UNSTABLE = {*RUNNING_STATUSES, TaskStatus.QUEUED, TaskStatus.SUBMITTED}
_MOST_ATTEMPTS = 21


async def fork(
    connection: Connection,
    task_id: UUID,
    request: ForkRequest,
    *,
    idempotency_key: str | None,
    actor: Principal,
) -> Forked:
    """Queue the fork, or give the task that the same idempotency key made before."""
    if idempotency_key is not None:
        known = await task_queries.find_by_idempotency_key(
            connection, idempotency_key, key_id=actor.key_id
        )
        if known is not None:
            return _made_before(known, task_id, request)
    origin, snapshot, step = await _origin(connection, task_id, request.from_step)
    changes = request.changes
    changed, metadata = changed_snapshot(
        snapshot, changes, origin=origin, stage=step.stage, roles=load_roles()
    )
    answer = None if changes.answer is None else result_of(step, changes.answer)
    flags, checkpoint = await _taken_over(connection, origin, step.step)
    new = NewFork(
        id=new_id(),
        origin_id=origin.id,
        step=step.step,
        key_id=actor.key_id,
        user_input=changes.user_input or origin.user_input,
        metadata=metadata,
        flags=flags,
        checkpoint=checkpoint,
        snapshot=await snapshots.store(connection, changed),
        idempotency_key=idempotency_key,
    )
    return await _store(connection, new, answer=answer, snapshot=changed, actor=actor)


def _made_before(known: TaskRow, task_id: UUID, request: ForkRequest) -> Forked:
    # Its origin may have been deleted since.
    if known.forked_step != request.from_step or known.forked_from not in {task_id, None}:
        text = "This Idempotency-Key was used for another task; take a new one for this fork."
        raise WrongState(text, code="idempotency_key_used")
    return Forked(
        task_id=known.id,
        status="queued",
        pod_name=known.pod_name or "",
        queued_at=known.queued_at,
        forked_from=task_id,
        forked_step=request.from_step,
    )


async def _origin(
    connection: Connection, task_id: UUID, from_step: int
) -> tuple[OriginRow, Snapshot, OriginStep]:
    origin = await queries.lock_origin(connection, task_id)
    if origin is None or origin.kind != "pipeline":
        raise NotFound(f"There is no pipeline task {task_id}.", code="unknown_task")
    if origin.status in _UNSTABLE:
        raise WrongState(
            f"The task is {origin.status}; fork it when it has ended or waits for a person.",
            code="task_not_ended",
        )
    step = await queries.find_step(connection, task_id, step=from_step)
    if step is None:
        raise NotFound(
            f"The task has no step {from_step}; its steps are listed under /steps.",
            code="unknown_step",
        )
    if origin.pod_id is not None:
        pod = await pod_queries.find_pod(connection, origin.pod_id)
        if pod is not None and not pod.enabled:
            raise WrongState(f"The pod {pod.name!r} is disabled.", code="pod_disabled")
    snapshot = await snapshots.find(connection, origin.snapshot)
    if snapshot is None:
        text = "The task does not tell what it began with; it is of an earlier version of Nova."
        raise WrongState(text, code="no_snapshot")
    return origin, snapshot, step


async def _taken_over(
    connection: Connection, origin: OriginRow, step: int
) -> tuple[list[str], dict[str, Any]]:
    """What persons had said before the step, and which attempts had run out of time before it."""
    said = [
        one
        for one in origin.checkpoint.get(SAID, [])
        if one["after"] is not None and one["after"] < step
    ]
    checkpoint: dict[str, Any] = {}
    for one in said:
        checkpoint |= one["checkpoint"]
    if said:
        checkpoint[SAID] = said
    accepted = checkpoint.get(ACCEPTED_OUTCOME)
    if accepted is not None and accepted["step"] >= step:
        del checkpoint[ACCEPTED_OUTCOME]
    checkpoint = approvals_before(checkpoint, step)
    here = place_of(step)
    for row in await pipeline_queries.list_stages(connection, origin.id):
        for attempt in range(_MOST_ATTEMPTS):
            mark = timed_out(row.stage, row.round, attempt)
            if mark in origin.checkpoint and StagePlace(row.round, row.position, attempt) < here:
                checkpoint[mark] = origin.checkpoint[mark]
    return sorted({flag for one in said for flag in one["flags"]}), checkpoint


async def _store(
    connection: Connection,
    new: NewFork,
    *,
    answer: dict[str, Any] | None,
    snapshot: Snapshot,
    actor: Principal,
) -> Forked:
    await stream_queries.create_stream(connection, new.id, kind="task")
    queued_at = await queries.insert_fork(connection, new)
    if queued_at is None:
        raise IdempotencyRace("This Idempotency-Key is being used right now.")
    place = place_of(new.step)
    await queries.copy_until(
        connection,
        new.id,
        origin_id=new.origin_id,
        step=new.step,
        place=(place.round, place.position),
    )
    if answer is not None:
        await queries.copy_answered_step(
            connection, new.id, origin_id=new.origin_id, step=new.step, result=answer
        )
    await _tell(connection, new, snapshot, first_call_is_made=new.step == 0 and answer is None)
    await audit.record(
        connection,
        actor=actor,
        action="task.forked",
        subject_kind="task",
        subject_id=new.id,
        detail={"forked_from": str(new.origin_id), "step": new.step},
    )
    return Forked(
        task_id=new.id,
        status="queued",
        pod_name=snapshot.pod.name,
        queued_at=queued_at,
        forked_from=new.origin_id,
        forked_step=new.step,
    )


async def _tell(
    connection: Connection, new: NewFork, snapshot: Snapshot, *, first_call_is_made: bool
) -> None:
    """The first event of every stream, which comes with the first call, where that is taken over."""
    if first_call_is_made:
        return
    model = str(new.metadata.get("model_override") or snapshot.pod.default_model)
    meta = MetaEvent(model=model, category=snapshot.pod.name, session_id=None, task_id=new.id)
    payload = orjson.dumps(meta.model_dump(mode="json")).decode()
    await append(connection, new.id, task_id=new.id, payloads=[payload])
