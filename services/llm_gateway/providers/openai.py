"""OpenAI, and any server that speaks its format: requests pass through almost untouched."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import SecretStr

from services.kit.events import read_sse
from services.kit.http import HttpClient
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import (
    JsonDict,
    ProviderState,
    ProviderTraits,
    StateCache,
    first_of,
    is_embedding_model,
)
from services.llm_gateway.providers.locality import is_local_url

_OFFICIAL_HOST = "api.openai.com"
_PREFERRED = ("gpt-5.4-mini", "gpt-5-mini", "gpt-4.1-mini", "gpt-4o-mini", "gpt-4o")
_ERROR_STATUS = 400
_PROBE_SECONDS = 3.0
_LONGEST_MESSAGE = 500


class OpenAIProvider:
    """One server by its base address (with its "/v1")."""

    def __init__(
        self,
        client: HttpClient,
        *,
        base: str,
        key: SecretStr | None,
        configured: bool,
        default_model: str | None,
    ) -> None:
        self._client = client
        self._base = base
        self._key = key
        self._configured = configured
        self._default_model = default_model
        self._states = StateCache(self._probe)
        official = urlsplit(base).hostname == _OFFICIAL_HOST
        self.traits = ProviderTraits(
            slug="openai",
            title="OpenAI" if official else f"OpenAI-compatible server at {base}",
            kind="local" if is_local_url(base) else "paid",
            prefix="",
            local=is_local_url(base),
            official=official,
            free=False,
            auth_methods=("api_key",),
            key_variable="OPENAI_API_KEY",
        )

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self._configured:
            return ProviderState(
                configured=False,
                available=False,
                reason="Set OPENAI_API_KEY, or OPENAI_API_BASE for a server of your own.",
            )
        return await self._states.get(fresh=fresh)

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._default_model or first_of(_PREFERRED, models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:
        preferred = "text-embedding-3-small"
        if preferred in models:
            return preferred
        return next((model for model in models if is_embedding_model(model)), None)

    async def complete(self, body: JsonDict) -> bytes:
        return await self._post("/chat/completions", body)

    async def embed(self, body: JsonDict) -> bytes:
        return await self._post("/embeddings", body)

    async def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        request = self._request("/chat/completions", body)
        try:
            response = await self._client.send(request, stream=True)
            try:
                if response.status_code >= _ERROR_STATUS:
                    raise self._error(response, await response.aread())
                async for event in read_sse(response.aiter_raw()):
                    if event.data == "[DONE]":
                        return
                    data = event.data.encode()
                    if b'"error"' in data and b'"choices"' not in data:
                        raise UpstreamError("openai", 0, _message(data))
                    yield data
            finally:
                await response.aclose()
        except httpx.TransportError as error:
            raise self._down(error) from error
        raise UpstreamError("openai", 0, "the stream ended before its end mark", reply_lost=True)

    async def _post(self, path: str, body: JsonDict) -> bytes:
        try:
            response = await self._client.send(self._request(path, body))
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._down(error) from error
        if response.status_code >= _ERROR_STATUS:
            raise self._error(response, response.content)
        return response.content

    def _request(self, path: str, body: JsonDict) -> httpx.Request:
        return self._client.build_request(
            "POST",
            self._base + path,
            content=orjson.dumps(body),
            # Bytes are passed on as they come, so they must come uncompressed.
            headers={
                **self._headers(),
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
            },
        )

    def _headers(self) -> dict[str, str]:
        if self._key is None:
            return {}
        return {"Authorization": f"Bearer {self._key.get_secret_value()}"}

    async def _probe(self) -> ProviderState:
        try:
            response = await self._client.get(
                f"{self._base}/models", headers=self._headers(), timeout=_PROBE_SECONDS
            )
        except httpx.TransportError as error:
            reason = f"{self._base} can't be reached ({type(error).__name__})."
            return ProviderState(configured=True, available=False, reason=reason)
        if response.status_code >= _ERROR_STATUS:
            reason = f"{self._base} answered {response.status_code}: {_message(response.content)}"
            return ProviderState(configured=True, available=False, reason=reason)
        return ProviderState(configured=True, available=True, models=_names(response.content))

    def _down(self, error: Exception) -> ProviderDown | UpstreamError:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            return ProviderDown(f"openai at {self._base} can't be reached ({error}).")
        reason = f"the connection broke ({type(error).__name__})"
        return UpstreamError("openai", 0, reason, reply_lost=True)

    def _error(self, response: httpx.Response, content: bytes) -> UpstreamError:
        wait = response.headers.get("Retry-After", "")
        return UpstreamError(
            "openai",
            response.status_code,
            _message(content),
            retry_after=float(wait) if wait.isascii() and wait.isdigit() else None,
        )


def _message(content: bytes) -> str:
    """The provider's own words out of an error body, whatever its shape."""
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, Mapping):
        error: Any = cast("Mapping[str, Any]", parsed).get("error", parsed)
        if isinstance(error, Mapping) and "message" in error:
            return str(cast("Mapping[str, Any]", error)["message"])[:_LONGEST_MESSAGE]
        if isinstance(error, str):
            return error[:_LONGEST_MESSAGE]
    return content.decode(errors="replace").strip()[:_LONGEST_MESSAGE] or "no message"


def _names(content: bytes) -> tuple[str, ...]:
    """Model names from a /models answer; () if it has another shape."""
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ()
    data: Any = (
        cast("Mapping[str, Any]", parsed).get("data") if isinstance(parsed, Mapping) else None
    )
    if not isinstance(data, list):
        return ()
    return tuple(
        str(cast("Mapping[str, Any]", entry)["id"])
        for entry in cast("list[Any]", data)
        if isinstance(entry, Mapping) and "id" in entry
    )
