"""Calls through llm-translate, for providers whose wire format is not OpenAI's."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import suppress

import orjson

from contracts.translate import CHAT_PATH, EMBEDDINGS_PATH, TranslateCode, TranslateRequest
from services.kit.errors import NovaError
from services.kit.service_tokens import SERVICE_HEADER, service_token
from services.llm_gateway.errors import ProviderDown, Untranslatable, UpstreamError
from services.llm_gateway.providers.base import Endpoint, JsonDict
from services.llm_gateway.upstream.session import Upstream

TranslatedProvider = str
"""LiteLLM's name for a provider."""

TRANSLATED_SLUGS = frozenset({"anthropic", "claude-max", "gemini", "ollama"})
"""The providers that call it."""

_NAME = "llm-translate"
_PATHS = {"/chat": CHAT_PATH, "/chat/stream": CHAT_PATH, "/embed": EMBEDDINGS_PATH}
_PROVIDER_STATUS = re.compile(r"provider_(\d{3})")
_STARTING = frozenset({"starting", TranslateCode.STARTING})
_LOST = frozenset({TranslateCode.LOST, TranslateCode.UNREADABLE})
_OWN_REFUSALS = frozenset({"credential_missing", "invalid_service_token"})
_POLL_SECONDS = 0.2
_AHEAD_SECONDS = 120.0
_BAD_REQUEST = 400


class Translator:
    """llm-translate starts with its first caller and takes seconds: calls wait that long for it.

    A call is sent only after it has said that it is ready, so what fails before that was not sent.
    """

    def __init__(self, upstream: Upstream, *, url: str, secret: str, wait_seconds: float) -> None:
        self._upstream = upstream
        self._url = url.rstrip("/")
        self._token = {SERVICE_HEADER: service_token(secret, "llm-gateway")}
        self._wait_seconds = wait_seconds
        self._is_ready = False
        self._asking = asyncio.Lock()

    def call_of(
        self,
        provider: TranslatedProvider,
        *,
        api_base: str,
        api_key: str | None,
        body: JsonDict,
        prefix: str = "",
    ) -> TranslateRequest:
        """`prefix` stands before the model's name in its answer, as in its id."""
        return TranslateRequest(provider, api_base, api_key, orjson.dumps(body), prefix)

    async def start_ahead(self) -> None:
        """Have it started and loaded before its first call."""
        with suppress(ProviderDown):
            await self._until_ready(asyncio.get_running_loop().time() + _AHEAD_SECONDS)

    async def post(self, path: str, call: TranslateRequest) -> bytes:
        """OpenAI's whole answer. `path` is /chat or /embed."""
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        endpoint = self._endpoint(path, call)
        while True:
            await self._until_ready(deadline)
            try:
                return await self._upstream.post(_slug(call), endpoint, call.body)
            except (ProviderDown, UpstreamError) as error:
                await self._not_begun(call, error)

    async def stream(self, path: str, call: TranslateRequest) -> AsyncGenerator[bytes, None]:
        """Each chunk's JSON. `path` is /chat/stream, and the body says that it is a stream."""
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        endpoint, begun = self._endpoint(path, call), False
        while not begun:
            await self._until_ready(deadline)
            events = self._upstream.events(_slug(call), endpoint, call.body)
            try:
                async for data in events:
                    begun = True
                    if data.startswith(b'{"error"'):
                        raise _told(call, data)
                    yield data
                begun = True
            except (ProviderDown, UpstreamError) as error:
                if begun:
                    raise
                await self._not_begun(call, error)
            finally:
                await events.aclose()

    def _endpoint(self, path: str, call: TranslateRequest) -> Endpoint:
        return Endpoint(self._url + _PATHS[path], {**self._token, **call.headers()})

    async def _not_begun(self, call: TranslateRequest, error: ProviderDown | UpstreamError) -> None:
        """Return if the call is to be sent once it is ready; else raise what `error` means."""
        if isinstance(error, ProviderDown) or error.provider_code in _STARTING:
            self._is_ready = False
            await asyncio.sleep(_POLL_SECONDS)
        else:
            meant = _meant(call, error)
            raise meant from (None if meant is error else error)

    async def _until_ready(self, deadline: float) -> None:
        """One caller asks, the others wait with it. Raises ProviderDown at the deadline."""
        if self._is_ready:
            return
        try:
            async with asyncio.timeout_at(deadline), self._asking:
                while not self._is_ready:
                    self._is_ready = await self._says_ready()
                    if not self._is_ready:
                        await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError as error:
            raise ProviderDown(
                "The translation process is not ready yet.",
                code=TranslateCode.STARTING,
                retry_after=5.0,
            ) from error

    async def _says_ready(self) -> bool:
        try:
            answer = await self._upstream.get(_NAME, f"{self._url}/health/ready")
        except (ProviderDown, UpstreamError):
            return False  # refused, or broken off as it becomes itself
        return answer.status < _BAD_REQUEST


def _slug(call: TranslateRequest) -> str:
    return call.provider.removesuffix("_chat")


def _meant(call: TranslateRequest, error: UpstreamError) -> NovaError:
    """What an answer of llm-translate's says of the provider."""
    code, message = error.provider_code or "", error.message
    if code == TranslateCode.UNREACHABLE:
        return ProviderDown(f"{_slug(call)} at {call.api_base}: {message}")
    if code in _LOST:
        return UpstreamError(_slug(call), 0, message, reply_lost=True)
    if code in _OWN_REFUSALS:
        return ProviderDown(f"{_NAME} refuses the gateway: {message}")
    status = _PROVIDER_STATUS.fullmatch(code)
    if status is None and error.provider_status == _BAD_REQUEST:
        return Untranslatable(message, code=code or None)
    if status is None:
        return error
    return UpstreamError(_slug(call), int(status[1]), message, retry_after=error.retry_after)


def _told(call: TranslateRequest, data: bytes) -> NovaError:
    """What the event says that a stream ends with in place of its end mark."""
    failure = orjson.loads(data)["error"]
    told = UpstreamError(_slug(call), 0, failure["message"], provider_code=failure["code"])
    return _meant(call, told)
