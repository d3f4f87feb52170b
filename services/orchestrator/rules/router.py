"""Routes of rules: all of them are the administrator's."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from contracts.rules import (
    CreateRuleRequest,
    Rule,
    RulePatch,
    RuleTestAnswer,
    RuleTestRequest,
)
from services.kit.auth import AdminCaller, require_admin
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.rules import service

router = APIRouter(prefix="/api/v1/rules", tags=["rules"])
_admin = [Depends(require_admin)]


@router.get("", dependencies=_admin)
async def list_rules(state: StateDep, page: Page, response: Response) -> list[Rule]:
    async with state.database.connection() as connection:
        found, total = await service.list_rules(connection, limit=page.limit, offset=page.offset)
    set_total_count(response, total)
    return found


@router.post("", status_code=201)
async def create_rule(state: StateDep, actor: AdminCaller, request: CreateRuleRequest) -> Rule:
    async with state.database.transaction() as connection:
        return await service.create_rule(connection, request, actor=actor)


@router.get("/{rule_id}", dependencies=_admin)
async def get_rule(state: StateDep, rule_id: UUID) -> Rule:
    async with state.database.connection() as connection:
        return await service.get_rule(connection, rule_id)


@router.patch("/{rule_id}")
async def update_rule(state: StateDep, actor: AdminCaller, rule_id: UUID, patch: RulePatch) -> Rule:
    async with state.database.transaction() as connection:
        return await service.update_rule(connection, rule_id, patch=patch, actor=actor)


@router.delete("/{rule_id}", status_code=204)
async def delete_rule(state: StateDep, actor: AdminCaller, rule_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_rule(connection, rule_id, actor=actor)


@router.post("/{rule_id}/test", dependencies=_admin)
async def test_rule(state: StateDep, rule_id: UUID, request: RuleTestRequest) -> RuleTestAnswer:
    async with state.database.connection() as connection:
        rule = await service.get_rule(connection, rule_id)
    return await service.try_rule(rule, request)
