"""Routes of webhooks: an administrator's, and the public one that deliveries come to."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from contracts.triggers import (
    CreatedWebhook,
    CreateWebhookRequest,
    HookAnswer,
    Webhook,
    WebhookDelivery,
    WebhookPatch,
)
from services.kit.auth import AdminCaller, require_admin
from services.kit.errors import TooLarge
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.pipeline.tasks.service import PIPELINE_QUEUE
from services.orchestrator.webhooks import service
from services.orchestrator.webhooks.reception import Delivery, Reception

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
hooks = APIRouter(prefix=service.HOOKS_PATH, tags=["webhooks"])
_reads = [Depends(require_admin)]
_MAX_BODY = 1024 * 1024


@router.get("", dependencies=_reads)
async def list_webhooks(state: StateDep, page: Page, response: Response) -> list[Webhook]:
    async with state.database.connection() as connection:
        found, total = await service.list_webhooks(
            connection, sealed=state.hook_secrets, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return found


@router.post("", status_code=201)
async def create_webhook(
    state: StateDep, actor: AdminCaller, request: CreateWebhookRequest, response: Response
) -> CreatedWebhook:
    _keep_out_of_caches(response)
    async with state.database.transaction() as connection:
        return await service.create_webhook(
            connection, request, sealed=state.hook_secrets, actor=actor
        )


@router.get("/{webhook_id}", dependencies=_reads)
async def get_webhook(state: StateDep, webhook_id: UUID) -> Webhook:
    async with state.database.connection() as connection:
        return await service.get_webhook(connection, webhook_id, sealed=state.hook_secrets)


@router.patch("/{webhook_id}")
async def update_webhook(
    state: StateDep, actor: AdminCaller, webhook_id: UUID, patch: WebhookPatch
) -> Webhook:
    async with state.database.transaction() as connection:
        return await service.update_webhook(
            connection, webhook_id, patch=patch, sealed=state.hook_secrets, actor=actor
        )


@router.delete("/{webhook_id}", status_code=204)
async def delete_webhook(state: StateDep, actor: AdminCaller, webhook_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_webhook(connection, webhook_id, actor=actor)


@router.post("/{webhook_id}/rotate")
async def rotate_secret(
    state: StateDep, actor: AdminCaller, webhook_id: UUID, response: Response
) -> CreatedWebhook:
    _keep_out_of_caches(response)
    async with state.database.transaction() as connection:
        return await service.rotate_secret(
            connection, webhook_id, sealed=state.hook_secrets, actor=actor
        )


@router.get("/{webhook_id}/deliveries", dependencies=_reads)
async def list_deliveries(
    state: StateDep, webhook_id: UUID, page: Page, response: Response
) -> list[WebhookDelivery]:
    async with state.database.connection() as connection:
        found, total = await service.list_deliveries(
            connection, webhook_id, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return found


@hooks.post("/{webhook_id}", status_code=202)
async def deliver(state: StateDep, webhook_id: UUID, request: Request) -> HookAnswer:
    """Any body up to 1 MiB, signed as CreateWebhookRequest says; no other credential is needed.

    X-Nova-Delivery (or X-GitHub-Delivery) names the delivery: the same name, or the same signature,
    is the same task.
    """
    address = "" if request.client is None else request.client.host
    body = await _body(request)
    answer = await Reception(state.database, state.hook_secrets).receive(
        Delivery(webhook_id, request.headers, body, address)
    )
    if answer.task_id is not None and not answer.duplicate:
        await state.waker.wake(PIPELINE_QUEUE)
    return answer


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > _MAX_BODY:
            raise TooLarge(f"A delivery is over {_MAX_BODY} bytes.")
        parts.append(part)
    return b"".join(parts)


def _keep_out_of_caches(response: Response) -> None:
    # The secret is in the answer this once: nothing on the way may keep it.
    response.headers["Cache-Control"] = "no-store"
