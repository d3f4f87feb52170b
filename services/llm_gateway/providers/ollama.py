"""Ollama, by its address (which the platform's configuration can change at run time)."""

from collections.abc import AsyncGenerator, Callable

import orjson

from contracts.translate import TranslateRequest
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import (
    Endpoint,
    JsonDict,
    ProviderState,
    ProviderTraits,
    StateCache,
    first_of,
    is_embedding_model,
)
from services.llm_gateway.providers.translation import TranslatedProvider, Translator
from services.llm_gateway.upstream.session import Upstream

_LATEST = ":latest"


class OllamaProvider:
    """Model lists come straight from Ollama, everything else through llm-translate."""

    def __init__(
        self,
        upstream: Upstream,
        translator: Translator,
        *,
        url: Callable[[], str],
        default_model: str | None,
    ) -> None:
        self._upstream = upstream
        self._translator = translator
        self._url = url
        self._default_model = default_model
        self._probed_url = ""
        self._states = StateCache(self._probe)
        self.traits = ProviderTraits(
            slug="ollama",
            title="Ollama",
            kind="local",
            prefix="ollama/",
            local=True,
            official=False,
            free=True,
            auth_methods=("none",),
        )

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self._url():
            return ProviderState(
                configured=False,
                available=False,
                reason="Set OLLAMA_BASE_URL, or llm.ollama_url in the configuration.",
            )
        return await self._states.get(fresh=fresh or self._probed_url != self._url())

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._default_model or first_of((), models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:
        return next((model for model in models if is_embedding_model(model)), None)

    async def complete(self, body: JsonDict) -> bytes:
        return await self._translator.post("/chat", self._call("ollama_chat", body))

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        return self._translator.stream("/chat/stream", self._call("ollama_chat", body))

    async def embed(self, body: JsonDict) -> bytes:
        return await self._translator.post("/embed", self._call("ollama", body))

    def endpoint(self, path: str) -> Endpoint | None:  # noqa: ARG002 - its own format is its alone
        return None

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:  # noqa: ARG002 - no keys
        return False

    def _call(self, provider: TranslatedProvider, body: JsonDict) -> TranslateRequest:
        if not self._url():
            raise ProviderDown("Ollama is not configured.")
        return self._translator.call_of(provider, api_base=self._url(), api_key=None, body=body)

    async def _probe(self) -> ProviderState:
        url = self._probed_url = self._url()
        try:
            answer = await self._upstream.get("ollama", f"{url}/api/tags")
        except (ProviderDown, UpstreamError) as error:
            reason = f"Ollama at {url} can't be reached ({error.detail})"
            return ProviderState(configured=True, available=False, reason=reason)
        try:
            names = tuple(
                str(model["name"]).removesuffix(_LATEST)
                for model in orjson.loads(answer.content)["models"]
            )
        except (orjson.JSONDecodeError, KeyError, TypeError):
            reason = f"{url} answered {answer.status}, but not as Ollama does."
            return ProviderState(configured=True, available=False, reason=reason)
        reason = "" if names else "Ollama has no model yet."
        return ProviderState(configured=True, available=bool(names), reason=reason, models=names)
