"""What can be done with skills."""

from uuid import UUID

import asyncpg

from contracts.skills import CreateSkillRequest, Skill, SkillPatch
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id
from services.orchestrator.policy.changes import (
    as_patched,
    name_taken,
    record_change,
    record_patch,
    refuse_shipped,
)
from services.orchestrator.policy.service import policy_change
from services.orchestrator.skills import queries
from services.orchestrator.skills.queries import SkillRow
from services.orchestrator.skills.rendering import names_in


async def list_skills(
    connection: Connection, *, limit: int, offset: int
) -> tuple[list[Skill], int]:
    """One page, newest first, and how many skills there are."""
    rows = await queries.list_skills(connection, limit=limit, offset=offset)
    return [_skill(row) for row in rows], await queries.count_skills(connection)


async def get_skill(connection: Connection, skill_id: UUID) -> Skill:
    row = await queries.find_skill(connection, skill_id)
    if row is None:
        raise NotFound(f"There is no skill {skill_id}.", code="unknown_skill")
    return _skill(row)


async def create_skill(
    connection: Connection, request: CreateSkillRequest, *, actor: Principal
) -> Skill:
    _check(request)
    skill_id = new_id()
    async with policy_change(connection):
        try:
            await queries.insert_skill(connection, skill_id, skill=request)
        except asyncpg.UniqueViolationError as error:
            raise name_taken("skill", request.name) from error
        await record_change(connection, actor, "skill.created", skill_id, name=request.name)
    return await get_skill(connection, skill_id)


async def update_skill(
    connection: Connection, skill_id: UUID, *, patch: SkillPatch, actor: Principal
) -> Skill:
    async with policy_change(connection):
        current = await get_skill(connection, skill_id)
        skill = as_patched(CreateSkillRequest, current, patch=patch)
        _check(skill)
        try:
            await queries.update_skill(connection, skill_id, skill=skill)
        except asyncpg.UniqueViolationError as error:
            raise name_taken("skill", skill.name) from error
        await record_patch(
            connection, actor, "skill.updated", skill_id, name=skill.name, patch=patch
        )
    return await get_skill(connection, skill_id)


async def delete_skill(connection: Connection, skill_id: UUID, *, actor: Principal) -> None:
    """Raises WrongState for a system skill."""
    async with policy_change(connection):
        skill = await get_skill(connection, skill_id)
        refuse_shipped("skill", skill.name, is_system=skill.is_system)
        await queries.delete_skill(connection, skill_id)
        await record_change(connection, actor, "skill.deleted", skill_id, name=skill.name)


async def set_pods(
    connection: Connection, skill_id: UUID, *, pod_ids: list[UUID], actor: Principal
) -> Skill:
    """Raises NotFound if one of the pods is unknown."""
    wanted = list(dict.fromkeys(pod_ids))
    async with policy_change(connection):
        skill = await get_skill(connection, skill_id)
        if await queries.set_pods(connection, skill_id, pod_ids=wanted) != len(wanted):
            raise NotFound("pod_ids: one of these pods is unknown.", code="unknown_pod")
        await record_change(
            connection, actor, "skill.updated", skill_id, name=skill.name, changed=["pod_ids"]
        )
    return await get_skill(connection, skill_id)


async def set_agents(
    connection: Connection, skill_id: UUID, *, agent_ids: list[UUID], actor: Principal
) -> Skill:
    """Raises NotFound if one of them is unknown, both as an agent and as an agent of a pod."""
    wanted = list(dict.fromkeys(agent_ids))
    async with policy_change(connection):
        skill = await get_skill(connection, skill_id)
        if await queries.set_agents(connection, skill_id, agent_ids=wanted) != len(wanted):
            raise NotFound("agent_ids: one of these agents is unknown.", code="unknown_agent")
        changed = ["agent_ids"]
        await record_change(
            connection, actor, "skill.updated", skill_id, name=skill.name, changed=changed
        )
    return await get_skill(connection, skill_id)


def _check(skill: CreateSkillRequest) -> None:
    if not skill.name.strip():
        raise Invalid("name: it must not be blank.")
    declared = [parameter.name for parameter in skill.parameters]
    if len(set(declared)) != len(declared):
        raise Invalid("parameters: each name may stand there once.", code="parameter_repeated")
    unknown = sorted(names_in(skill.content) - set(declared))
    if unknown:
        raise Invalid(
            f"content: {', '.join(unknown[:10])} must be declared in parameters; write "
            "\\{{name}} where braces are meant.",
            code="parameter_undeclared",
        )


def _skill(row: SkillRow) -> Skill:
    return Skill.model_validate(row, from_attributes=True)
