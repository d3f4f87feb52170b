"""SQL of webhooks and of what was delivered to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.triggers import CreateWebhookRequest
from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class WebhookRow:
    id: UUID
    name: str
    enabled: bool
    scheme: Literal["nova", "github"]
    template: str
    pod_name: str | None
    metadata: dict[str, Any]
    goal_id: str | None
    sealed_secret: str
    secret_set_at: datetime
    last_delivery_at: datetime | None
    last_error: str | None
    created_at: datetime


_LIST_WEBHOOKS = Query(
    WebhookRow,
    """
    SELECT id, name, enabled, scheme, template, pod_name, metadata, goal_id, sealed_secret,
        secret_set_at, last_delivery_at, last_error, created_at
    FROM webhooks
    ORDER BY created_at DESC, id DESC
    LIMIT $1 OFFSET $2
    """,
)
_COUNT_WEBHOOKS = Scalar(int, "SELECT count(*) FROM webhooks")
_FIND_WEBHOOK = Query(
    WebhookRow,
    """
    SELECT id, name, enabled, scheme, template, pod_name, metadata, goal_id, sealed_secret,
        secret_set_at, last_delivery_at, last_error, created_at
    FROM webhooks
    WHERE id = $1
    """,
)
_LOCK_WEBHOOK = Query(
    WebhookRow,
    """
    SELECT id, name, enabled, scheme, template, pod_name, metadata, goal_id, sealed_secret,
        secret_set_at, last_delivery_at, last_error, created_at
    FROM webhooks
    WHERE id = $1
    FOR UPDATE
    """,
)
_INSERT_WEBHOOK = Query(
    WebhookRow,
    """
    INSERT INTO webhooks (id, sealed_secret, name, enabled, scheme, template, pod_name, metadata,
        goal_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    RETURNING id, name, enabled, scheme, template, pod_name, metadata, goal_id, sealed_secret,
        secret_set_at, last_delivery_at, last_error, created_at
    """,
)
_UPDATE_WEBHOOK = Query(
    WebhookRow,
    """
    UPDATE webhooks
    SET name = $2, enabled = $3, scheme = $4, template = $5, pod_name = $6, metadata = $7,
        goal_id = $8, last_error = NULL
    WHERE id = $1
    RETURNING id, name, enabled, scheme, template, pod_name, metadata, goal_id, sealed_secret,
        secret_set_at, last_delivery_at, last_error, created_at
    """,
)
_SET_SECRET = Query(
    WebhookRow,
    """
    UPDATE webhooks SET sealed_secret = $2, secret_set_at = now()
    WHERE id = $1
    RETURNING id, name, enabled, scheme, template, pod_name, metadata, goal_id, sealed_secret,
        secret_set_at, last_delivery_at, last_error, created_at
    """,
)
_DELETE_WEBHOOK = Scalar(str, "DELETE FROM webhooks WHERE id = $1 RETURNING name")
_NOTE_DELIVERED = Statement(
    "UPDATE webhooks SET last_delivery_at = now(), last_error = NULL WHERE id = $1"
)
_NOTE_ERROR = Statement("UPDATE webhooks SET last_error = $2 WHERE id = $1")
_DATABASE_SECONDS = Scalar(float, "SELECT extract(epoch FROM now())::float8")


def _columns(webhook: CreateWebhookRequest) -> tuple[object, ...]:
    return (
        webhook.name,
        webhook.enabled,
        webhook.scheme,
        webhook.template,
        webhook.pod_name,
        webhook.metadata,
        webhook.goal_id,
    )


async def list_webhooks(connection: Connection, *, limit: int, offset: int) -> list[WebhookRow]:
    return await _LIST_WEBHOOKS.all(connection, limit, offset)


async def count_webhooks(connection: Connection) -> int:
    return await _COUNT_WEBHOOKS.one(connection)


async def find_webhook(connection: Connection, webhook_id: UUID) -> WebhookRow | None:
    return await _FIND_WEBHOOK.first(connection, webhook_id)


async def lock_webhook(connection: Connection, webhook_id: UUID) -> WebhookRow | None:
    return await _LOCK_WEBHOOK.first(connection, webhook_id)


async def insert_webhook(
    connection: Connection, webhook_id: UUID, *, webhook: CreateWebhookRequest, sealed_secret: str
) -> WebhookRow:
    return await _INSERT_WEBHOOK.one(connection, webhook_id, sealed_secret, *_columns(webhook))


async def update_webhook(
    connection: Connection, webhook_id: UUID, *, webhook: CreateWebhookRequest
) -> WebhookRow:
    return await _UPDATE_WEBHOOK.one(connection, webhook_id, *_columns(webhook))


async def set_secret(
    connection: Connection, webhook_id: UUID, *, sealed_secret: str
) -> WebhookRow | None:
    return await _SET_SECRET.first(connection, webhook_id, sealed_secret)


async def delete_webhook(connection: Connection, webhook_id: UUID) -> str | None:
    """The name of the one that was deleted; None if there is none."""
    return await _DELETE_WEBHOOK.get(connection, webhook_id)


async def note_delivered(connection: Connection, webhook_id: UUID) -> None:
    await _NOTE_DELIVERED.run(connection, webhook_id)


async def note_error(connection: Connection, webhook_id: UUID, *, error: str) -> None:
    await _NOTE_ERROR.run(connection, webhook_id, error)


async def database_seconds(connection: Connection) -> float:
    """PostgreSQL's clock, in Unix seconds."""
    return await _DATABASE_SECONDS.one(connection)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    task_id: UUID
    task_status: str | None
    delivery_id: str | None
    received_at: datetime


_LIST_DELIVERIES = Query(
    DeliveryRow,
    """
    SELECT task_id, tasks.status AS task_status, delivery_id, received_at
    FROM webhook_deliveries LEFT JOIN tasks ON tasks.id = webhook_deliveries.task_id
    WHERE webhook_id = $1
    ORDER BY received_at DESC, task_id DESC
    LIMIT $2 OFFSET $3
    """,
)
_COUNT_DELIVERIES = Scalar(int, "SELECT count(*) FROM webhook_deliveries WHERE webhook_id = $1")
_TASK_OF_DELIVERY = Scalar(
    UUID,
    """
    SELECT task_id FROM webhook_deliveries
    WHERE webhook_id = $1 AND (signature = $2 OR delivery_id = $3)
    ORDER BY signature = $2 DESC
    LIMIT 1
    """,
)
_INSERT_DELIVERY = Statement(
    """
    INSERT INTO webhook_deliveries (webhook_id, signature, delivery_id, task_id)
    VALUES ($1, $2, $3, $4)
    """
)
_FORGET_OLD_DELIVERIES = Statement(
    """
    DELETE FROM webhook_deliveries
    WHERE webhook_id = $1 AND received_at < now() - $2 * interval '1 day'
    """
)


async def list_deliveries(
    connection: Connection, webhook_id: UUID, *, limit: int, offset: int
) -> list[DeliveryRow]:
    return await _LIST_DELIVERIES.all(connection, webhook_id, limit, offset)


async def count_deliveries(connection: Connection, webhook_id: UUID) -> int:
    return await _COUNT_DELIVERIES.one(connection, webhook_id)


async def task_of_delivery(
    connection: Connection, webhook_id: UUID, *, signature: bytes, delivery_id: str | None
) -> UUID | None:
    """The task that the same delivery has started before."""
    return await _TASK_OF_DELIVERY.get(connection, webhook_id, signature, delivery_id)


async def insert_delivery(
    connection: Connection,
    webhook_id: UUID,
    *,
    signature: bytes,
    delivery_id: str | None,
    task_id: UUID,
) -> None:
    await _INSERT_DELIVERY.run(connection, webhook_id, signature, delivery_id, task_id)


async def forget_old_deliveries(connection: Connection, webhook_id: UUID, *, days: int) -> None:
    await _FORGET_OLD_DELIVERIES.run(connection, webhook_id, days)
