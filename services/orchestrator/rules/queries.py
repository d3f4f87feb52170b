"""SQL of rules."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.rules import CreateRuleRequest, Enforcement, RuleAction, Severity
from contracts.skills import Scope
from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class RuleRow:
    id: UUID
    name: str
    description: str
    rule_text: str
    enforcement: Enforcement
    pattern: str | None
    detector: str | None
    target_tools: list[str]
    action: RuleAction
    scope: Scope
    pod_ids: list[UUID]
    agent_ids: list[UUID]
    severity: Severity
    enabled: bool
    is_system: bool
    created_at: datetime
    updated_at: datetime


_SELECT = """
    SELECT id, name, description, rule_text, enforcement, pattern, detector, target_tools, action,
        scope, severity, enabled, is_system,
        ARRAY(SELECT pod_id FROM rule_targets WHERE rule_id = rules.id AND pod_id IS NOT NULL
            ORDER BY 1) AS pod_ids,
        ARRAY(SELECT coalesce(agent_id, pod_agent_id) FROM rule_targets
            WHERE rule_id = rules.id AND pod_id IS NULL ORDER BY 1) AS agent_ids,
        created_at, updated_at
    FROM rules
    """
_LIST_RULES = Query(RuleRow, _SELECT + "ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2")
_FIND_RULE = Query(RuleRow, _SELECT + "WHERE id = $1")
_COUNT_RULES = Scalar(int, "SELECT count(*) FROM rules")
_COUNT_RULES_AMONG = Scalar(int, "SELECT count(*) FROM rules WHERE id = ANY($1)")
_INSERT_RULE = Statement(
    """
    INSERT INTO rules (id, name, description, rule_text, enforcement, pattern, target_tools,
        action, scope, severity, enabled)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    """
)
_INSERT_SHIPPED = Statement(
    """
    INSERT INTO rules (id, name, description, rule_text, enforcement, pattern, target_tools,
        action, scope, severity, enabled, detector, is_system)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true)
    ON CONFLICT DO NOTHING
    """
)
_UPDATE_RULE = Statement(
    """
    UPDATE rules SET name = $2, description = $3, rule_text = $4, enforcement = $5, pattern = $6,
        target_tools = $7, action = $8, scope = $9, severity = $10, enabled = $11,
        updated_at = clock_timestamp()
    WHERE id = $1
    """
)
_DELETE_RULE = Statement("DELETE FROM rules WHERE id = $1")
_FORGET_TARGETS = Statement("DELETE FROM rule_targets WHERE rule_id = $1")
_ADD_PODS = Statement(
    """
    INSERT INTO rule_targets (rule_id, pod_id)
    SELECT $1, id FROM pods WHERE id = ANY($2) FOR KEY SHARE
    """
)
_ADD_AGENTS = Statement(
    """
    INSERT INTO rule_targets (rule_id, agent_id)
    SELECT $1, id FROM agents WHERE id = ANY($2) FOR KEY SHARE
    """
)
_ADD_POD_AGENTS = Statement(
    """
    INSERT INTO rule_targets (rule_id, pod_agent_id)
    SELECT $1, id FROM pod_agents WHERE id = ANY($2) FOR KEY SHARE
    """
)


def _columns(name: str, rule: CreateRuleRequest) -> tuple[object, ...]:
    return (
        name,
        rule.description,
        rule.rule_text,
        rule.enforcement,
        rule.pattern,
        rule.target_tools,
        rule.action,
        rule.scope,
        rule.severity,
        rule.enabled,
    )


async def list_rules(connection: Connection, *, limit: int, offset: int) -> list[RuleRow]:
    return await _LIST_RULES.all(connection, limit, offset)


async def count_rules(connection: Connection) -> int:
    return await _COUNT_RULES.one(connection)


async def count_rules_among(connection: Connection, rule_ids: list[UUID]) -> int:
    return await _COUNT_RULES_AMONG.one(connection, rule_ids)


async def find_rule(connection: Connection, rule_id: UUID) -> RuleRow | None:
    return await _FIND_RULE.first(connection, rule_id)


async def insert_rule(
    connection: Connection, rule_id: UUID, *, name: str, rule: CreateRuleRequest
) -> None:
    """Raises asyncpg.UniqueViolationError when another rule has that name."""
    await _INSERT_RULE.run(connection, rule_id, *_columns(name, rule))


async def insert_shipped(
    connection: Connection, rule_id: UUID, *, name: str, detector: str, rule: CreateRuleRequest
) -> bool:
    """False if the id or the name is taken."""
    return await _INSERT_SHIPPED.run(connection, rule_id, *_columns(name, rule), detector) == 1


async def update_rule(
    connection: Connection, rule_id: UUID, *, name: str, rule: CreateRuleRequest
) -> None:
    """Raises asyncpg.UniqueViolationError when another rule has that name."""
    await _UPDATE_RULE.run(connection, rule_id, *_columns(name, rule))


async def delete_rule(connection: Connection, rule_id: UUID) -> None:
    await _DELETE_RULE.run(connection, rule_id)


async def set_targets(
    connection: Connection, rule_id: UUID, *, pod_ids: list[UUID], agent_ids: list[UUID]
) -> tuple[int, int]:
    """Replace them; how many of the pods and of the agents there are."""
    await _FORGET_TARGETS.run(connection, rule_id)
    pods = await _ADD_PODS.run(connection, rule_id, pod_ids)
    agents = await _ADD_AGENTS.run(connection, rule_id, agent_ids)
    return pods, agents + await _ADD_POD_AGENTS.run(connection, rule_id, agent_ids)


_INSERT_FINDING = Statement(
    """
    INSERT INTO guardrail_findings
        (id, task_id, stage, category, severity, title, evidence, scanner)
    VALUES ($1, $2, $3, 'rule', $4, $5, $6, 'rule:' || $7::text) ON CONFLICT (id) DO NOTHING
    """
)


async def insert_finding(
    connection: Connection,
    finding_id: UUID,
    *,
    task_id: UUID,
    stage: str,
    severity: Severity,
    title: str,
    evidence: str,
    rule: str,
) -> None:
    await _INSERT_FINDING.run(
        connection, finding_id, task_id, stage, severity, title, evidence, rule
    )
