"""What can be done with rules."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from contracts.rules import (
    CreateRuleRequest,
    Rule,
    RulePatch,
    RuleTestAnswer,
    RuleTestRequest,
)
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.policy.changes import (
    as_patched,
    name_taken,
    record_change,
    record_patch,
    refuse_shipped,
)
from services.orchestrator.policy.service import policy_change
from services.orchestrator.rules import queries
from services.orchestrator.rules.matching import is_targeted, matched_text, matching_rules
from services.orchestrator.rules.patterns import check_pattern
from services.orchestrator.rules.queries import RuleRow


async def list_rules(connection: Connection, *, limit: int, offset: int) -> tuple[list[Rule], int]:
    """One page, newest first, and how many rules there are."""
    rows = await queries.list_rules(connection, limit=limit, offset=offset)
    return [_rule(row) for row in rows], await queries.count_rules(connection)


async def get_rule(connection: Connection, rule_id: UUID) -> Rule:
    row = await queries.find_rule(connection, rule_id)
    if row is None:
        raise NotFound(f"There is no rule {rule_id}.", code="unknown_rule")
    return _rule(row)


async def create_rule(
    connection: Connection, request: CreateRuleRequest, *, actor: Principal
) -> Rule:
    _check(request, detector=None)
    rule_id = new_id()
    name = request.name or f"rule-{rule_id.hex[-8:]}"
    async with policy_change(connection):
        try:
            await queries.insert_rule(connection, rule_id, name=name, rule=request)
        except asyncpg.UniqueViolationError as error:
            raise name_taken("rule", name) from error
        await _set_targets(connection, rule_id, request)
        await record_change(connection, actor, "rule.created", rule_id, name=name)
    return await get_rule(connection, rule_id)


async def update_rule(
    connection: Connection, rule_id: UUID, *, patch: RulePatch, actor: Principal
) -> Rule:
    """Raises WrongState for a system rule that would lose its name."""
    async with policy_change(connection):
        current = await get_rule(connection, rule_id)
        rule = as_patched(CreateRuleRequest, current, patch=patch)
        _check(rule, detector=current.detector)
        name = rule.name or current.name
        if current.is_system and name != current.name:
            raise WrongState("A rule that ships with Nova keeps its name.", code="system_rule")
        try:
            await queries.update_rule(connection, rule_id, name=name, rule=rule)
        except asyncpg.UniqueViolationError as error:
            raise name_taken("rule", name) from error
        if patch.model_fields_set & {"pod_ids", "agent_ids"}:
            await _set_targets(connection, rule_id, rule)
        await record_patch(connection, actor, "rule.updated", rule_id, name=name, patch=patch)
    return await get_rule(connection, rule_id)


async def delete_rule(connection: Connection, rule_id: UUID, *, actor: Principal) -> None:
    """Raises WrongState for a system rule."""
    async with policy_change(connection):
        rule = await get_rule(connection, rule_id)
        refuse_shipped("rule", rule.name, is_system=rule.is_system)
        await queries.delete_rule(connection, rule_id)
        await record_change(connection, actor, "rule.deleted", rule_id, name=rule.name)


async def try_rule(rule: Rule, request: RuleTestRequest) -> RuleTestAnswer:
    """What the rule would make of a call, or of a text; also one that is disabled or out of scope.

    Raises Invalid when neither is given.
    """
    if request.tool is None and request.text is None:
        raise Invalid("Give a tool with its arguments, or a text.", code="nothing_to_test")
    if rule.pattern is None and rule.detector is None and not rule.target_tools:
        return _answer(rule, None, "The rule has no pattern; models judge by its text.")
    if request.tool is None:
        return _answer(rule, await matched_text(rule, request.text or ""))
    if not is_targeted(rule, request.tool):
        return _answer(rule, None, f"The rule is not about {request.tool}.")
    found = await matching_rules([rule], request.tool, request.arguments)
    text = found[0].text if found else None
    if text is None and request.text is not None:
        text = await matched_text(rule, request.text)
    return _answer(rule, text)


def _answer(rule: Rule, text: str | None, detail: str | None = None) -> RuleTestAnswer:
    if text is None:
        return RuleTestAnswer(
            matches=False, action=None, matched_text=None, detail=detail or "It does not match."
        )
    if rule.enforcement == "soft":
        detail = "It matches, but a soft rule is only told to the models."
        return RuleTestAnswer(matches=True, action=None, matched_text=text, detail=detail)
    return RuleTestAnswer(
        matches=True,
        action=rule.action,
        matched_text=text,
        detail="It matches." if rule.enabled else "It matches, but the rule is disabled.",
    )


async def _set_targets(connection: Connection, rule_id: UUID, rule: CreateRuleRequest) -> None:
    pod_ids, agent_ids = _each_once(rule.pod_ids), _each_once(rule.agent_ids)
    pods, agents = await queries.set_targets(
        connection, rule_id, pod_ids=pod_ids, agent_ids=agent_ids
    )
    if pods != len(pod_ids):
        raise NotFound("pod_ids: one of these pods is unknown.", code="unknown_pod")
    if agents != len(agent_ids):
        raise NotFound("agent_ids: one of these agents is unknown.", code="unknown_agent")


def _each_once(ids: Sequence[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


def _check(rule: CreateRuleRequest, *, detector: str | None) -> None:
    if (rule.name is not None and not rule.name.strip()) or not rule.rule_text.strip():
        raise Invalid("name, rule_text: they must not be blank.")
    if rule.pattern is not None:
        check_pattern(rule.pattern)
    checks = rule.pattern is not None or detector is not None or bool(rule.target_tools)
    if rule.enforcement != "soft" and not checks:
        raise Invalid(
            "pattern: a rule that is enforced hard needs one, or target_tools.",
            code="pattern_missing",
        )


def _rule(row: RuleRow) -> Rule:
    return Rule.model_validate(row, from_attributes=True)
