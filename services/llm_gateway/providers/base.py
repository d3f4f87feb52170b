"""What the gateway asks of a provider, whatever its own wire format is."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

ProviderKind = Literal["local", "subscription", "free", "paid"]
JsonDict = dict[str, Any]

FRESH_SECONDS = 30.0
FAILED_FRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ProviderState:
    """`reason` says why it is not available; `models` are its own names for them."""

    configured: bool
    available: bool
    reason: str = ""
    models: tuple[str, ...] = ()
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class ProviderTraits:
    """Data about a provider.

    `prefix` stands before its models' names in Nova's ids. `official`: the models' own vendor is
    asked, so that the shipped prices hold. `free`: a call costs nothing, which is known.
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


class Provider(Protocol):
    """Bodies and answers are OpenAI's; `body["model"]` is the provider's own name for the model.

    Every call raises UpstreamError or ProviderDown. A stream yields each chunk's JSON and ends
    well only after the provider's own end mark.
    """

    @property
    def traits(self) -> ProviderTraits: ...

    async def state(self, *, fresh: bool = False) -> ProviderState: ...

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None: ...

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None: ...

    async def complete(self, body: JsonDict) -> bytes: ...

    def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]: ...

    async def embed(self, body: JsonDict) -> bytes: ...


class StateCache:
    """A provider's state, asked for at most every 30 s (5 s while it fails)."""

    def __init__(self, probe: Callable[[], Awaitable[ProviderState]]) -> None:
        self._probe = probe
        self._state: ProviderState | None = None
        self._until = 0.0

    async def get(self, *, fresh: bool) -> ProviderState:
        now = time.monotonic()
        if fresh or self._state is None or now >= self._until:
            state = await self._probe()
            elapsed = round((time.monotonic() - now) * 1000, 1)
            self._state = ProviderState(
                state.configured, state.available, state.reason, state.models, elapsed
            )
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
