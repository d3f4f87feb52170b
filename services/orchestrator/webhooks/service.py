"""What an administrator can do with webhooks; deliveries are reception.py's."""

import secrets
from uuid import UUID

from contracts.triggers import (
    CreatedWebhook,
    CreateWebhookRequest,
    Webhook,
    WebhookDelivery,
    WebhookPatch,
)
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.encryption import NotDecryptable
from services.kit.errors import Invalid, NotFound
from services.kit.ids import new_id
from services.orchestrator.audit.service import record
from services.orchestrator.patches import given_fields, patched
from services.orchestrator.pods.routing.service import check_pod_name
from services.orchestrator.webhooks import queries
from services.orchestrator.webhooks.queries import WebhookRow
from services.orchestrator.webhooks.sealed_secrets import SealedSecrets
from services.orchestrator.webhooks.template import check_template

HOOKS_PATH = "/api/v1/hooks"
_PREFIX = "whsec_"
_SECRET_BYTES = 32


async def list_webhooks(
    connection: Connection, *, sealed: SealedSecrets, limit: int, offset: int
) -> tuple[list[Webhook], int]:
    """One page, newest first, and how many webhooks there are."""
    rows = await queries.list_webhooks(connection, limit=limit, offset=offset)
    shown = [_webhook(row, sealed) for row in rows]
    return shown, await queries.count_webhooks(connection)


async def get_webhook(
    connection: Connection, webhook_id: UUID, *, sealed: SealedSecrets
) -> Webhook:
    row = await queries.find_webhook(connection, webhook_id)
    if row is None:
        raise _unknown(webhook_id)
    return _webhook(row, sealed)


async def create_webhook(
    connection: Connection,
    request: CreateWebhookRequest,
    *,
    sealed: SealedSecrets,
    actor: Principal,
) -> CreatedWebhook:
    """The new webhook with its secret, which is known to the caller alone from then on."""
    await _check(connection, request)
    webhook_id = new_id()
    secret = _new_secret()
    row = await queries.insert_webhook(
        connection,
        webhook_id,
        webhook=request,
        sealed_secret=sealed.seal(webhook_id, secret),
    )
    await _record(connection, row.id, action="webhook.created", name=row.name, actor=actor)
    return CreatedWebhook(**dict(_webhook(row, sealed)), secret=secret)


async def rotate_secret(
    connection: Connection, webhook_id: UUID, *, sealed: SealedSecrets, actor: Principal
) -> CreatedWebhook:
    """A new secret; the old one is worth nothing from now on."""
    secret = _new_secret()
    sealed_secret = sealed.seal(webhook_id, secret)
    row = await queries.set_secret(connection, webhook_id, sealed_secret=sealed_secret)
    if row is None:
        raise _unknown(webhook_id)
    await _record(connection, row.id, action="webhook.rotated", name=row.name, actor=actor)
    return CreatedWebhook(**dict(_webhook(row, sealed)), secret=secret)


async def update_webhook(
    connection: Connection,
    webhook_id: UUID,
    *,
    patch: WebhookPatch,
    sealed: SealedSecrets,
    actor: Principal,
) -> Webhook:
    current = await queries.lock_webhook(connection, webhook_id)
    if current is None:
        raise _unknown(webhook_id)
    fields = CreateWebhookRequest.model_fields
    values = {name: getattr(current, name) for name in fields}
    webhook = patched(CreateWebhookRequest, values, patch=patch)
    await _check(connection, webhook)
    row = await queries.update_webhook(connection, webhook_id, webhook=webhook)
    await record(
        connection,
        actor=actor,
        action="webhook.updated",
        subject_kind="webhook",
        subject_id=webhook_id,
        detail={"name": row.name, "changed": given_fields(patch)},
    )
    return _webhook(row, sealed)


async def delete_webhook(connection: Connection, webhook_id: UUID, *, actor: Principal) -> None:
    """The tasks that it has started stay."""
    name = await queries.delete_webhook(connection, webhook_id)
    if name is None:
        raise _unknown(webhook_id)
    await _record(connection, webhook_id, action="webhook.deleted", name=name, actor=actor)


async def list_deliveries(
    connection: Connection, webhook_id: UUID, *, limit: int, offset: int
) -> tuple[list[WebhookDelivery], int]:
    """One page, the latest first, and how many are known."""
    if await queries.find_webhook(connection, webhook_id) is None:
        raise _unknown(webhook_id)
    rows = await queries.list_deliveries(connection, webhook_id, limit=limit, offset=offset)
    shown = [WebhookDelivery.model_validate(row, from_attributes=True) for row in rows]
    return shown, await queries.count_deliveries(connection, webhook_id)


async def _check(connection: Connection, webhook: CreateWebhookRequest) -> None:
    if not webhook.name.strip():
        raise Invalid("name: it must not be blank.")
    if not webhook.template.strip():
        raise Invalid("template: it must not be blank.")
    check_template(webhook.template)
    await check_pod_name(connection, webhook.pod_name)


async def _record(
    connection: Connection, webhook_id: UUID, *, action: str, name: str, actor: Principal
) -> None:
    await record(
        connection,
        actor=actor,
        action=action,
        subject_kind="webhook",
        subject_id=webhook_id,
        detail={"name": name},
    )


def _new_secret() -> str:
    return _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def _webhook(row: WebhookRow, sealed: SealedSecrets) -> Webhook:
    error = row.last_error
    try:
        sealed.check(row.id, row.sealed_secret)
    except NotDecryptable as problem:
        error = f"The secret can't be read, so no delivery is accepted; rotate it. {problem}"
    return Webhook(
        id=row.id,
        name=row.name,
        enabled=row.enabled,
        path=f"{HOOKS_PATH}/{row.id}",
        scheme=row.scheme,
        template=row.template,
        pod_name=row.pod_name,
        metadata=row.metadata,
        goal_id=row.goal_id,
        last_delivery_at=row.last_delivery_at,
        last_error=error,
        secret_set_at=row.secret_set_at,
        created_at=row.created_at,
    )


def _unknown(webhook_id: UUID) -> NotFound:
    return NotFound(f"There is no webhook {webhook_id}.", code="unknown_webhook")
