"""The orchestrator as chat-api sees it: chat on behalf of a person, with that person's credential."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.administration import KeyValidation
from contracts.chat import ChatRequest, ChatSessionDetail
from contracts.events import DeltaEvent, StreamEvent, TypedEvent
from contracts.health import Readiness
from contracts.orchestrator import CancelAnswer
from services.kit.events import ServerSentEvent, read_sse
from services.kit.http import Peer, PeerDown, PeerError

_BAD_GATEWAY = 502
_TYPED: TypeAdapter[TypedEvent] = TypeAdapter(TypedEvent)

Credential = Mapping[str, str]
"""The headers that say who asks; empty where REQUIRE_AUTH=false lets anybody in."""


@dataclass(frozen=True, slots=True)
class SubmittedTurn:
    """A turn that the orchestrator has stored."""

    task_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event with its place in the session."""

    id: int
    event: StreamEvent


class OrchestratorClient:
    """Every call raises PeerError or PeerDown."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def readiness(self) -> Readiness:
        return await self._peer.call("GET", "/health/ready", answer=Readiness, read_seconds=5)

    async def validate(self, credential: Credential) -> KeyValidation:
        """Who the credential belongs to; PeerError with status 401 if it is worth nothing."""
        return await self._peer.call(
            "GET", "/api/v1/keys/validate", answer=KeyValidation, headers=credential
        )

    async def submit(
        self, request: ChatRequest, credential: Credential, *, idempotency_key: str
    ) -> SubmittedTurn:
        """Stores the turn, which then runs whether it is read or not. May be repeated."""
        headers = {**credential, "Idempotency-Key": idempotency_key}
        async with self._peer.stream(
            "POST", "/api/v1/chat/stream", body=request, headers=headers
        ) as (answered, _):
            try:
                return SubmittedTurn(UUID(answered["X-Task-Id"]), UUID(answered["X-Session-Id"]))
            except (KeyError, ValueError) as error:
                raise _unfit("an answer without the turn's ids") from error

    def session_events(
        self, session_id: UUID, credential: Credential, *, after: int
    ) -> AsyncGenerator[NumberedEvent, None]:
        """Every later event of all turns, until none runs or waits."""
        return self._events(f"/api/v1/chat/sessions/{session_id}/events", credential, after=after)

    def task_events(
        self, task_id: UUID, credential: Credential
    ) -> AsyncGenerator[NumberedEvent, None]:
        """The events of one turn from its start to its end."""
        return self._events(f"/api/v1/tasks/{task_id}/events", credential, after=None)

    async def session(self, session_id: UUID, credential: Credential) -> ChatSessionDetail:
        return await self._peer.call(
            "GET",
            f"/api/v1/chat/sessions/{session_id}",
            answer=ChatSessionDetail,
            headers=credential,
        )

    async def cancel(self, task_id: UUID, credential: Credential) -> CancelAnswer:
        return await self._peer.call(
            "POST", f"/api/v1/tasks/{task_id}/cancel", answer=CancelAnswer, headers=credential
        )

    async def _events(
        self, path: str, credential: Credential, *, after: int | None
    ) -> AsyncGenerator[NumberedEvent, None]:
        place = {} if after is None else {"Last-Event-ID": str(after)}
        async with self._peer.stream("GET", path, headers={**credential, **place}) as (_, body):
            async for event in read_sse(body):
                if event.data == "[DONE]":
                    return
                yield _numbered(event)
        raise PeerDown("The orchestrator's stream ended before its end.", code="stream_cut")


def _numbered(event: ServerSentEvent) -> NumberedEvent:
    try:
        content = orjson.loads(event.data)
        parsed = (
            _TYPED.validate_python(content)
            if "type" in content
            else DeltaEvent.model_validate(content)
        )
        return NumberedEvent(int(event.id or ""), parsed)
    except (orjson.JSONDecodeError, ValidationError, ValueError) as error:
        raise _unfit("an event that does not fit the contract") from error


def _unfit(what: str) -> PeerError:
    return PeerError(f"The orchestrator gave {what}.", peer_status=_BAD_GATEWAY, code="bad_answer")
