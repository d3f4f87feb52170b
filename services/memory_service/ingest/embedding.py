"""Vectors from the gateway, with a short wait: a memory is worth storing without one too."""

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from contracts.llm import EmbedRequest, EmbedResponse
from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.errors import DependencyDown, NovaError
from services.kit.http import PeerError
from services.kit.log import get_logger
from services.memory_service.ingest.text import embedded_text

_log = get_logger(__name__)
_BATCH = 64
_MAX_DIMENSIONS = 4000
_MAX_NAME = 500


class NoEmbedding(DependencyDown):
    """There is no vector now; `detail` says why."""

    code = "no_embedding"


class TextRefused(NovaError):
    """The gateway works, but refuses these texts."""

    status = 502
    code = "text_refused"


@dataclass(frozen=True, slots=True)
class Vector:
    """A vector of length 1, written as pgvector reads it, and the model that made it."""

    model: str
    dimensions: int
    literal: str


class Embedder:
    """Asks the gateway for vectors; after a failure it does not ask again for a moment."""

    def __init__(self, gateway: LlmGatewayClient, *, seconds: float, pause: float) -> None:
        self._gateway = gateway
        self._seconds = seconds
        self._pause_seconds = pause
        self._paused_until = 0.0
        self._reason = ""

    async def embed(
        self, texts: Sequence[str], *, keep: bool = False, model: str | None = None
    ) -> list[Vector | None]:
        """One vector per text, in order; None where the model gave none that means anything.

        `keep`: the gateway may keep the vectors for the same texts. Those of memories it may not:
        a memory that is deleted must leave no trace. `model`: none means the one in use. Raises
        NoEmbedding, or TextRefused when the gateway turned the texts or the model down.
        """
        if time.monotonic() < self._paused_until:
            raise NoEmbedding(self._reason)
        vectors: list[Vector | None] = []
        try:
            async with asyncio.timeout(self._seconds):
                for start in range(0, len(texts), _BATCH):
                    batch = texts[start : start + _BATCH]
                    vectors += await self._embed_batch(batch, keep=keep, model=model)
        except TimeoutError as error:
            reason = f"no vector came within {self._seconds:g} s"
            raise self._pause(reason) from error
        except DependencyDown as error:
            # That another model is away says nothing about the one in use.
            raise NoEmbedding(error.detail) if model else self._pause(error.detail) from error
        except PeerError as error:
            raise TextRefused(error.detail) from error
        return vectors

    async def embed_or_none(self, texts: Sequence[str]) -> list[Vector | None]:
        """As `embed`, but None for every text that could not be embedded now."""
        try:
            return await self.embed(texts)
        except (NoEmbedding, TextRefused) as error:
            _log.info("stored without a vector", reason=error.detail, memories=len(texts))
            return [None] * len(texts)

    async def _embed_batch(
        self, texts: Sequence[str], *, keep: bool, model: str | None
    ) -> list[Vector | None]:
        # Without a fallback: in another model's space nothing that is stored would be found.
        answer = await self._gateway.embed(
            EmbedRequest(
                texts=[embedded_text(text) for text in texts],
                fallback=False,
                keep=keep,
                model=model,
            )
        )
        if len(answer.embeddings) != len(texts):
            raise NoEmbedding("llm-gateway gave another number of vectors than texts.")
        return [_vector(answer, embedding) for embedding in answer.embeddings]

    def _pause(self, reason: str) -> NoEmbedding:
        self._paused_until = time.monotonic() + self._pause_seconds
        self._reason = reason
        return NoEmbedding(reason)


def _vector(answer: EmbedResponse, embedding: list[float]) -> Vector | None:
    length = math.sqrt(sum(value * value for value in embedding))
    usable = len(embedding) <= _MAX_DIMENSIONS and len(answer.model) <= _MAX_NAME
    if not usable or not math.isfinite(length) or length == 0:
        return None
    scaled = [value / length for value in embedding]
    return Vector(
        model=answer.model, dimensions=len(embedding), literal=orjson.dumps(scaled).decode()
    )
