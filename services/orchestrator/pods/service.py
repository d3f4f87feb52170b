"""What can be done with pods; the agents in them and routing have their own packages."""

from uuid import UUID

import asyncpg

from contracts.pods import CreatePodRequest, Pod, PodPatch
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.audit.service import record
from services.orchestrator.patches import given_fields, patched
from services.orchestrator.pods import queries
from services.orchestrator.pods.queries import PodRow
from services.orchestrator.pods.routing.service import check_regex


async def list_pods(connection: Connection, *, limit: int, offset: int) -> tuple[list[Pod], int]:
    """One page, newest first, and how many pods there are."""
    rows = await queries.list_pods(connection, limit=limit, offset=offset)
    return [_pod(row) for row in rows], await queries.count_pods(connection)


async def get_pod(connection: Connection, pod_id: UUID) -> Pod:
    row = await queries.find_pod(connection, pod_id)
    if row is None:
        raise _unknown(pod_id)
    return _pod(row)


async def lock_pod(connection: Connection, pod_id: UUID) -> PodRow:
    """The pod, held against every other change; NotFound for an unknown one."""
    row = await queries.lock_pod(connection, pod_id)
    if row is None:
        raise _unknown(pod_id)
    return row


async def create_pod(connection: Connection, request: CreatePodRequest, *, actor: Principal) -> Pod:
    pod_id = new_id()
    await _check(connection, pod_id, pod=request)
    row = await queries.insert_pod(connection, pod_id, pod=request)
    if row is None:
        raise _name_taken(request.name)
    await record(
        connection,
        actor=actor,
        action="pod.created",
        subject_kind="pod",
        subject_id=row.id,
        detail={"name": row.name},
    )
    return _pod(row)


async def update_pod(
    connection: Connection, pod_id: UUID, *, patch: PodPatch, actor: Principal
) -> Pod:
    current = await lock_pod(connection, pod_id)
    fields = CreatePodRequest.model_fields
    pod = patched(CreatePodRequest, {name: getattr(current, name) for name in fields}, patch=patch)
    await _check(connection, pod_id, pod=pod)
    try:
        row = await queries.update_pod(connection, pod_id, pod=pod)
    except asyncpg.UniqueViolationError as error:
        raise _name_taken(pod.name) from error
    await record(
        connection,
        actor=actor,
        action="pod.updated",
        subject_kind="pod",
        subject_id=pod_id,
        detail={"name": row.name, "changed": given_fields(patch)},
    )
    return _pod(row)


async def delete_pod(connection: Connection, pod_id: UUID, *, actor: Principal) -> None:
    """Raises WrongState for a system pod, and while tasks of the pod have not ended."""
    row = await lock_pod(connection, pod_id)
    if row.is_system_default:
        raise WrongState(
            f"{row.name!r} ships with Nova and can't be deleted; disable it instead.",
            code="system_pod",
        )
    unfinished = await queries.count_unfinished_tasks(connection, pod_id)
    if unfinished:
        raise WrongState(
            f"{unfinished} tasks of {row.name!r} have not ended; cancel them or wait.",
            code="pod_in_use",
        )
    await queries.delete_pod(connection, pod_id)
    await record(
        connection,
        actor=actor,
        action="pod.deleted",
        subject_kind="pod",
        subject_id=pod_id,
        detail={"name": row.name},
    )


async def _check(connection: Connection, pod_id: UUID, *, pod: CreatePodRequest) -> None:
    if not pod.name.strip():
        raise Invalid("name: it must not be blank.")
    if any(not keyword.strip() for keyword in pod.routing_keywords):
        raise Invalid("routing_keywords: a keyword must not be blank.")
    if pod.routing_regex is not None:
        check_regex(pod.routing_regex)
    if pod.fallback_pod_id is None:
        return
    chain = await queries.fallback_chain(connection, pod.fallback_pod_id)
    if pod_id in chain or pod_id == pod.fallback_pod_id:
        raise Invalid(
            "fallback_pod_id: the pods would fall back to each other.", code="fallback_loop"
        )
    if not chain:
        raise Invalid("fallback_pod_id: there is no such pod.", code="unknown_pod")


def _pod(row: PodRow) -> Pod:
    return Pod.model_validate(row, from_attributes=True)


def _unknown(pod_id: UUID) -> NotFound:
    return NotFound(f"There is no pod {pod_id}.", code="unknown_pod")


def _name_taken(name: str) -> WrongState:
    return WrongState(f"There is a pod named {name!r} already.", code="name_taken")
