"""Anthropic, by API key."""

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
    ProviderTraits,
    StateCache,
    first_of,
)
from services.llm_gateway.providers.catalogue import Entry, inner, read_entries, whole
from services.llm_gateway.providers.rotation import key_failed, posted, streamed
from services.llm_gateway.providers.translation import Translator
from services.llm_gateway.providers.vendor import SWITCHED_OFF, Vendor, traits_of
from services.llm_gateway.upstream.errors import message_of
from services.llm_gateway.upstream.session import Upstream

VERSION = "2023-06-01"
PREFERRED = ("claude-sonnet-5-5", "claude-sonnet-5", "claude-sonnet-4-6", "claude-haiku-4-5")
_ERROR_STATUS = 400

ANTHROPIC = Vendor(
    slug="anthropic",
    title="Anthropic",
    kind="paid",
    missing="Set ANTHROPIC_API_KEY.",
    default_base="https://api.anthropic.com",
    prefix="",
    key_variable="ANTHROPIC_API_KEY",
    preferred=PREFERRED,
)


class AnthropicProvider:
    """Calls in Anthropic's own form go straight to it, those in OpenAI's through llm-translate."""

    def __init__(
        self, upstream: Upstream, translator: Translator, credentials: Credentials, setup: Setup
    ) -> None:
        self._upstream = upstream
        self._translator = translator
        self._credentials = credentials
        self._setup = setup
        self._base = setup.base_url
        self._states = StateCache(self._probe)
        self.traits = anthropic_traits(ANTHROPIC, setup)

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self._setup.enabled or not self._credentials.has_any(ANTHROPIC.slug):
            missing = ANTHROPIC.missing if self._setup.enabled else SWITCHED_OFF
            return ProviderState(configured=False, available=False, reason=missing)
        return await self._states.get(fresh=fresh)

    async def check(self, credential: Credential) -> ProviderState:
        return await listed_by(
            self._upstream, ANTHROPIC.slug, self._base, self._headers(credential)
        )

    def told(self, model: str) -> ModelFacts:
        return self._states.told(model)

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._setup.default_model or first_of(PREFERRED, models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - it has none
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

    async def embed(self, body: JsonDict) -> bytes:  # noqa: ARG002 - the provider's interface
        raise UpstreamError("anthropic", 404, "Anthropic offers no embeddings")

    def endpoint(self, path: str) -> Endpoint | None:
        """Only "/messages" and what is below it."""
        if path.split("/")[1] != "messages":
            return None
        key = self._key()
        return Endpoint(f"{self._base}/v1{path}", self._headers(key), key.name)

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:
        name = endpoint.credential
        return name is not None and key_failed(self._credentials, ANTHROPIC.slug, name, error)

    def _refused(self, key: Credential, error: UpstreamError) -> bool:
        return key_failed(self._credentials, ANTHROPIC.slug, key.name, error)

    def _key(self) -> Credential:
        key = self._credentials.choose(ANTHROPIC.slug) if self._setup.enabled else None
        if key is None:
            missing = ANTHROPIC.missing if self._setup.enabled else SWITCHED_OFF
            raise ProviderDown(f"Anthropic is not set up: {missing}")
        return key

    def _headers(self, key: Credential) -> dict[str, str]:
        further = {name: value.get_secret_value() for name, value in self._setup.headers.items()}
        return {
            "x-api-key": key.secret.get_secret_value(),
            "anthropic-version": VERSION,
            **further,
        }

    def _call(self, body: JsonDict, key: Credential) -> TranslateRequest:
        secret = key.secret.get_secret_value()
        return self._translator.call_of("anthropic", api_base=self._base, api_key=secret, body=body)

    async def _probe(self) -> ProviderState:
        return await self.check(self._key())


def anthropic_traits(vendor: Vendor, setup: Setup) -> ProviderTraits:
    return replace(traits_of(vendor, setup), wire="anthropic", supports=frozenset({"chat"}))


async def listed_by(
    upstream: Upstream, slug: str, base: str, headers: dict[str, str]
) -> ProviderState:
    """What Anthropic's list of models says; a page of it holds them all."""
    url = f"{base}/v1/models?limit=1000"
    try:
        answer = await upstream.get(slug, url, headers=headers)
    except (ProviderDown, UpstreamError) as error:
        reason = f"{base} can't be reached ({error.detail})"
        return ProviderState(configured=True, available=False, reason=reason)
    if answer.status >= _ERROR_STATUS:
        reason = f"{base} answered {answer.status}: {message_of(answer.content)}"
        return ProviderState(configured=True, available=False, reason=reason)
    found = read_entries(answer.content, _read)
    return ProviderState(configured=True, available=True, models=tuple(found), facts=found)


def _read(entry: Entry) -> ModelFacts | None:
    """Newer versions of the list say what a model takes."""
    vision = inner(entry, "capabilities", "image_input", "supported")
    return ModelFacts(
        context_window=whole(entry.get("max_input_tokens")),
        max_output_tokens=whole(entry.get("max_tokens")),
        vision=vision if isinstance(vision, bool) else None,
    )
