"""Makes a chat call: finds the model, reserves, dispatches, counts."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.llm import BudgetScope, CompleteRequest, CompleteResponse, StreamChunk
from services.kit.auth import Principal
from services.kit.errors import BadRequest, Invalid
from services.llm_gateway.completions.conversion import ToolCallParts, openai_body, tool_call
from services.llm_gateway.completions.raw import Note, Wanted, answer, answer_chunks
from services.llm_gateway.deps import State
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.limits.meter import Caller
from services.llm_gateway.models.targets import Route, Target
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.routing.categories import last_request, text_of

_BUDGETS = TypeAdapter(list[BudgetScope])
_STREAMED: JsonDict = {"stream": True, "stream_options": {"include_usage": True}}


def caller_of(principal: Principal, metadata: Mapping[str, Any]) -> Caller:
    """For whom the call is made. What `metadata` says is believed only from a service."""
    given: list[BudgetScope] = []
    is_service = principal.kind == "service"
    if is_service and metadata.get("budgets"):
        try:
            given = _BUDGETS.validate_python(metadata["budgets"])
        except ValidationError as error:
            raise Invalid(f"metadata.budgets: {error.errors()[0]['msg']}") from error
    return Caller(
        principal=principal,
        budgets=given,
        agent_id=_uuid(metadata.get("agent_id")) if is_service else None,
        session_id=_uuid(metadata.get("session_id")) if is_service else None,
    )


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None


def characters_of(body: Mapping[str, Any]) -> int:
    """How much text a model is given: messages and tools, or an embedding's input."""
    given = body.get("messages") or body.get("input") or ""
    return len(orjson.dumps(given)) + (len(orjson.dumps(body["tools"])) if body.get("tools") else 0)


async def complete(
    state: State, principal: Principal, request: CompleteRequest, *, note: Note | None = None
) -> CompleteResponse:
    """Nova's own form, in one piece."""
    note = note or Note()
    wanted = await _wanted(state, principal, request, note, stream=False)
    found = orjson.loads(await _only(answer(state, wanted, note)))
    choice = _first_choice(note, found)
    message = cast("JsonDict", choice.get("message") or {})
    calls = cast("list[JsonDict]", message.get("tool_calls") or [])
    spent = note.spent(found.get("usage"))
    return CompleteResponse(
        content=str(message.get("content") or ""),
        model=note.model,
        tool_calls=[tool_call(call) for call in calls],
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=spent.cost_usd,
        finish_reason=str(choice.get("finish_reason") or "stop"),
    )


async def stream_pieces(
    state: State, principal: Principal, request: CompleteRequest, *, note: Note | None = None
) -> AsyncGenerator[str | StreamChunk, None]:
    """Nova's own form, piece by piece: texts, and the last piece, with which the tool calls come."""
    note = note or Note()
    wanted = await _wanted(state, principal, request, note, stream=True)
    parts = ToolCallParts()
    finish, usage = "stop", None
    async with aclosing(answer_chunks(state, wanted, note)) as chunks:
        async for chunk in chunks:
            usage = chunk.get("usage") or usage
            for choice in cast("list[JsonDict]", chunk.get("choices") or [])[:1]:
                finish = str(choice.get("finish_reason") or finish)
                delta = cast("JsonDict", choice.get("delta") or {})
                if delta.get("tool_calls"):
                    parts.add(cast("list[Any]", delta["tool_calls"]))
                if delta.get("content"):
                    yield str(delta["content"])
    spent = note.spent(usage)
    yield StreamChunk(
        tool_calls=parts.finished(),
        finish_reason=finish,
        model=note.model,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cost_usd=spent.cost_usd,
    )


async def _wanted(
    state: State, principal: Principal, request: CompleteRequest, note: Note, *, stream: bool
) -> Wanted:
    note.no_store = note.no_store or request.metadata.get("nova_cache") in {"off", False}

    def build(target: Target) -> JsonDict:
        body = openai_body(request, model=target.model, traits=target.provider.traits)
        return body | _STREAMED if stream else body

    route = await state.resolver.route(request.model, principal, lambda: _last_text(request))
    return Wanted(
        caller_of(principal, request.metadata),
        route,
        build,
        stream=stream,
        characters=_size_of(request),
    )


def _last_text(request: CompleteRequest) -> str:
    said = [message.content for message in request.messages if message.role == "user"]
    return text_of(said[-1]) if said else ""


def _size_of(request: CompleteRequest) -> int:
    """A request's characters, roughly."""
    size = sum(
        len(message.content or "") + len(message.role) + 24 * (1 + len(message.tool_calls or ()))
        for message in request.messages
    )
    return size + sum(len(repr(tool.function.parameters)) + 100 for tool in request.tools)


async def openai_complete(
    state: State,
    principal: Principal,
    body: JsonDict,
    *,
    note: Note | None = None,
    route: Route | None = None,
) -> bytes:
    """OpenAI's form, in one piece: the provider's bytes as they came. `route`: if it is known."""
    if route is None:
        route = await state.resolver.route(model_of(body), principal, lambda: last_request(body))

    def build(target: Target) -> JsonDict:
        return target.fitted(body)

    size = characters_of(body)
    wanted = Wanted(caller_of(principal, {}), route, build, stream=False, characters=size)
    return await _only(answer(state, wanted, note or Note()))


async def openai_stream(
    state: State,
    principal: Principal,
    body: JsonDict,
    *,
    note: Note | None = None,
    route: Route | None = None,
) -> AsyncGenerator[bytes, None]:
    """OpenAI's form, chunk by chunk; usage is always asked for, and passed on if the client did."""
    if route is None:
        route = await state.resolver.route(model_of(body), principal, lambda: last_request(body))
    options = cast("JsonDict", body.get("stream_options") or {})
    wants_usage = bool(options.get("include_usage"))

    def build(target: Target) -> JsonDict:
        asked = {**options, "include_usage": True}
        return {**target.fitted(body), "stream_options": asked}

    size = characters_of(body)
    wanted = Wanted(caller_of(principal, {}), route, build, stream=True, characters=size)
    async with aclosing(answer(state, wanted, note or Note())) as pieces:
        async for data in pieces:
            if wants_usage or not is_usage_alone(data):
                yield data


def is_usage_alone(data: bytes) -> bool:
    """Whether a chunk is there for its usage only; most chunks are told apart by a glance."""
    if b'"usage"' not in data:
        return False
    chunk = cast("JsonDict", orjson.loads(data))
    return bool(chunk.get("usage")) and not chunk.get("choices")


async def _only(pieces: AsyncGenerator[bytes, None]) -> bytes:
    async with aclosing(pieces):
        return b"".join([piece async for piece in pieces])


def model_of(body: JsonDict) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("model: give a model id, or auto.", code="model_missing")
    return model


def _first_choice(note: Note, found: JsonDict) -> JsonDict:
    choices = cast("list[JsonDict]", found.get("choices") or [])
    if not choices:
        raise UpstreamError(note.slug, 0, "its answer has no choices")
    return choices[0]
