"""Routes of skills: a key may read, changes need the administrator."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from contracts.skills import AgentIds, CreateSkillRequest, PodIds, Skill, SkillPatch
from services.kit.auth import AdminCaller, require_key
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.skills import service

router = APIRouter(prefix="/api/v1/skills", tags=["skills"])
_reads = [Depends(require_key)]


@router.get("", dependencies=_reads)
async def list_skills(state: StateDep, page: Page, response: Response) -> list[Skill]:
    async with state.database.connection() as connection:
        found, total = await service.list_skills(connection, limit=page.limit, offset=page.offset)
    set_total_count(response, total)
    return found


@router.post("", status_code=201)
async def create_skill(state: StateDep, actor: AdminCaller, request: CreateSkillRequest) -> Skill:
    async with state.database.transaction() as connection:
        return await service.create_skill(connection, request, actor=actor)


@router.get("/{skill_id}", dependencies=_reads)
async def get_skill(state: StateDep, skill_id: UUID) -> Skill:
    async with state.database.connection() as connection:
        return await service.get_skill(connection, skill_id)


@router.patch("/{skill_id}")
async def update_skill(
    state: StateDep, actor: AdminCaller, skill_id: UUID, patch: SkillPatch
) -> Skill:
    async with state.database.transaction() as connection:
        return await service.update_skill(connection, skill_id, patch=patch, actor=actor)


@router.delete("/{skill_id}", status_code=204)
async def delete_skill(state: StateDep, actor: AdminCaller, skill_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_skill(connection, skill_id, actor=actor)


@router.put("/{skill_id}/pods")
async def set_pods(state: StateDep, actor: AdminCaller, skill_id: UUID, request: PodIds) -> Skill:
    async with state.database.transaction() as connection:
        return await service.set_pods(connection, skill_id, pod_ids=request.pod_ids, actor=actor)


@router.put("/{skill_id}/agents")
async def set_agents(
    state: StateDep, actor: AdminCaller, skill_id: UUID, request: AgentIds
) -> Skill:
    async with state.database.transaction() as connection:
        return await service.set_agents(
            connection, skill_id, agent_ids=request.agent_ids, actor=actor
        )
