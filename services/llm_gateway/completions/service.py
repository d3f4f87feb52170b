"""Makes a chat call: finds the model, reserves, dispatches, counts."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.llm import BudgetScope, CompleteRequest, CompleteResponse, StreamChunk
from services.kit.auth import Principal
from services.kit.errors import BadRequest, Invalid
from services.llm_gateway.completions.conversion import ToolCallParts, openai_body, tool_call
from services.llm_gateway.deps import State
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.limits.meter import Caller, Meter
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.base import JsonDict

OnAdmitted = Callable[[Sequence[tuple[str, str]]], None]

_BUDGETS = TypeAdapter(list[BudgetScope])


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
    state: State,
    principal: Principal,
    request: CompleteRequest,
    *,
    on_admitted: OnAdmitted | None = None,
) -> CompleteResponse:
    """Nova's own form, in one piece. `on_admitted` is told the headers for its answer."""
    route = await state.resolver.route(request.model, principal)
    caller, size = caller_of(principal, request.metadata), _size_of(request)

    def build(target: Target) -> JsonDict:
        return openai_body(request, model=target.model, traits=target.provider.traits)

    async with state.calls.call(caller, route, kind="chat", characters=size) as call:
        if on_admitted is not None:
            on_admitted(call.admitted.headers)
        target, data = await state.calls.begun(call, build=build, work=_whole)
        answer = parsed(target, data)
        choice = _first_choice(target, answer)
        message = cast("JsonDict", choice.get("message") or {})
        content = str(message.get("content") or "")
        calls = cast("list[JsonDict]", message.get("tool_calls") or [])
        call.meter.output_characters = len(content) + len(orjson.dumps(calls))
        report(call.meter, answer)
    return CompleteResponse(
        content=content,
        model=target.id,
        tool_calls=[tool_call(call) for call in calls],
        input_tokens=call.meter.input_tokens,
        output_tokens=call.meter.output_tokens,
        cost_usd=call.meter.cost_usd,
        finish_reason=str(choice.get("finish_reason") or "stop"),
    )


async def stream(
    state: State,
    principal: Principal,
    request: CompleteRequest,
    *,
    on_admitted: OnAdmitted | None = None,
) -> AsyncGenerator[StreamChunk, None]:
    """Nova's own form, piece by piece; tool calls come whole, with the last piece."""
    async with aclosing(_pieces(state, principal, request, on_admitted)) as pieces:
        async for piece in pieces:
            yield StreamChunk(delta=piece) if isinstance(piece, str) else piece


async def stream_events(
    state: State,
    principal: Principal,
    request: CompleteRequest,
    *,
    on_admitted: OnAdmitted | None = None,
) -> AsyncGenerator[bytes, None]:
    """The same as encoded events, without their [DONE]."""
    async with aclosing(_pieces(state, principal, request, on_admitted)) as pieces:
        async for piece in pieces:
            if isinstance(piece, str):  # what StreamChunk(delta=piece) looks like
                yield b'data: {"delta":' + orjson.dumps(piece) + b',"tool_calls":[]}\n\n'
            else:
                yield b"data: " + piece.model_dump_json(exclude_none=True).encode() + b"\n\n"


async def _pieces(
    state: State, principal: Principal, request: CompleteRequest, on_admitted: OnAdmitted | None
) -> AsyncGenerator[str | StreamChunk, None]:
    """Texts, and the last piece."""
    route = await state.resolver.route(request.model, principal)
    caller, size = caller_of(principal, request.metadata), _size_of(request)

    def build(target: Target) -> JsonDict:
        body = openai_body(request, model=target.model, traits=target.provider.traits)
        return body | {"stream": True, "stream_options": {"include_usage": True}}

    parts = ToolCallParts()
    finish = "stop"
    async with state.calls.call(caller, route, kind="chat", characters=size) as call:
        if on_admitted is not None:
            on_admitted(call.admitted.headers)
        opened = await state.calls.begun(call, build=build, work=_opened)
        async with aclosing(opened.pieces()) as pieces:
            async for data in pieces:
                call.check_deadline()
                chunk = parsed(opened.target, data)
                report(call.meter, chunk)
                for choice in cast("list[JsonDict]", chunk.get("choices") or [])[:1]:
                    finish = str(choice.get("finish_reason") or finish)
                    delta = cast("JsonDict", choice.get("delta") or {})
                    text = _take_delta(call.meter, parts, delta)
                    if text:
                        yield text
    yield StreamChunk(
        tool_calls=parts.finished(),
        finish_reason=finish,
        model=opened.target.id,
        input_tokens=call.meter.input_tokens,
        output_tokens=call.meter.output_tokens,
        cost_usd=call.meter.cost_usd,
    )


def _size_of(request: CompleteRequest) -> int:
    """A request's characters, roughly."""
    size = sum(
        len(message.content or "") + len(message.role) + 24 * (1 + len(message.tool_calls or ()))
        for message in request.messages
    )
    return size + sum(len(repr(tool.function.parameters)) + 100 for tool in request.tools)


def _take_delta(meter: Meter, parts: ToolCallParts, delta: JsonDict) -> str:
    text = str(delta.get("content") or "")
    meter.output_characters += len(text)
    if delta.get("tool_calls"):
        meter.output_characters += parts.add(cast("list[Any]", delta["tool_calls"]))
    return text


async def openai_complete(state: State, principal: Principal, body: JsonDict) -> bytes:
    """OpenAI's form, in one piece: the provider's bytes as they came."""
    route = await state.resolver.route(model_of(body), principal)

    def build(target: Target) -> JsonDict:
        return {**body, "model": target.model}

    caller, size = caller_of(principal, {}), characters_of(body)
    async with state.calls.call(caller, route, kind="chat", characters=size) as call:
        target, data = await state.calls.begun(call, build=build, work=_whole)
        answer = parsed(target, data)
        call.meter.output_characters = len(orjson.dumps(answer.get("choices")))
        report(call.meter, answer)
    return data


async def openai_stream(
    state: State, principal: Principal, body: JsonDict
) -> AsyncGenerator[bytes, None]:
    """OpenAI's form, chunk by chunk; usage is always asked for, and passed on if the client did."""
    route = await state.resolver.route(model_of(body), principal)
    options = cast("JsonDict", body.get("stream_options") or {})
    wants_usage = bool(options.get("include_usage"))

    def build(target: Target) -> JsonDict:
        asked = {**options, "include_usage": True}
        return {**body, "model": target.model, "stream_options": asked}

    caller, size = caller_of(principal, {}), characters_of(body)
    async with state.calls.call(caller, route, kind="chat", characters=size) as call:
        opened = await state.calls.begun(call, build=build, work=_opened)
        async with aclosing(opened.pieces()) as pieces:
            async for data in pieces:
                call.check_deadline()
                chunk = parsed(opened.target, data)
                report(call.meter, chunk)
                choices = cast("list[JsonDict]", chunk.get("choices") or [])
                call.meter.output_characters += sum(
                    len(orjson.dumps(choice.get("delta"))) for choice in choices
                )
                if choices or not chunk.get("usage") or wants_usage:
                    yield data


async def _whole(target: Target, body: JsonDict) -> tuple[Target, bytes]:
    return target, await target.provider.complete(body)


@dataclass(slots=True)
class _Opened:
    """A stream whose first chunk has come (None: it has none)."""

    target: Target
    first: bytes | None
    rest: AsyncGenerator[bytes, None]

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            if self.first is not None:
                yield self.first
            async for data in self.rest:
                yield data
        finally:
            await self.rest.aclose()


async def _opened(target: Target, body: JsonDict) -> _Opened:
    rest = target.provider.stream(body)
    try:
        first = await anext(rest, None)
    except BaseException:
        await rest.aclose()
        raise
    return _Opened(target, first, rest)


def model_of(body: JsonDict) -> str:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise BadRequest("model: give a model id, or auto.", code="model_missing")
    return model


def parsed(target: Target, data: bytes) -> JsonDict:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        name = target.provider.traits.slug
        raise UpstreamError(name, 0, "its answer is not JSON") from error
    if not isinstance(parsed, dict):
        raise UpstreamError(target.provider.traits.slug, 0, "its answer is no JSON object")
    return cast("JsonDict", parsed)


def _first_choice(target: Target, answer: JsonDict) -> JsonDict:
    choices = cast("list[JsonDict]", answer.get("choices") or [])
    if not choices:
        raise UpstreamError(target.provider.traits.slug, 0, "its answer has no choices")
    return choices[0]


def report(meter: Meter, answer: JsonDict) -> None:
    usage = answer.get("usage")
    if isinstance(usage, dict):
        meter.report(cast("JsonDict", usage))
