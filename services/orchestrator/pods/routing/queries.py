"""SQL that routing needs: what the pods listen to, and a pod held while a task is given to it."""

from dataclasses import dataclass
from uuid import UUID

from services.kit.db import Connection, Query, Scalar
from services.orchestrator.pods.queries import PodRow


@dataclass(frozen=True, slots=True)
class RoutingRow:
    id: UUID
    name: str
    routing_keywords: list[str]
    routing_regex: str | None


_LIST_ROUTES = Query(
    RoutingRow,
    """
    SELECT id, name, routing_keywords, routing_regex
    FROM pods
    WHERE (enabled OR fallback_pod_id IS NOT NULL)
        AND (routing_keywords <> '{}' OR routing_regex IS NOT NULL)
    ORDER BY priority DESC, name
    """,
)
_POD_NAMED = Scalar(UUID, "SELECT id FROM pods WHERE name = $1")
_DEFAULT_POD = Scalar(UUID, "SELECT id FROM pods WHERE is_default")
# Held until the task stands, so that the pod can't be deleted in between.
_HOLD_POD = Query(
    PodRow,
    """
    SELECT id, name, description, enabled, default_model, max_cost_usd::float8 AS max_cost_usd,
        max_execution_seconds, max_concurrent_tasks, daily_budget_usd::float8 AS daily_budget_usd,
        require_human_review, escalation_threshold, routing_keywords, routing_regex, priority,
        fallback_pod_id, sandbox, is_system_default, is_default, metadata, created_at
    FROM pods
    WHERE id = $1
    FOR KEY SHARE
    """,
)


async def list_routes(connection: Connection) -> list[RoutingRow]:
    """The pods that listen to something, the most important first; disabled ones if others stand in."""
    return await _LIST_ROUTES.all(connection)


async def pod_named(connection: Connection, name: str) -> UUID | None:
    return await _POD_NAMED.get(connection, name)


async def default_pod(connection: Connection) -> UUID | None:
    return await _DEFAULT_POD.get(connection)


async def hold_pod(connection: Connection, pod_id: UUID) -> PodRow | None:
    """The pod; None if it is gone by now."""
    return await _HOLD_POD.first(connection, pod_id)
