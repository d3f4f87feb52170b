"""SQL of skills."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.skills import CreateSkillRequest, Scope
from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class SkillRow:
    id: UUID
    name: str
    description: str
    content: str
    scope: Scope
    parameters: Any
    category: str
    priority: int
    enabled: bool
    is_system: bool
    pod_ids: list[UUID]
    agent_ids: list[UUID]
    created_at: datetime
    updated_at: datetime


_SELECT = """
    SELECT id, name, description, content, scope, parameters, category, priority, enabled,
        is_system,
        ARRAY(SELECT pod_id FROM skill_targets WHERE skill_id = skills.id AND pod_id IS NOT NULL
            ORDER BY 1) AS pod_ids,
        ARRAY(SELECT coalesce(agent_id, pod_agent_id) FROM skill_targets
            WHERE skill_id = skills.id AND pod_id IS NULL ORDER BY 1) AS agent_ids,
        created_at, updated_at
    FROM skills
    """
_LIST_SKILLS = Query(SkillRow, _SELECT + "ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2")
_FIND_SKILL = Query(SkillRow, _SELECT + "WHERE id = $1")
_COUNT_SKILLS = Scalar(int, "SELECT count(*) FROM skills")
_INSERT_SKILL = Statement(
    """
    INSERT INTO skills (id, name, description, content, scope, parameters, category, priority,
        enabled)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    """
)
_UPDATE_SKILL = Statement(
    """
    UPDATE skills SET name = $2, description = $3, content = $4, scope = $5, parameters = $6,
        category = $7, priority = $8, enabled = $9, updated_at = clock_timestamp()
    WHERE id = $1
    """
)
_DELETE_SKILL = Statement("DELETE FROM skills WHERE id = $1")
_FORGET_PODS = Statement("DELETE FROM skill_targets WHERE skill_id = $1 AND pod_id IS NOT NULL")
_ADD_PODS = Statement(
    """
    INSERT INTO skill_targets (skill_id, pod_id)
    SELECT $1, id FROM pods WHERE id = ANY($2) FOR KEY SHARE
    """
)
_FORGET_AGENTS = Statement("DELETE FROM skill_targets WHERE skill_id = $1 AND pod_id IS NULL")
_ADD_AGENTS = Statement(
    """
    INSERT INTO skill_targets (skill_id, agent_id)
    SELECT $1, id FROM agents WHERE id = ANY($2) FOR KEY SHARE
    """
)
_ADD_POD_AGENTS = Statement(
    """
    INSERT INTO skill_targets (skill_id, pod_agent_id)
    SELECT $1, id FROM pod_agents WHERE id = ANY($2) FOR KEY SHARE
    """
)


def _columns(skill: CreateSkillRequest) -> tuple[object, ...]:
    return (
        skill.name,
        skill.description,
        skill.content,
        skill.scope,
        [parameter.model_dump() for parameter in skill.parameters],
        skill.category,
        skill.priority,
        skill.enabled,
    )


async def list_skills(connection: Connection, *, limit: int, offset: int) -> list[SkillRow]:
    return await _LIST_SKILLS.all(connection, limit, offset)


async def count_skills(connection: Connection) -> int:
    return await _COUNT_SKILLS.one(connection)


async def find_skill(connection: Connection, skill_id: UUID) -> SkillRow | None:
    return await _FIND_SKILL.first(connection, skill_id)


async def insert_skill(
    connection: Connection, skill_id: UUID, *, skill: CreateSkillRequest
) -> None:
    """Raises asyncpg.UniqueViolationError when another skill has that name."""
    await _INSERT_SKILL.run(connection, skill_id, *_columns(skill))


async def update_skill(
    connection: Connection, skill_id: UUID, *, skill: CreateSkillRequest
) -> None:
    """Raises asyncpg.UniqueViolationError when another skill has that name."""
    await _UPDATE_SKILL.run(connection, skill_id, *_columns(skill))


async def delete_skill(connection: Connection, skill_id: UUID) -> None:
    await _DELETE_SKILL.run(connection, skill_id)


async def set_pods(connection: Connection, skill_id: UUID, *, pod_ids: list[UUID]) -> int:
    """Replace them; how many of `pod_ids` there are."""
    await _FORGET_PODS.run(connection, skill_id)
    return await _ADD_PODS.run(connection, skill_id, pod_ids)


async def set_agents(connection: Connection, skill_id: UUID, *, agent_ids: list[UUID]) -> int:
    """Replace them; how many of `agent_ids` there are, of pods or of their own."""
    await _FORGET_AGENTS.run(connection, skill_id)
    own = await _ADD_AGENTS.run(connection, skill_id, agent_ids)
    return own + await _ADD_POD_AGENTS.run(connection, skill_id, agent_ids)
