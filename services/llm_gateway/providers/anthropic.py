"""Anthropic, by API key."""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import orjson

from contracts.translate import TranslateRequest
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import (
    Credentials,
    Endpoint,
    JsonDict,
    ProviderState,
    ProviderTraits,
    StateCache,
    first_of,
)
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.upstream.session import Upstream

_SLUG = "anthropic"
_VERSION = "2023-06-01"
_PREFERRED = ("claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5", "claude-haiku-4-5")


class AnthropicProvider:
    """Calls in Anthropic's own form go straight to it, those in OpenAI's through llm-translate."""

    def __init__(
        self,
        upstream: Upstream,
        translator: Translator,
        credentials: Credentials,
        *,
        base: str,
        default_model: str | None,
    ) -> None:
        self._upstream = upstream
        self._translator = translator
        self._base = base
        self._credentials = credentials
        self._default_model = default_model
        self._states = StateCache(self._probe)
        self.traits = ProviderTraits(
            slug=_SLUG,
            title="Anthropic",
            kind="paid",
            prefix="",
            local=False,
            official=urlsplit(base).hostname == "api.anthropic.com",
            free=False,
            auth_methods=("api_key",),
            key_variable="ANTHROPIC_API_KEY",
            wire="anthropic",
            supports=frozenset({"chat"}),
        )

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if self._credentials.choose(_SLUG) is None:
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

    def endpoint(self, path: str) -> Endpoint | None:
        """Only "/messages" and what is below it."""
        if path.split("/")[1] != "messages":
            return None
        key = self._credentials.choose(_SLUG)
        if key is None:
            raise ProviderDown("Anthropic is not set up: set ANTHROPIC_API_KEY.")
        headers = {"x-api-key": key.secret.get_secret_value(), "anthropic-version": _VERSION}
        return Endpoint(f"{self._base}/v1{path}", headers, key.name)

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:
        name, status = endpoint.credential, error.provider_status
        if name is None or status not in {401, 402, 403, 429}:
            return False
        self._credentials.failed(_SLUG, name, status, error.retry_after, error.message)
        return self._credentials.has_other(_SLUG, name)

    def _call(self, body: JsonDict) -> TranslateRequest:
        chosen = self._credentials.choose(_SLUG)
        key = None if chosen is None else chosen.secret.get_secret_value()
        return self._translator.call_of("anthropic", api_base=self._base, api_key=key, body=body)

    async def _probe(self) -> ProviderState:
        chosen = self._credentials.choose(_SLUG)
        key = "" if chosen is None else chosen.secret.get_secret_value()
        headers = {"x-api-key": key, "anthropic-version": _VERSION}
        try:
            url = f"{self._base}/v1/models?limit=100"
            answer = await self._upstream.get(_SLUG, url, headers=headers)
        except (ProviderDown, UpstreamError) as error:
            reason = f"{self._base} can't be reached ({error.detail})"
            return ProviderState(configured=True, available=False, reason=reason)
        try:
            names = tuple(str(model["id"]) for model in orjson.loads(answer.content)["data"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            # An error, or another server than Anthropic's: its status says which.
            reason = f"{self._base} answered {answer.status}."
            return ProviderState(configured=True, available=False, reason=reason)
        return ProviderState(configured=True, available=True, models=names)
