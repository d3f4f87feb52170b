"""SQL of pods and of the agents in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.pods import CreatePodRequest
from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class PodRow:
    id: UUID
    name: str
    description: str
    enabled: bool
    default_model: str
    max_cost_usd: float | None
    max_execution_seconds: int
    max_concurrent_tasks: int | None
    daily_budget_usd: float | None
    require_human_review: Literal["always", "never", "on_escalation"]
    escalation_threshold: Literal["low", "medium", "high", "critical"]
    routing_keywords: list[str]
    routing_regex: str | None
    priority: int
    fallback_pod_id: UUID | None
    sandbox: Literal["isolated", "nova", "workspace", "host"]
    is_system_default: bool
    is_default: bool
    metadata: dict[str, Any]
    created_at: datetime


_LIST_PODS = Query(
    PodRow,
    """
    SELECT id, name, description, enabled, default_model, max_cost_usd::float8 AS max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd::float8 AS daily_budget_usd,
        require_human_review, escalation_threshold, routing_keywords, routing_regex, priority,
        fallback_pod_id, sandbox, is_system_default, is_default, metadata, created_at
    FROM pods
    ORDER BY created_at DESC, id DESC
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_PODS = Scalar(int, "SELECT count(*) FROM pods")
_FIND_POD = Query(
    PodRow,
    """
    SELECT id, name, description, enabled, default_model, max_cost_usd::float8 AS max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd::float8 AS daily_budget_usd,
        require_human_review, escalation_threshold, routing_keywords, routing_regex, priority,
        fallback_pod_id, sandbox, is_system_default, is_default, metadata, created_at
    FROM pods
    WHERE id = $1
    """,
)
_LOCK_POD = Query(
    PodRow,
    """
    SELECT id, name, description, enabled, default_model, max_cost_usd::float8 AS max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd::float8 AS daily_budget_usd,
        require_human_review, escalation_threshold, routing_keywords, routing_regex, priority,
        fallback_pod_id, sandbox, is_system_default, is_default, metadata, created_at
    FROM pods
    WHERE id = $1
    FOR UPDATE
    """,
)
_INSERT_POD = Query(
    PodRow,
    """
    INSERT INTO pods (id, name, description, enabled, default_model, max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd, require_human_review,
        escalation_threshold, routing_keywords, routing_regex, priority, fallback_pod_id, sandbox,
        metadata, is_system_default, is_default)
    VALUES ($1, $2, $3, $4, $5, $6::float8::numeric, $7, $8, $9::float8::numeric, $10, $11, $12,
        $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT DO NOTHING
    RETURNING id, name, description, enabled, default_model, max_cost_usd::float8 AS max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd::float8 AS daily_budget_usd,
        require_human_review, escalation_threshold, routing_keywords, routing_regex, priority,
        fallback_pod_id, sandbox, is_system_default, is_default, metadata, created_at
    """,
)
_UPDATE_POD = Query(
    PodRow,
    """
    UPDATE pods
    SET name = $2, description = $3, enabled = $4, default_model = $5,
        max_cost_usd = $6::float8::numeric, max_execution_seconds = $7, max_concurrent_tasks = $8,
        daily_budget_usd = $9::float8::numeric, require_human_review = $10,
        escalation_threshold = $11, routing_keywords = $12, routing_regex = $13, priority = $14,
        fallback_pod_id = $15, sandbox = $16, metadata = $17
    WHERE id = $1
    RETURNING id, name, description, enabled, default_model, max_cost_usd::float8 AS max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd::float8 AS daily_budget_usd,
        require_human_review, escalation_threshold, routing_keywords, routing_regex, priority,
        fallback_pod_id, sandbox, is_system_default, is_default, metadata, created_at
    """,
)
_DELETE_POD = Statement("DELETE FROM pods WHERE id = $1")
_COUNT_UNFINISHED_TASKS = Scalar(
    int,
    """
    SELECT count(*)
    FROM tasks
    WHERE pod_id = $1 AND status NOT IN ('complete', 'failed', 'cancelled')
    """,
)
# One at a time, so that two changes can't close a loop together.
_LOCK_FALLBACKS = Scalar(object, "SELECT pg_advisory_xact_lock(hashtext('nova.pods.fallback'))")
_FALLBACK_CHAIN = Scalar(
    UUID,
    """
    WITH RECURSIVE chain AS (
        SELECT id, fallback_pod_id FROM pods WHERE id = $1
        UNION
        SELECT pods.id, pods.fallback_pod_id
        FROM pods JOIN chain ON pods.id = chain.fallback_pod_id
    )
    SELECT id FROM chain
    """,
)


def _columns(pod: CreatePodRequest) -> tuple[object, ...]:
    return (
        pod.name,
        pod.description,
        pod.enabled,
        pod.default_model,
        pod.max_cost_usd,
        pod.max_execution_seconds,
        pod.max_concurrent_tasks,
        pod.daily_budget_usd,
        pod.require_human_review,
        pod.escalation_threshold,
        pod.routing_keywords,
        pod.routing_regex,
        pod.priority,
        pod.fallback_pod_id,
        pod.sandbox,
        pod.metadata,
    )


async def list_pods(connection: Connection, *, limit: int, offset: int) -> list[PodRow]:
    return await _LIST_PODS.all(connection, limit, offset)


async def count_pods(connection: Connection) -> int:
    return await _COUNT_PODS.one(connection)


async def find_pod(connection: Connection, pod_id: UUID) -> PodRow | None:
    return await _FIND_POD.first(connection, pod_id)


async def lock_pod(connection: Connection, pod_id: UUID) -> PodRow | None:
    """The pod, held against every other change until the transaction ends."""
    return await _LOCK_POD.first(connection, pod_id)


async def insert_pod(
    connection: Connection,
    pod_id: UUID,
    *,
    pod: CreatePodRequest,
    is_system_default: bool = False,
    is_default: bool = False,
) -> PodRow | None:
    """The new pod; None if the id or the name is taken, or there is a default pod already."""
    return await _INSERT_POD.first(
        connection, pod_id, *_columns(pod), is_system_default, is_default
    )


async def update_pod(connection: Connection, pod_id: UUID, *, pod: CreatePodRequest) -> PodRow:
    """Raises asyncpg.UniqueViolationError when another pod has that name."""
    return await _UPDATE_POD.one(connection, pod_id, *_columns(pod))


async def delete_pod(connection: Connection, pod_id: UUID) -> None:
    await _DELETE_POD.run(connection, pod_id)


async def count_unfinished_tasks(connection: Connection, pod_id: UUID) -> int:
    return await _COUNT_UNFINISHED_TASKS.one(connection, pod_id)


async def fallback_chain(connection: Connection, pod_id: UUID) -> list[UUID]:
    """The pod and whatever it falls back to, in turn; held against other changes of fallbacks."""
    await _LOCK_FALLBACKS.get(connection)
    return await _FALLBACK_CHAIN.all(connection, pod_id)
