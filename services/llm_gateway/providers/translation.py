"""Calls through llm-translate, for providers whose wire format is not OpenAI's."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from typing import Literal

import orjson

from contracts.translate import TranslateAnswer, TranslateRequest
from services.kit.errors import DependencyDown
from services.kit.events import read_sse
from services.kit.http import Peer, PeerDown, PeerError
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import JsonDict

_PROVIDER_STATUS = re.compile(r"provider_(\d{1,3})")
_POLL_SECONDS = 0.2

TranslatedProvider = Literal["anthropic", "ollama_chat", "ollama"]


class Translator:
    """llm-translate starts with its first caller and takes seconds: calls wait that long for it."""

    def __init__(self, peer: Peer, *, wait_seconds: float) -> None:
        self._peer = peer
        self._wait_seconds = wait_seconds

    def call_of(
        self, provider: TranslatedProvider, *, api_base: str, api_key: str | None, body: JsonDict
    ) -> TranslateRequest:
        return TranslateRequest(
            provider=provider,
            model=str(body["model"]),
            api_base=api_base,
            api_key=api_key,
            body=orjson.dumps(body).decode(),
        )

    async def post(self, path: str, call: TranslateRequest) -> bytes:
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                answer = await self._peer.call(
                    "POST", path, answer=TranslateAnswer, body=call, read_seconds=600
                )
            except PeerDown as error:
                if not error.never_sent:
                    raise _lost(call, error) from error
                await _wait(error, deadline)
            except PeerError as error:
                raise _upstream(call, error) from error
            else:
                return answer.body.encode()

    async def stream(self, path: str, call: TranslateRequest) -> AsyncGenerator[bytes, None]:
        deadline = time.monotonic() + self._wait_seconds
        begun = False
        while True:
            try:
                async with self._peer.stream("POST", path, body=call) as (_, chunks):
                    async for event in read_sse(chunks):
                        if event.data == "[DONE]":
                            return
                        data = event.data.encode()
                        if data.startswith(b'{"failure"'):
                            failure = orjson.loads(data)["failure"]
                            raise UpstreamError(
                                call.provider, failure["status"], failure["message"]
                            )
                        begun = True
                        yield data
                reason = "the stream ended before its end mark"
                raise UpstreamError(call.provider, 0, reason, reply_lost=True)
            except PeerDown as error:
                if begun or not error.never_sent:
                    raise _lost(call, error) from error
                await _wait(error, deadline)
            except PeerError as error:
                raise _upstream(call, error) from error


async def _wait(error: DependencyDown, deadline: float) -> None:
    """Sleep before the next try, or give up."""
    if time.monotonic() >= deadline:
        detail = f"The translation process is not ready yet: {error.detail}"
        raise ProviderDown(detail, code="translation_starting", retry_after=5.0) from error
    await asyncio.sleep(_POLL_SECONDS)


def _lost(call: TranslateRequest, error: PeerDown) -> UpstreamError:
    return UpstreamError(call.provider, 0, error.detail, reply_lost=True)


def _upstream(call: TranslateRequest, error: PeerError) -> UpstreamError | ProviderDown:
    if error.code == "provider_unreachable":
        return ProviderDown(error.detail)
    status = _PROVIDER_STATUS.fullmatch(error.code or "")
    name = call.provider.removesuffix("_chat")
    return UpstreamError(
        name, int(status[1]) if status else 0, error.detail, retry_after=error.retry_after
    )
