"""Gemini by API key, in its own wire format through llm-translate."""

from collections.abc import AsyncGenerator
from dataclasses import replace

from contracts.translate import TranslateRequest
from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Credentials,
    Endpoint,
    JsonDict,
    ProviderState,
    StateCache,
    first_of,
)
from services.llm_gateway.providers.catalogue import Entry, Listing, read_entries, texts, whole
from services.llm_gateway.providers.rotation import key_failed, posted, streamed
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.providers.vendor import SWITCHED_OFF, Vendor, traits_of
from services.llm_gateway.upstream.errors import message_of
from services.llm_gateway.upstream.session import Upstream

_NAME = "models/"
_ERROR_STATUS = 400
_PREFERRED = ("gemini-3.8-flash", "gemini-flash-latest", "gemini-2.5-flash", "gemini-2.5-pro")

GEMINI = Vendor(
    slug="gemini",
    title="Google Gemini",
    kind="free",
    missing="Set GEMINI_API_KEY.",
    default_base="https://generativelanguage.googleapis.com/v1beta",
    key_variable="GEMINI_API_KEY",
    supports=frozenset({"chat", "embeddings"}),
    preferred=_PREFERRED,
)


class GeminiProvider:
    """Its list of models comes straight from it."""

    def __init__(
        self, upstream: Upstream, translator: Translator, credentials: Credentials, setup: Setup
    ) -> None:
        self._upstream = upstream
        self._translator = translator
        self._credentials = credentials
        self._setup = setup
        self._states = StateCache(self._probe)
        self.traits = replace(traits_of(GEMINI, setup), wire="translated")

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self._setup.enabled or not self._credentials.has_any(GEMINI.slug):
            missing = GEMINI.missing if self._setup.enabled else SWITCHED_OFF
            return ProviderState(configured=False, available=False, reason=missing)
        return await self._states.get(fresh=fresh)

    async def check(self, credential: Credential) -> ProviderState:
        base = self._setup.base_url
        headers = {"x-goog-api-key": credential.secret.get_secret_value()}
        try:
            answer = await self._upstream.get(
                GEMINI.slug, f"{base}/models?pageSize=1000", headers=headers
            )
        except (ProviderDown, UpstreamError) as error:
            reason = f"{base} can't be reached ({error.detail})"
            return ProviderState(configured=True, available=False, reason=reason)
        if answer.status >= _ERROR_STATUS:
            reason = f"{base} answered {answer.status}: {message_of(answer.content)}"
            return ProviderState(configured=True, available=False, reason=reason)
        found: Listing = {
            name.removeprefix(_NAME): facts
            for name, facts in read_entries(answer.content, _read, name="name").items()
        }
        return ProviderState(configured=True, available=True, models=tuple(found), facts=found)

    def told(self, model: str) -> ModelFacts:
        return self._states.told(model)

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._setup.default_model or first_of(_PREFERRED, models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - asked only by name
        return None

    async def complete(self, body: JsonDict) -> bytes:
        return await posted(
            self._key,
            self._refused,
            lambda key: self._translator.post("/chat", self._call(body, key)),
        )

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        return streamed(
            self._key,
            self._refused,
            lambda key: self._translator.stream("/chat/stream", self._call(body, key)),
        )

    async def embed(self, body: JsonDict) -> bytes:
        return await posted(
            self._key,
            self._refused,
            lambda key: self._translator.post("/embed", self._call(body, key)),
        )

    def endpoint(self, path: str) -> Endpoint | None:  # noqa: ARG002 - its own format is its alone
        return None

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:  # noqa: ARG002 - never asked directly
        return False

    def _key(self) -> Credential:
        key = self._credentials.choose(GEMINI.slug) if self._setup.enabled else None
        if key is None:
            missing = GEMINI.missing if self._setup.enabled else SWITCHED_OFF
            raise ProviderDown(f"Gemini is not set up: {missing}")
        return key

    def _refused(self, key: Credential, error: UpstreamError) -> bool:
        return key_failed(self._credentials, GEMINI.slug, key.name, error)

    def _call(self, body: JsonDict, key: Credential) -> TranslateRequest:
        return self._translator.call_of(
            "gemini",
            api_base=self._setup.base_url,
            api_key=key.secret.get_secret_value(),
            body=body,
            prefix=self.traits.prefix,
        )

    async def _probe(self) -> ProviderState:
        return await self.check(self._key())


def _read(entry: Entry) -> ModelFacts | None:
    methods = texts(entry.get("supportedGenerationMethods"))
    embeds = "embedContent" in methods
    if not embeds and "generateContent" not in methods:
        return None
    return ModelFacts(
        capabilities=("embedding",) if embeds else None,
        context_window=whole(entry.get("inputTokenLimit")),
        max_output_tokens=whole(entry.get("outputTokenLimit")),
    )
