"""What the gateway asks of a provider, whatever its own wire format is."""

import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from pydantic import SecretStr

from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.prices import NOTHING, ModelFacts

ProviderKind = Literal["local", "subscription", "free", "paid"]
Wire = Literal["openai", "anthropic", "translated", "offline"]
Ability = Literal["chat", "embeddings", "rerank", "audio", "images"]
JsonDict = dict[str, Any]

FRESH_SECONDS = 30.0
FAILED_FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProviderState:
    """`reason` says why it is not available; `models` are its own names for them.

    `facts` are what it says of them itself, by those names.
    """

    configured: bool
    available: bool
    reason: str = ""
    models: tuple[str, ...] = ()
    latency_ms: float | None = None
    facts: Mapping[str, ModelFacts] = field(default_factory=dict[str, ModelFacts])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a call is sent: everything but its body.

    `headers` hold the credential and are never logged; `credential` is its name, if it is one of
    several.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    credential: str | None = None


class Credential(Protocol):
    """A key by its name, which is safe to log."""

    @property
    def name(self) -> str: ...

    @property
    def secret(self) -> SecretStr: ...


class Credentials(Protocol):
    """The keys of all providers, by slug."""

    def choose(self, slug: str) -> Credential | None:
        """The key of the next call: each call takes another one."""
        ...

    def has_any(self, slug: str) -> bool: ...

    def failed(
        self, slug: str, name: str, status: int, retry_after: float | None, reason: str = ""
    ) -> None: ...

    def has_other(self, slug: str, name: str) -> bool:
        """Whether a call that this key failed may be tried with another one."""
        ...


OUTPUT_LIMITS = ("max_completion_tokens", "max_tokens")
"""The names under which servers know the limit of an answer."""

_SAMPLING = frozenset(
    {"temperature", "top_p", "presence_penalty", "frequency_penalty", "logit_bias"}
)


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a server's format differs from OpenAI's.

    `drops` are fields that it refuses, `renames` those that it knows by another name.
    `stream_usage`: it takes `stream_options`. `output_limit` is its name for the limit of an
    answer. `reasoning` matches models that know that as max_completion_tokens only, and take no
    temperature. `usage_cost`: what a call has really cost, in USD, is in its usage.
    """

    drops: frozenset[str] = frozenset()
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    stream_usage: bool = True
    output_limit: str = "max_tokens"
    reasoning: re.Pattern[str] | None = None
    usage_cost: bool = False

    def limit_field(self, model: str) -> str:
        return "max_completion_tokens" if self.is_reasoning(model) else self.output_limit

    def is_reasoning(self, model: str) -> bool:
        return self.reasoning is not None and self.reasoning.match(model) is not None

    def fitted(self, body: JsonDict, model: str) -> JsonDict:
        """A body that was written for another model, with what this one has other names for.

        Of two limits the one that is known here counts. Reasoning models take no sampling.
        """
        name = self.limit_field(model)
        fitted = {
            field: value
            for field, value in body.items()
            if field not in OUTPUT_LIMITS and not (field in _SAMPLING and self.is_reasoning(model))
        }
        limits = [body[field] for field in (name, *OUTPUT_LIMITS) if body.get(field) is not None]
        return {**fitted, name: limits[0]} if limits else fitted

    def applied(self, body: JsonDict) -> JsonDict:
        """The body as this server takes it; the same object if nothing is to be changed."""
        drops = self.drops if self.stream_usage else self.drops | {"stream_options"}
        if drops.isdisjoint(body) and self.renames.keys().isdisjoint(body):
            return body
        return {
            self.renames.get(name, name): value for name, value in body.items() if name not in drops
        }


NO_QUIRKS = Quirks()


@dataclass(frozen=True, slots=True)
class ProviderTraits:
    """Data about a provider.

    `prefix` stands before its models' names in Nova's ids. `official`: the models' own vendor is
    asked, so that the shipped prices hold. `free`: a call costs nothing, which is known. `wire` is
    the format that it speaks itself.
    """

    slug: str
    title: str
    kind: ProviderKind
    prefix: str
    local: bool
    official: bool
    free: bool
    auth_methods: tuple[str, ...]
    key_variable: str | None = None
    wire: Wire = "translated"
    supports: frozenset[Ability] = frozenset({"chat", "embeddings"})
    quirks: Quirks = NO_QUIRKS


class Provider(Protocol):
    """Bodies and answers are OpenAI's; `body["model"]` is the provider's own name for the model.

    Every call raises UpstreamError or ProviderDown. A stream yields each chunk's JSON and ends
    well only after the provider's own end mark.
    """

    @property
    def traits(self) -> ProviderTraits: ...

    async def state(self, *, fresh: bool = False) -> ProviderState: ...

    async def check(self, credential: Credential) -> ProviderState:
        """What it says to one of its keys now."""
        ...

    def told(self, model: str) -> ModelFacts:
        """What it has said of a model when it was last asked."""
        ...

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None: ...

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None: ...

    async def complete(self, body: JsonDict) -> bytes: ...

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]: ...

    async def embed(self, body: JsonDict) -> bytes: ...

    def endpoint(self, path: str) -> Endpoint | None:
        """Where a request in the provider's own format goes, by its path below the version
        ("/chat/completions", "/messages", "/rerank"); None: it has no such thing.
        """
        ...

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:
        """Note that a call with this endpoint's credential failed so. Whether to try another one."""
        ...


class StateCache:
    """A provider's state, asked for at most every 30 s (5 s while it fails)."""

    def __init__(self, probe: Callable[[], Awaitable[ProviderState]]) -> None:
        self._probe = probe
        self._state: ProviderState | None = None
        self._until = 0.0

    def told(self, model: str) -> ModelFacts:
        """What was found out about a model when the state was last asked for."""
        return NOTHING if self._state is None else self._state.facts.get(model, NOTHING)

    async def get(self, *, fresh: bool) -> ProviderState:
        now = time.monotonic()
        if fresh or self._state is None or now >= self._until:
            state = await self._probe()
            elapsed = round((time.monotonic() - now) * 1000, 1)
            self._state = replace(state, latency_ms=elapsed)
            good = state.available or not state.configured
            self._until = time.monotonic() + (FRESH_SECONDS if good else FAILED_FRESH_SECONDS)
        return self._state


EMBEDDING_MARKS = ("embed", "bge", "minilm", "gte-", "e5-")
_OTHER_MARKS = ("whisper", "tts", "dall-e", "moderation", "rerank", "image", "transcribe", "sora")


def is_embedding_model(name: str) -> bool:
    return any(mark in name.lower() for mark in EMBEDDING_MARKS)


def is_chat_model(name: str) -> bool:
    """By its name, since most servers list no capabilities."""
    return not is_embedding_model(name) and not any(mark in name.lower() for mark in _OTHER_MARKS)


def first_of(preferred: tuple[str, ...], models: tuple[str, ...]) -> str | None:
    """The first preferred model that is listed, else the first listed chat model."""
    listed = frozenset(models)
    chat = [model for model in models if is_chat_model(model)]
    return next((name for name in preferred if name in listed), chat[0] if chat else None)
