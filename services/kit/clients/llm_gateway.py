"""llm-gateway as its peers see it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID

import orjson
from pydantic import ValidationError

from contracts.llm import (
    CompleteRequest,
    EmbedRequest,
    EmbedResponse,
    ModelInfo,
    ResolvedModel,
    ResolveRequest,
    StreamChunk,
    StreamError,
)
from services.kit.events import ServerSentEvent, read_sse
from services.kit.http import Peer, PeerDown, PeerError, on_behalf

_BAD_GATEWAY = 502
_DRAIN_SECONDS = 0.2


class LlmGatewayClient:
    """Every call raises PeerError or PeerDown."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def stream(
        self,
        request: CompleteRequest,
        *,
        key_id: UUID | None = None,
        task_id: UUID | None = None,
        step_id: str | None = None,
    ) -> AsyncGenerator[StreamChunk, None]:
        """The answer piece by piece; ends well only after [DONE], else raises."""
        headers = on_behalf(key_id=key_id, task_id=task_id, step_id=step_id)
        async with self._peer.stream("POST", "/stream", body=request, headers=headers) as (_, body):
            events = read_sse(body)
            async for event in events:
                if event.data == "[DONE]":
                    await _drain(events)
                    return
                yield _chunk(event.data)
        raise PeerDown("llm-gateway's stream ended before its end.", code="stream_cut")

    async def embed(self, request: EmbedRequest) -> EmbedResponse:
        return await self._peer.call("POST", "/embed", answer=EmbedResponse, body=request)

    async def resolve(self, model: str = "auto") -> ResolvedModel:
        """What `model` means now, and how much it takes."""
        path = f"/v1/models/resolve?{urlencode({'model': model})}"
        return await self._peer.call("GET", path, answer=ResolvedModel)

    async def resolve_for(
        self, request: ResolveRequest, *, key_id: UUID | None = None, task_id: UUID | None = None
    ) -> ResolvedModel:
        """The same for a request with that text, whose category may decide it."""
        return await self._peer.call(
            "POST",
            "/v1/models/resolve",
            answer=ResolvedModel,
            body=request,
            headers=on_behalf(key_id=key_id, task_id=task_id),
        )

    async def models(self) -> list[ModelInfo]:
        return await self._peer.call("GET", "/models", answer=list[ModelInfo])


async def _drain(events: AsyncIterator[ServerSentEvent]) -> None:
    """Read to the answer's end, which is right behind: only then can its connection serve again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in events:
                pass


def _chunk(data: str) -> StreamChunk:
    try:
        content = orjson.loads(data)
        if content.get("type") == "error":
            error = StreamError.model_validate(content)
            raise PeerError(
                error.detail, peer_status=_BAD_GATEWAY, code=error.code, facts=error.facts
            )
        return StreamChunk.model_validate(content)
    except (orjson.JSONDecodeError, ValidationError) as error:
        detail = "llm-gateway sent a chunk that does not fit the contract."
        raise PeerError(detail, peer_status=_BAD_GATEWAY, code="bad_answer") from error
