"""Anthropic, by API key."""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import httpx
import orjson
from pydantic import SecretStr

from contracts.translate import TranslateRequest
from services.kit.http import HttpClient
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import (
    JsonDict,
    ProviderState,
    ProviderTraits,
    StateCache,
    first_of,
)
from services.llm_gateway.providers.translation import Translator

_VERSION = "2023-06-01"
_PREFERRED = ("claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5", "claude-haiku-4-5")
_PROBE_SECONDS = 3.0


class AnthropicProvider:
    """Model lists come straight from Anthropic, everything else through llm-translate."""

    def __init__(
        self,
        client: HttpClient,
        translator: Translator,
        *,
        base: str,
        key: SecretStr | None,
        default_model: str | None,
    ) -> None:
        self._client = client
        self._translator = translator
        self._base = base
        self._key = key
        self._default_model = default_model
        self._states = StateCache(self._probe)
        self.traits = ProviderTraits(
            slug="anthropic",
            title="Anthropic",
            kind="paid",
            prefix="",
            local=False,
            official=urlsplit(base).hostname == "api.anthropic.com",
            free=False,
            auth_methods=("api_key",),
            key_variable="ANTHROPIC_API_KEY",
        )

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if self._key is None:
            return ProviderState(configured=False, available=False, reason="Set ANTHROPIC_API_KEY.")
        return await self._states.get(fresh=fresh)

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._default_model or first_of(_PREFERRED, models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - it has none
        return None

    async def complete(self, body: JsonDict) -> bytes:
        return await self._translator.post("/chat", self._call(body))

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        return self._translator.stream("/chat/stream", self._call(body))

    async def embed(self, body: JsonDict) -> bytes:  # noqa: ARG002 - the provider's interface
        raise UpstreamError("anthropic", 404, "Anthropic offers no embeddings")

    def _call(self, body: JsonDict) -> TranslateRequest:
        key = None if self._key is None else self._key.get_secret_value()
        return self._translator.call_of("anthropic", api_base=self._base, api_key=key, body=body)

    async def _probe(self) -> ProviderState:
        key = "" if self._key is None else self._key.get_secret_value()
        headers = {"x-api-key": key, "anthropic-version": _VERSION}
        try:
            response = await self._client.get(
                f"{self._base}/v1/models?limit=100", headers=headers, timeout=_PROBE_SECONDS
            )
        except httpx.TransportError as error:
            reason = f"{self._base} can't be reached ({type(error).__name__})."
            return ProviderState(configured=True, available=False, reason=reason)
        try:
            names = tuple(str(model["id"]) for model in orjson.loads(response.content)["data"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            # An error, or another server than Anthropic's: its status says which.
            reason = f"{self._base} answered {response.status_code}."
            return ProviderState(configured=True, available=False, reason=reason)
        return ProviderState(configured=True, available=True, models=names)
