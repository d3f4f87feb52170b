"""Ollama, by its address (which the platform's configuration can change at run time)."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import orjson

from contracts.translate import TranslateRequest
from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.models.prices import NOTHING, ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Endpoint,
    JsonDict,
    ProviderState,
    StateCache,
    first_of,
    is_embedding_model,
)
from services.llm_gateway.providers.catalogue import entries, inner, json_object, texts, whole
from services.llm_gateway.providers.translation import TranslatedProvider, Translator
from services.llm_gateway.providers.vendor import SWITCHED_OFF, Vendor, traits_of
from services.llm_gateway.upstream.session import Answer, Upstream

T = TypeVar("T")

_LATEST = ":latest"
_OK = 200
_NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)
_ABILITIES = {"completion": "chat", "tools": "tools", "vision": "vision", "embedding": "embedding"}
_AT_ONCE = 8

OLLAMA = Vendor(
    slug="ollama",
    title="Ollama",
    kind="local",
    missing="Set OLLAMA_BASE_URL, or llm.ollama_url in the configuration.",
    needs_key=False,
    free=True,
    supports=frozenset({"chat", "embeddings"}),
)


class Waking(Protocol):
    async def wake(self) -> bool:
        """Whether the machine is up now."""
        ...


class OllamaProvider:
    """Model lists come straight from Ollama, everything else through llm-translate.

    When nothing could be sent because its machine sleeps, that is woken and asked again.
    """

    def __init__(
        self,
        upstream: Upstream,
        translator: Translator,
        setup: Setup,
        *,
        base: Callable[[], str],
        waking: Waking,
    ) -> None:
        self._upstream = upstream
        self._translator = translator
        self._setup = setup
        self._base = base
        self._waking = waking
        self._probed_base = ""
        self._states = StateCache(self._probe)
        # Asked once for each version of a model.
        self._shown: dict[str, ModelFacts] = {}
        self.traits = replace(traits_of(OLLAMA, setup), auth_methods=("none",), wire="translated")

    async def state(self, *, fresh: bool = False) -> ProviderState:
        if not self._setup.enabled or not self._base():
            missing = OLLAMA.missing if self._setup.enabled else SWITCHED_OFF
            return ProviderState(configured=False, available=False, reason=missing)
        return await self._states.get(fresh=fresh or self._probed_base != self._base())

    async def check(self, credential: Credential) -> ProviderState:  # noqa: ARG002 - it takes no key
        return await self.state(fresh=True)

    def told(self, model: str) -> ModelFacts:
        return self._states.told(model.removesuffix(_LATEST))

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:
        return self._setup.default_model or first_of((), models)

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:
        return next((model for model in models if is_embedding_model(model)), None)

    async def complete(self, body: JsonDict) -> bytes:
        return await self._awake(
            lambda: self._translator.post("/chat", self._call("ollama_chat", body))
        )

    async def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:
        for is_last in (False, True):
            pieces = self._translator.stream("/chat/stream", self._call("ollama_chat", body))
            try:
                async for piece in pieces:
                    yield piece
            except ProviderDown as error:
                if is_last or not await self._woken(error):
                    raise
            else:
                return
            finally:
                await pieces.aclose()

    async def embed(self, body: JsonDict) -> bytes:
        return await self._awake(
            lambda: self._translator.post("/embed", self._call("ollama", body))
        )

    def endpoint(self, path: str) -> Endpoint | None:  # noqa: ARG002 - its own format is its alone
        return None

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:  # noqa: ARG002 - no keys
        return False

    async def _awake(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        except ProviderDown as error:  # nothing was sent
            if not await self._woken(error):
                raise
        return await work()

    async def _woken(self, error: ProviderDown) -> bool:
        return error.code == ProviderDown.code and await self._waking.wake()

    def _call(self, provider: TranslatedProvider, body: JsonDict) -> TranslateRequest:
        if not self._setup.enabled or not self._base():
            raise ProviderDown("Ollama is not configured.")
        return self._translator.call_of(
            provider,
            api_base=self._base(),
            api_key=None,
            body=body,
            prefix=self.traits.prefix,
        )

    async def _probe(self) -> ProviderState:
        base = self._probed_base = self._base()
        try:
            answer = await self._get(f"{base}/api/tags")
        except (ProviderDown, UpstreamError) as error:
            reason = f"Ollama at {base} can't be reached ({error.detail})"
            return ProviderState(configured=True, available=False, reason=reason)
        if answer.status != _OK or "models" not in json_object(answer.content):
            reason = f"{base} answered {answer.status}, but not as Ollama does."
            return ProviderState(configured=True, available=False, reason=reason)
        facts = await self._facts(base, answer.content)
        reason = "" if facts else "Ollama has no model yet."
        return ProviderState(
            configured=True,
            available=bool(facts),
            reason=reason,
            models=tuple(facts),
            facts=facts,
        )

    async def _facts(self, base: str, tags: bytes) -> dict[str, ModelFacts]:
        slots = asyncio.Semaphore(_AT_ONCE)
        named = [
            (name, str(entry.get("digest")))
            for entry in entries(tags)
            if isinstance(name := entry.get("name"), str)
        ]

        async def show(name: str, digest: str) -> ModelFacts:
            async with slots:
                return await self._show(base, name, digest)

        found = await asyncio.gather(*(show(name, digest) for name, digest in named))
        return {
            name.removesuffix(_LATEST): facts for (name, _), facts in zip(named, found, strict=True)
        }

    async def _show(self, base: str, name: str, digest: str) -> ModelFacts:
        key = f"{name} {digest}"
        if key not in self._shown:
            body = orjson.dumps({"model": name})
            try:
                answer = await self._upstream.request(
                    "ollama", "POST", f"{base}/api/show", body=body
                )
            except (ProviderDown, UpstreamError):
                return NOTHING
            if answer.status != _OK:
                return NOTHING
            self._shown[key] = shown_facts(json_object(answer.content))
        return self._shown[key]

    async def _get(self, url: str) -> Answer:
        return await self._upstream.get("ollama", url)


def shown_facts(shown: Mapping[str, Any]) -> ModelFacts:
    """Facts from /api/show: the context that its Modelfile sets, else the longest it can have."""
    architecture = str(inner(shown, "model_info", "general.architecture"))
    longest = whole(inner(shown, "model_info", f"{architecture}.context_length"))
    parameters = shown.get("parameters")
    found = _NUM_CTX.search(parameters) if isinstance(parameters, str) else None
    given = texts(shown.get("capabilities"))
    abilities = tuple(_ABILITIES[name] for name in given if name in _ABILITIES)
    return ModelFacts(
        context_window=int(found[1]) if found is not None else longest,
        vision="vision" in given if given else None,
        capabilities=abilities or None,
    )
