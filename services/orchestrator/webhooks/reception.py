"""Takes deliveries: checks the signature, knows a repeated one, submits the task.

Who can't sign learns nothing: an unknown webhook, a wrong signature and a secret that can't be read
get the same answer after the same work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.orchestrator import PipelineSubmitRequest
from contracts.triggers import HookAnswer
from services.kit.db import Connection, Database
from services.kit.errors import DependencyDown, Invalid, NovaError, Unauthenticated, WrongState
from services.orchestrator.audit.service import SYSTEM, record
from services.orchestrator.pipeline.tasks import service as pipeline
from services.orchestrator.pods.routing.service import route_pod
from services.orchestrator.webhooks import queries
from services.orchestrator.webhooks.payload import read_payload
from services.orchestrator.webhooks.queries import WebhookRow
from services.orchestrator.webhooks.sealed_secrets import SealedSecrets
from services.orchestrator.webhooks.signatures import GITHUB_HEADER, NOVA_HEADER, read_claim, verify
from services.orchestrator.webhooks.template import fill

_DELIVERY_HEADERS = {"nova": "X-Nova-Delivery", "github": "X-GitHub-Delivery"}
_EVENT_HEADER = "X-GitHub-Event"
_LONGEST_DELIVERY_ID = 200
# GitHub's signatures carry no time: a replay is known only for as long as its delivery is.
_DAYS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request to a webhook; `address` is the peer's own."""

    webhook_id: UUID
    headers: Mapping[str, str]
    body: bytes
    address: str


class Reception:
    """Made for each delivery; what it remembers is in `secrets`, one per process."""

    def __init__(self, database: Database, secrets: SealedSecrets) -> None:
        self._database = database
        self._secrets = secrets

    async def receive(self, delivery: Delivery) -> HookAnswer:
        """Submit the delivery's task, or name the one that the same delivery made before.

        Raises Unauthenticated (LimitExceeded to who guesses), WrongState for a disabled webhook or
        pod, and what read_payload and fill raise.
        """
        webhook, signature = await self._authenticated(delivery)
        if not webhook.enabled:
            raise _disabled(webhook)
        if webhook.scheme == "github" and delivery.headers.get(_EVENT_HEADER) == "ping":
            return HookAnswer(task_id=None)
        try:
            return await self._submit(webhook, delivery, signature)
        except DependencyDown:
            raise
        except NovaError as error:
            async with self._database.transaction() as connection:
                await queries.note_error(connection, webhook.id, error=error.detail)
            raise

    async def _authenticated(self, delivery: Delivery) -> tuple[WebhookRow, bytes]:
        async with self._database.connection() as connection:
            now = await queries.database_seconds(connection)
            webhook = await queries.find_webhook(connection, delivery.webhook_id)
        claim = read_claim(delivery.headers, now=now)
        sealed = webhook.sealed_secret if webhook else None
        secret = self._secrets.open(delivery.webhook_id, sealed)
        signature = verify(secret or "", delivery.body, claim=claim)
        if webhook and secret and signature and webhook.scheme == claim.scheme:
            return webhook, signature
        guess = f"{delivery.webhook_id} {claim.timestamp} {claim.signatures}"
        self._secrets.guesses.count(delivery.address, guess)
        raise Unauthenticated(
            f"There is no such webhook, or the signature ({NOVA_HEADER} or {GITHUB_HEADER}) is not"
            " that of its secret over this body.",
            code="wrong_signature",
        )

    async def _submit(
        self, webhook: WebhookRow, delivery: Delivery, signature: bytes
    ) -> HookAnswer:
        delivery_id = _delivery_id(webhook, delivery)
        content_type = delivery.headers.get("Content-Type", "")
        payload = read_payload(delivery.body, content_type=content_type)
        async with self._database.transaction() as connection:
            # Held: the deliveries of one webhook take turns, so that a repeated one finds the first.
            held = await queries.lock_webhook(connection, webhook.id)
            if held is None or not held.enabled:
                raise _disabled(webhook)
            known = await queries.task_of_delivery(
                connection, held.id, signature=signature, delivery_id=delivery_id
            )
            if known is not None:
                return HookAnswer(task_id=known, duplicate=True)
            task_id = await _start(connection, held, payload, delivery_id=delivery_id)
            await queries.insert_delivery(
                connection, held.id, signature=signature, delivery_id=delivery_id, task_id=task_id
            )
            await queries.note_delivered(connection, held.id)
            await queries.forget_old_deliveries(connection, held.id, days=_DAYS_KEPT)
        return HookAnswer(task_id=task_id)


async def _start(
    connection: Connection, webhook: WebhookRow, payload: Any, *, delivery_id: str | None
) -> UUID:
    trigger = {"kind": "webhook", "id": str(webhook.id), "delivery_id": delivery_id}
    user_input = fill(webhook.template, payload)
    try:
        # By the administrator's words alone: who delivers must not choose the pod.
        pod = await route_pod(connection, webhook.template, pod_name=webhook.pod_name)
        answer = await pipeline.submit(
            connection,
            PipelineSubmitRequest(
                user_input=user_input,
                pod_name=pod.name,
                metadata={**webhook.metadata, "trigger": trigger},
                goal_id=webhook.goal_id,
            ),
            idempotency_key=None,
            actor=SYSTEM,
        )
    except DependencyDown:
        raise
    except NovaError as error:
        raise WrongState(error.detail, code=error.code) from error
    await record(
        connection,
        actor=SYSTEM,
        action="webhook.delivered",
        subject_kind="webhook",
        subject_id=webhook.id,
        detail={"task_id": str(answer.task_id), "delivery_id": delivery_id},
    )
    return answer.task_id


def _delivery_id(webhook: WebhookRow, delivery: Delivery) -> str | None:
    header = _DELIVERY_HEADERS[webhook.scheme]
    delivery_id = delivery.headers.get(header)
    if delivery_id is not None and len(delivery_id) > _LONGEST_DELIVERY_ID:
        raise Invalid(f"{header}: longer than {_LONGEST_DELIVERY_ID} characters.")
    return delivery_id or None


def _disabled(webhook: WebhookRow) -> WrongState:
    return WrongState(f"The webhook {webhook.name!r} is disabled.", code="webhook_disabled")
