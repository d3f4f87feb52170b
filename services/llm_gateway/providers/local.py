"""The embedding model that Nova brings along, behind the same interface as every provider."""

from collections.abc import AsyncGenerator
from typing import Any, cast

import orjson

from services.llm_gateway.embeddings import vectors
from services.llm_gateway.embeddings.local import files
from services.llm_gateway.embeddings.local.service import LocalModel
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.prices import ModelFacts
from services.llm_gateway.providers.base import (
    Credential,
    Endpoint,
    JsonDict,
    ProviderState,
    ProviderTraits,
)


class LocalProvider:
    """One model, for embeddings alone. Without `model` it is switched off."""

    def __init__(self, model: LocalModel | None) -> None:
        self._model = model
        self.traits = ProviderTraits(
            slug="local",
            title="Local embedding model",
            kind="local",
            prefix="local/",
            local=True,
            official=False,
            free=True,
            auth_methods=("none",),
            supports=frozenset({"embeddings"}),
        )

    async def state(self, *, fresh: bool = False) -> ProviderState:  # noqa: ARG002 - the interface
        if self._model is None:
            reason = "NOVA_LOCAL_EMBEDDINGS is false."
            return ProviderState(configured=False, available=False, reason=reason)
        missing, failure = self._model.missing(), self._model.failure()
        return ProviderState(
            configured=missing is None,
            available=missing is None and failure is None,
            reason=f"{files.NAME}: {missing or failure}." if missing or failure else "",
            models=(files.NAME,),
            latency_ms=0.0,
        )

    async def check(self, credential: Credential) -> ProviderState:  # noqa: ARG002 - it takes no key
        return await self.state()

    def told(self, model: str) -> ModelFacts:  # noqa: ARG002 - there is one
        return ModelFacts(context_window=files.MAX_TOKENS)

    def pick_chat_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - there is none
        return None

    def pick_embedding_model(self, models: tuple[str, ...]) -> str | None:  # noqa: ARG002 - there is one
        return files.NAME

    async def complete(self, body: JsonDict) -> bytes:  # noqa: ARG002 - the interface
        raise _no_chat()

    async def stream(self, body: JsonDict) -> AsyncGenerator[bytes, None]:  # noqa: ARG002 - as above
        raise _no_chat()
        yield b""

    async def embed(self, body: JsonDict) -> bytes:
        if self._model is None or body["model"] != files.NAME:
            raise UpstreamError("local", 404, f"it has no model {body['model']!r}")
        dimensions = body.get("dimensions") or files.DIMENSIONS
        if dimensions > files.DIMENSIONS:
            message = f"{files.NAME} has {files.DIMENSIONS} dimensions, not {dimensions}"
            raise UpstreamError("local", 400, message)
        given = cast("list[Any]", body["input"])
        if not all(isinstance(text, str) for text in given):
            raise UpstreamError("local", 400, "it takes texts, not tokens")
        made = await self._model.embed(given)
        data = [
            {"object": "embedding", "index": place, "embedding": vectors.to_base64(vector)}
            for place, vector in enumerate(
                vector if dimensions == files.DIMENSIONS else vectors.shortened(vector, dimensions)
                for vector in made.vectors
            )
        ]
        tokens = sum(made.tokens)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        answer = {"object": "list", "model": files.NAME, "data": data, "usage": usage}
        return orjson.dumps(answer)

    def endpoint(self, path: str) -> Endpoint | None:  # noqa: ARG002 - it is no server
        return None

    def refused(self, endpoint: Endpoint, error: UpstreamError) -> bool:  # noqa: ARG002 - no keys
        return False


def _no_chat() -> UpstreamError:
    return UpstreamError("local", 404, "it makes embeddings only")
