"""The two forms in which embeddings are asked for."""

from typing import Any

import orjson

from contracts.llm import EmbedRequest, EmbedResponse
from services.kit.auth import Principal
from services.kit.errors import Invalid
from services.llm_gateway.completions.service import caller_of
from services.llm_gateway.deps import State
from services.llm_gateway.embeddings import vectors
from services.llm_gateway.embeddings.embedder import Made, Wanted
from services.llm_gateway.embeddings.inputs import items_of
from services.llm_gateway.providers.base import JsonDict

_OWN_FIELDS = frozenset({"model", "input", "dimensions", "encoding_format"})
_MOST_DIMENSIONS = 4_000


async def embed(state: State, principal: Principal, request: EmbedRequest) -> EmbedResponse:
    """One vector per text, in order; the model is always named."""
    given: Any = request.texts if request.text is None else request.text
    wanted = Wanted(
        items_of(given, field="texts" if request.text is None else "text"),
        model=request.model,
        dimensions=request.dimensions,
        fallback=request.fallback,
        keep=request.keep,
    )
    made = await state.embedder.embed(caller_of(principal, {}), wanted)
    return EmbedResponse(
        embeddings=[vectors.to_numbers(vector) for vector in made.vectors],
        model=made.target.id,
        input_tokens=made.input_tokens,
        dimensions=made.dimensions,
        semantic=made.semantic,
        cached=made.cached,
    )


async def openai_embed(state: State, principal: Principal, body: JsonDict) -> Made:
    """OpenAI's form. Raises Invalid for a request that no provider would take."""
    model: Any = body.get("model")
    wanted = Wanted(
        items_of(body.get("input"), field="input"),
        model=model if isinstance(model, str) and model else None,
        dimensions=_dimensions(body.get("dimensions")),
        rest={name: value for name, value in body.items() if name not in _OWN_FIELDS},
    )
    if body.get("encoding_format") not in {None, "float", "base64"}:
        raise Invalid("encoding_format: float or base64.")
    return await state.embedder.embed(caller_of(principal, {}), wanted)


def openai_answer(made: Made, encoding: Any) -> bytes:
    return orjson.dumps(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": place, "embedding": vectors.form(vector, encoding)}
                for place, vector in enumerate(made.vectors)
            ],
            "model": made.target.id,
            "usage": {"prompt_tokens": made.input_tokens, "total_tokens": made.input_tokens},
        }
    )


def _dimensions(given: Any) -> int | None:
    if given is None:
        return None
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= _MOST_DIMENSIONS:
        raise Invalid(f"dimensions: a whole number from 1 to {_MOST_DIMENSIONS}.")
    return given
