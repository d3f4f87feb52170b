"""SQL of the agents in a pod."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from contracts.pods import CreatePodAgentRequest
from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class PodAgentRow:
    id: UUID
    pod_id: UUID
    name: str
    role: str
    description: str
    enabled: bool
    position: int
    parallel_group: str | None
    model: str | None
    fallback_models: list[str]
    temperature: float
    max_tokens: int
    timeout_seconds: int
    max_retries: int
    system_prompt: str | None
    task_description: str | None
    allowed_tools: list[str] | None
    on_failure: Literal["skip", "abort", "escalate"]
    run_condition: dict[str, Any]
    output_schema: dict[str, Any] | None
    artifact_type: str | None


_LIST_AGENTS = Query(
    PodAgentRow,
    """
    SELECT id, pod_id, name, role, description, enabled, position, parallel_group, model,
        fallback_models, temperature, max_tokens, timeout_seconds, max_retries, system_prompt,
        task_description, allowed_tools, on_failure, run_condition, output_schema, artifact_type
    FROM pod_agents
    WHERE pod_id = $1
    ORDER BY position
    LIMIT $2 OFFSET $3
    """,
)
_LIST_ENABLED_AGENTS = Query(
    PodAgentRow,
    """
    SELECT id, pod_id, name, role, description, enabled, position, parallel_group, model,
        fallback_models, temperature, max_tokens, timeout_seconds, max_retries, system_prompt,
        task_description, allowed_tools, on_failure, run_condition, output_schema, artifact_type
    FROM pod_agents
    WHERE pod_id = $1 AND enabled
    ORDER BY position
    """,
)
_AGENT_IDS = Scalar(UUID, "SELECT id FROM pod_agents WHERE pod_id = $1 ORDER BY position")
_COUNT_AGENTS = Scalar(int, "SELECT count(*) FROM pod_agents WHERE pod_id = $1")
_FIND_AGENT = Query(
    PodAgentRow,
    """
    SELECT id, pod_id, name, role, description, enabled, position, parallel_group, model,
        fallback_models, temperature, max_tokens, timeout_seconds, max_retries, system_prompt,
        task_description, allowed_tools, on_failure, run_condition, output_schema, artifact_type
    FROM pod_agents
    WHERE pod_id = $1 AND id = $2
    """,
)
_INSERT_AGENT = Query(
    PodAgentRow,
    """
    INSERT INTO pod_agents (id, pod_id, position, name, role, description, enabled,
        parallel_group, model, fallback_models, temperature, max_tokens, timeout_seconds,
        max_retries, system_prompt, task_description, allowed_tools, on_failure, run_condition,
        output_schema, artifact_type)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21)
    RETURNING id, pod_id, name, role, description, enabled, position, parallel_group, model,
        fallback_models, temperature, max_tokens, timeout_seconds, max_retries, system_prompt,
        task_description, allowed_tools, on_failure, run_condition, output_schema, artifact_type
    """,
)
_UPDATE_AGENT = Query(
    PodAgentRow,
    """
    UPDATE pod_agents
    SET position = $3, name = $4, role = $5, description = $6, enabled = $7, parallel_group = $8,
        model = $9, fallback_models = $10, temperature = $11, max_tokens = $12,
        timeout_seconds = $13, max_retries = $14, system_prompt = $15, task_description = $16,
        allowed_tools = $17, on_failure = $18, run_condition = $19, output_schema = $20,
        artifact_type = $21
    WHERE id = $1 AND pod_id = $2
    RETURNING id, pod_id, name, role, description, enabled, position, parallel_group, model,
        fallback_models, temperature, max_tokens, timeout_seconds, max_retries, system_prompt,
        task_description, allowed_tools, on_failure, run_condition, output_schema, artifact_type
    """,
)
_DELETE_AGENT = Statement("DELETE FROM pod_agents WHERE id = $1 AND pod_id = $2")
_NEXT_POSITION = Scalar(
    int, "SELECT coalesce(max(position) + 1, 0) FROM pod_agents WHERE pod_id = $1"
)
_IS_TAKEN = Scalar(
    bool,
    """
    SELECT EXISTS (
        SELECT FROM pod_agents WHERE pod_id = $1 AND position = $2 AND id IS DISTINCT FROM $3)
    """,
)
_MAKE_ROOM = Statement(
    "UPDATE pod_agents SET position = position + 1 WHERE pod_id = $1 AND position >= $2"
)
_REORDER = Statement(
    """
    UPDATE pod_agents
    SET position = wanted.number - 1
    FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, number)
    WHERE pod_agents.id = wanted.id AND pod_agents.pod_id = $1
    """
)


def _columns(agent: CreatePodAgentRequest) -> tuple[object, ...]:
    return (
        agent.name,
        agent.role,
        agent.description,
        agent.enabled,
        agent.parallel_group,
        agent.model,
        agent.fallback_models,
        agent.temperature,
        agent.max_tokens,
        agent.timeout_seconds,
        agent.max_retries,
        agent.system_prompt,
        agent.task_description,
        agent.allowed_tools,
        agent.on_failure,
        agent.run_condition,
        agent.output_schema,
        agent.artifact_type,
    )


async def list_agents(
    connection: Connection, pod_id: UUID, *, limit: int, offset: int
) -> list[PodAgentRow]:
    """One page of the pod's agents in their order, switched-off ones too."""
    return await _LIST_AGENTS.all(connection, pod_id, limit, offset)


async def list_enabled_agents(connection: Connection, pod_id: UUID) -> list[PodAgentRow]:
    return await _LIST_ENABLED_AGENTS.all(connection, pod_id)


async def agent_ids(connection: Connection, pod_id: UUID) -> list[UUID]:
    return await _AGENT_IDS.all(connection, pod_id)


async def count_agents(connection: Connection, pod_id: UUID) -> int:
    return await _COUNT_AGENTS.one(connection, pod_id)


async def find_agent(connection: Connection, pod_id: UUID, *, agent_id: UUID) -> PodAgentRow | None:
    return await _FIND_AGENT.first(connection, pod_id, agent_id)


async def insert_agent(
    connection: Connection,
    pod_id: UUID,
    *,
    agent_id: UUID,
    position: int,
    agent: CreatePodAgentRequest,
) -> PodAgentRow:
    return await _INSERT_AGENT.one(connection, agent_id, pod_id, position, *_columns(agent))


async def update_agent(
    connection: Connection,
    pod_id: UUID,
    *,
    agent_id: UUID,
    position: int,
    agent: CreatePodAgentRequest,
) -> PodAgentRow:
    return await _UPDATE_AGENT.one(connection, agent_id, pod_id, position, *_columns(agent))


async def delete_agent(connection: Connection, pod_id: UUID, *, agent_id: UUID) -> int:
    """How many were deleted: 1, or 0 for an unknown agent."""
    return await _DELETE_AGENT.run(connection, agent_id, pod_id)


async def next_position(connection: Connection, pod_id: UUID) -> int:
    return await _NEXT_POSITION.one(connection, pod_id)


async def make_room(
    connection: Connection, pod_id: UUID, *, position: int, agent_id: UUID | None
) -> None:
    """Move the later agents on by one if another than `agent_id` stands at `position`."""
    if await _IS_TAKEN.one(connection, pod_id, position, agent_id):
        await _MAKE_ROOM.run(connection, pod_id, position)


async def reorder(connection: Connection, pod_id: UUID, *, ids: list[UUID]) -> None:
    """Give the agents the positions 0, 1, … in the order of `ids`, which names each of them."""
    await _REORDER.run(connection, pod_id, ids)
