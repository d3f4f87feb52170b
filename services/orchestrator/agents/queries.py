"""SQL of agents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class AgentRow:
    id: UUID
    config: Any
    status: str
    is_primary: bool
    created_at: datetime
    last_active: datetime | None


_INSERT_AGENT = Query(
    AgentRow,
    """
    INSERT INTO agents (id, config) VALUES ($1, $2)
    RETURNING id, config, status, is_primary, created_at, last_active
    """,
)
# The partial unique index lets one primary agent in, however many processes start at once.
_INSERT_PRIMARY = Statement(
    """
    INSERT INTO agents (id, config, is_primary) VALUES ($1, $2, true)
    ON CONFLICT (is_primary) WHERE is_primary DO NOTHING
    """
)
# An agent runs while a worker holds a task of its, or one waits for what it has started elsewhere:
# asked for when read, so that it is never stale. Each half has a small index of its own.
_LIST_AGENTS = Query(
    AgentRow,
    """
    SELECT id, config, CASE WHEN status = 'idle' AND (EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.holder IS NOT NULL)
        OR EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.status = 'submitted'))
        THEN 'running' ELSE status END AS status,
        is_primary, created_at, last_active
    FROM agents
    ORDER BY created_at DESC, id DESC
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_AGENTS = Scalar(int, "SELECT count(*) FROM agents")
_FIND_AGENT = Query(
    AgentRow,
    """
    SELECT id, config, CASE WHEN status = 'idle' AND (EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.holder IS NOT NULL)
        OR EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.status = 'submitted'))
        THEN 'running' ELSE status END AS status,
        is_primary, created_at, last_active
    FROM agents WHERE id = $1
    """,
)
_FIND_PRIMARY = Query(
    AgentRow,
    """
    SELECT id, config, CASE WHEN status = 'idle' AND (EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.holder IS NOT NULL)
        OR EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.status = 'submitted'))
        THEN 'running' ELSE status END AS status,
        is_primary, created_at, last_active
    FROM agents WHERE is_primary
    """,
)
# Held until the task stands, so that the agent can't be deleted in between.
_HOLD_AGENT = Scalar(UUID, "SELECT id FROM agents WHERE id = $1 FOR KEY SHARE")
_LOCK_AGENT = Query(
    AgentRow,
    """
    SELECT id, config, status, is_primary, created_at, last_active
    FROM agents
    WHERE id = $1
    FOR UPDATE
    """,
)
_UPDATE_CONFIG = Query(
    AgentRow,
    """
    UPDATE agents SET config = $2 WHERE id = $1
    RETURNING id, config, CASE WHEN status = 'idle' AND (EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.holder IS NOT NULL)
        OR EXISTS (
            SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.status = 'submitted'))
        THEN 'running' ELSE status END AS status,
        is_primary, created_at, last_active
    """,
)
_COUNT_UNFINISHED_TASKS = Scalar(
    int,
    """
    SELECT count(*)
    FROM tasks
    WHERE agent_id = $1 AND status NOT IN ('complete', 'failed', 'cancelled')
    """,
)
_DELETE_AGENT = Statement("DELETE FROM agents WHERE id = $1")
# Locked first, so that a task given meanwhile is either seen or refused.
_LOCK_ALL_BUT_PRIMARY = Scalar(
    UUID, "SELECT id FROM agents WHERE NOT is_primary ORDER BY id FOR UPDATE"
)
_DELETE_IDLE = Scalar(
    UUID,
    """
    DELETE FROM agents
    WHERE id = ANY ($1::uuid[]) AND NOT EXISTS (
        SELECT FROM tasks
        WHERE tasks.agent_id = agents.id
          AND tasks.status NOT IN ('complete', 'failed', 'cancelled'))
    RETURNING id
    """,
)
_MARK_ACTIVE = Statement("UPDATE agents SET last_active = clock_timestamp() WHERE id = $1")
_RECOVER_STATUS = Statement(
    """
    UPDATE agents
    SET status = 'idle'
    WHERE status = 'running' AND NOT EXISTS (
        SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.holder IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM tasks WHERE tasks.agent_id = agents.id AND tasks.status = 'submitted')
    """
)


async def insert_agent(
    connection: Connection, agent_id: UUID, *, config: dict[str, Any]
) -> AgentRow:
    return await _INSERT_AGENT.one(connection, agent_id, config)


async def insert_primary(connection: Connection, agent_id: UUID, *, config: dict[str, Any]) -> bool:
    """Whether it was inserted: False if there is a primary agent already."""
    return await _INSERT_PRIMARY.run(connection, agent_id, config) == 1


async def list_agents(connection: Connection, *, limit: int, offset: int) -> list[AgentRow]:
    return await _LIST_AGENTS.all(connection, limit, offset)


async def count_agents(connection: Connection) -> int:
    return await _COUNT_AGENTS.one(connection)


async def find_agent(connection: Connection, agent_id: UUID) -> AgentRow | None:
    return await _FIND_AGENT.first(connection, agent_id)


async def find_primary(connection: Connection) -> AgentRow | None:
    return await _FIND_PRIMARY.first(connection)


async def hold_agent(connection: Connection, agent_id: UUID) -> bool:
    """Whether the agent is there; it then stays until the transaction ends."""
    return await _HOLD_AGENT.get(connection, agent_id) is not None


async def lock_agent(connection: Connection, agent_id: UUID) -> AgentRow | None:
    """The agent, held against every other change until the transaction ends."""
    return await _LOCK_AGENT.first(connection, agent_id)


async def update_config(
    connection: Connection, agent_id: UUID, *, config: dict[str, Any]
) -> AgentRow:
    return await _UPDATE_CONFIG.one(connection, agent_id, config)


async def count_unfinished_tasks(connection: Connection, agent_id: UUID) -> int:
    return await _COUNT_UNFINISHED_TASKS.one(connection, agent_id)


async def delete_agent(connection: Connection, agent_id: UUID) -> None:
    await _DELETE_AGENT.run(connection, agent_id)


async def delete_idle_agents(connection: Connection) -> list[UUID]:
    """Delete all but the primary agent and those with unfinished tasks; the ids of the deleted."""
    candidates = await _LOCK_ALL_BUT_PRIMARY.all(connection)
    return await _DELETE_IDLE.all(connection, candidates)


async def mark_active(connection: Connection, agent_id: UUID) -> None:
    await _MARK_ACTIVE.run(connection, agent_id)


async def recover_status(connection: Connection) -> int:
    return await _RECOVER_STATUS.run(connection)
