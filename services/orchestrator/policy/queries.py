"""SQL of policies."""

from typing import Any
from uuid import UUID

from services.kit.db import Connection, Scalar, Statement

# Changes of skills and rules wait for each other: each version then has all that came before it.
_LOCK = Scalar(object, "SELECT pg_advisory_xact_lock(hashtext('nova.policies'))")
_PUBLISH = Statement(
    """
    WITH superseded AS (
        UPDATE policies SET superseded_at = clock_timestamp() WHERE superseded_at IS NULL)
    INSERT INTO policies (content) SELECT jsonb_build_object(
        'skills', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', id, 'name', name, 'content', content,
                'scope', scope, 'parameters', parameters, 'priority', priority,
                'pod_ids', ARRAY(SELECT pod_id FROM skill_targets
                    WHERE skill_id = skills.id AND pod_id IS NOT NULL),
                'agent_ids', ARRAY(SELECT coalesce(agent_id, pod_agent_id) FROM skill_targets
                    WHERE skill_id = skills.id AND pod_id IS NULL)
                ) ORDER BY priority DESC, name, id)
            FROM skills WHERE enabled), '[]'),
        'rules', coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', id, 'name', name, 'rule_text', rule_text,
                'enforcement', enforcement, 'pattern', pattern, 'detector', detector,
                'target_tools', target_tools, 'action', action, 'scope', scope,
                'severity', severity,
                'pod_ids', ARRAY(SELECT pod_id FROM rule_targets
                    WHERE rule_id = rules.id AND pod_id IS NOT NULL),
                'agent_ids', ARRAY(SELECT coalesce(agent_id, pod_agent_id) FROM rule_targets
                    WHERE rule_id = rules.id AND pod_id IS NULL)
                ) ORDER BY name, id)
            FROM rules WHERE enabled), '[]'))
    """
)
# An hour's grace: a claim that is just being made may still name a version that was current.
_DELETE_UNUSED = Statement(
    """
    DELETE FROM policies WHERE superseded_at < clock_timestamp() - interval '1 hour'
        AND NOT EXISTS (SELECT FROM tasks WHERE tasks.policy_version = policies.version)
    """
)
_CURRENT_VERSION = Scalar(int, "SELECT max(version) FROM policies")
_FIND = Scalar(object, "SELECT content FROM policies WHERE version = $1")


async def lock(connection: Connection) -> None:
    await _LOCK.get(connection)


async def publish(connection: Connection) -> None:
    """Make what is enabled now the newest version; versions that no task names any more go."""
    await _PUBLISH.run(connection)
    await _DELETE_UNUSED.run(connection)


async def current_version(connection: Connection) -> int | None:
    return await _CURRENT_VERSION.get(connection)


async def find(connection: Connection, version: int) -> Any | None:
    return await _FIND.get(connection, version)


_HAS_FINDING = Scalar(bool, "SELECT EXISTS (SELECT FROM guardrail_findings WHERE id = $1) AS there")
_INSERT_FINDING = Statement(
    """
    INSERT INTO guardrail_findings
        (id, task_id, stage, category, severity, title, evidence, scanner)
    VALUES ($1, $2, $3, 'skill', $4, $5, '', 'skills') ON CONFLICT (id) DO NOTHING
    """
)


async def has_finding(connection: Connection, finding_id: UUID) -> bool:
    return await _HAS_FINDING.one(connection, finding_id)


async def insert_finding(
    connection: Connection,
    finding_id: UUID,
    *,
    task_id: UUID,
    stage: str,
    severity: str,
    title: str,
) -> None:
    await _INSERT_FINDING.run(connection, finding_id, task_id, stage, severity, title)
