"""What can be done with the agents in a pod; each change holds the pod, so that orders agree."""

from typing import Any
from uuid import UUID

from contracts.pods import CreatePodAgentRequest, PodAgent, PodAgentPatch
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id
from services.orchestrator.audit.service import record
from services.orchestrator.patches import given_fields, patched
from services.orchestrator.pods import service as pods
from services.orchestrator.pods.agents import queries
from services.orchestrator.pods.agents.queries import PodAgentRow
from services.orchestrator.pods.conditions import check_condition
from services.orchestrator.pods.output_schemas import check_output_schema


async def pod_agents(connection: Connection, pod_id: UUID) -> list[PodAgentRow]:
    """The enabled agents of the pod in their order, as a task runs them."""
    return await queries.list_enabled_agents(connection, pod_id)


async def list_agents(
    connection: Connection, pod_id: UUID, *, limit: int, offset: int
) -> tuple[list[PodAgent], int]:
    """One page in the pod's order, switched-off agents too, and how many there are."""
    await pods.get_pod(connection, pod_id)
    rows = await queries.list_agents(connection, pod_id, limit=limit, offset=offset)
    return [_agent(row) for row in rows], await queries.count_agents(connection, pod_id)


async def create_agent(
    connection: Connection, pod_id: UUID, *, request: CreatePodAgentRequest, actor: Principal
) -> PodAgent:
    """Without a position it comes last; at a taken one, the later agents move on."""
    await pods.lock_pod(connection, pod_id)
    _check(request)
    position = request.position
    if position is None:
        position = await queries.next_position(connection, pod_id)
    await queries.make_room(connection, pod_id, position=position, agent_id=None)
    row = await queries.insert_agent(
        connection, pod_id, agent_id=new_id(), position=position, agent=request
    )
    await _record(connection, actor, action="pod_agent.created", agent=row)
    return _agent(row)


async def update_agent(
    connection: Connection,
    pod_id: UUID,
    *,
    agent_id: UUID,
    patch: PodAgentPatch,
    actor: Principal,
) -> PodAgent:
    await pods.lock_pod(connection, pod_id)
    current = await _find(connection, pod_id, agent_id)
    fields = CreatePodAgentRequest.model_fields
    agent = patched(
        CreatePodAgentRequest, {name: getattr(current, name) for name in fields}, patch=patch
    )
    _check(agent)
    position = current.position if agent.position is None else agent.position
    await queries.make_room(connection, pod_id, position=position, agent_id=agent_id)
    row = await queries.update_agent(
        connection, pod_id, agent_id=agent_id, position=position, agent=agent
    )
    changed = given_fields(patch)
    await _record(connection, actor, action="pod_agent.updated", agent=row, changed=changed)
    return _agent(row)


async def delete_agent(
    connection: Connection, pod_id: UUID, *, agent_id: UUID, actor: Principal
) -> None:
    await pods.lock_pod(connection, pod_id)
    row = await _find(connection, pod_id, agent_id)
    await queries.delete_agent(connection, pod_id, agent_id=agent_id)
    await _record(connection, actor, action="pod_agent.deleted", agent=row)


async def reorder_agents(
    connection: Connection, pod_id: UUID, *, ids: list[UUID], actor: Principal
) -> list[PodAgent]:
    """Raises Invalid unless `ids` names each agent of the pod once."""
    await pods.lock_pod(connection, pod_id)
    present = await queries.agent_ids(connection, pod_id)
    if len(ids) != len(present) or set(ids) != set(present):
        raise Invalid("ids: name each agent of this pod exactly once.")
    await queries.reorder(connection, pod_id, ids=ids)
    await record(
        connection,
        actor=actor,
        action="pod_agents.reordered",
        subject_kind="pod",
        subject_id=pod_id,
        detail={"ids": [str(agent_id) for agent_id in ids]},
    )
    rows = await queries.list_agents(connection, pod_id, limit=len(ids), offset=0)
    return [_agent(row) for row in rows]


async def _find(connection: Connection, pod_id: UUID, agent_id: UUID) -> PodAgentRow:
    row = await queries.find_agent(connection, pod_id, agent_id=agent_id)
    if row is None:
        raise NotFound(f"The pod has no agent {agent_id}.", code="unknown_pod_agent")
    return row


async def _record(
    connection: Connection,
    actor: Principal,
    *,
    action: str,
    agent: PodAgentRow,
    changed: list[str] | None = None,
) -> None:
    detail: dict[str, Any] = {"name": agent.name, "pod_id": str(agent.pod_id)}
    if changed is not None:
        detail["changed"] = changed
    await record(
        connection,
        actor=actor,
        action=action,
        subject_kind="pod_agent",
        subject_id=agent.id,
        detail=detail,
    )


def _check(agent: CreatePodAgentRequest) -> None:
    if not agent.name.strip() or not agent.role.strip():
        raise Invalid("name, role: they must not be blank.")
    check_condition(agent.run_condition)
    if agent.output_schema is not None:
        check_output_schema(agent.output_schema)


def _agent(row: PodAgentRow) -> PodAgent:
    return PodAgent.model_validate(row, from_attributes=True)
