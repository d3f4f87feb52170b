"""Makes an embedding call."""

from typing import Any, cast

import orjson

from contracts.llm import EmbedRequest, EmbedResponse
from services.kit.auth import Principal
from services.llm_gateway.completions.service import caller_of
from services.llm_gateway.deps import State
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.base import JsonDict


async def embed(state: State, principal: Principal, request: EmbedRequest) -> EmbedResponse:
    """One vector per text, in order; the model is always named."""
    target = await state.resolver.embedding(request.model)
    body: JsonDict = {"input": request.all_texts()}
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    answer = orjson.loads(await _call(state, principal, target, body))
    rows = cast("list[JsonDict]", answer.get("data") or [])
    if len(rows) != len(request.all_texts()):
        raise UpstreamError(target.provider.traits.slug, 0, "it gave not one vector per text")
    rows.sort(key=lambda row: int(row.get("index") or 0))
    usage = cast("JsonDict", answer.get("usage") or {})
    return EmbedResponse(
        embeddings=[cast("list[float]", row["embedding"]) for row in rows],
        model=target.id,
        input_tokens=int(usage.get("prompt_tokens") or 0),
    )


async def openai_embed(state: State, principal: Principal, body: JsonDict) -> bytes:
    """OpenAI's form: the provider's bytes as they came."""
    model: Any = body.get("model")
    target = await state.resolver.embedding(model if isinstance(model, str) else None)
    return await _call(state, principal, target, body)


async def _call(state: State, principal: Principal, target: Target, body: JsonDict) -> bytes:
    caller = caller_of(principal, {})
    body = {**body, "model": target.model}
    async with state.metering.call(target, caller, body, kind="embedding") as meter:
        data = await target.provider.embed(body)
        try:
            usage = orjson.loads(data).get("usage")
        except (orjson.JSONDecodeError, AttributeError) as error:
            slug = target.provider.traits.slug
            raise UpstreamError(slug, 0, "its answer is no JSON object") from error
        if isinstance(usage, dict):
            meter.report(cast("JsonDict", usage))
    return data
