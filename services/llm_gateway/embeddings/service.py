"""Makes an embedding call."""

from typing import Any, cast

import orjson

from contracts.llm import EmbedRequest, EmbedResponse
from services.kit.auth import Principal
from services.llm_gateway.completions.service import caller_of, characters_of, parsed, report
from services.llm_gateway.deps import State
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.models.resolution import Route, Target
from services.llm_gateway.providers.base import JsonDict


async def embed(state: State, principal: Principal, request: EmbedRequest) -> EmbedResponse:
    """One vector per text, in order; the model is always named."""
    route = await state.resolver.embedding_route(request.model, principal)
    body: JsonDict = {"input": request.all_texts()}
    if request.dimensions is not None:
        body["dimensions"] = request.dimensions
    target, data = await _call(state, principal, route, body)
    answer = orjson.loads(data)
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
    named = model if isinstance(model, str) else None
    route = await state.resolver.embedding_route(named, principal)
    return (await _call(state, principal, route, body))[1]


async def _call(
    state: State, principal: Principal, route: Route, body: JsonDict
) -> tuple[Target, bytes]:
    async def work(target: Target, asked: JsonDict) -> tuple[Target, bytes]:
        return target, await target.provider.embed(asked)

    caller, size = caller_of(principal, {}), characters_of(body)
    async with state.calls.call(caller, route, kind="embedding", characters=size) as call:
        target, data = await state.calls.begun(
            call, build=lambda target: {**body, "model": target.model}, work=work
        )
        report(call.meter, parsed(target, data))
    return target, data
