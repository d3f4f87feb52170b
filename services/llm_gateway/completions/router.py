"""POST /complete and /stream, POST /v1/chat/completions."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Depends, Request, Response

from contracts.errors import OpenAIError, OpenAIErrorBody
from contracts.llm import CompleteRequest, CompleteResponse, StreamChunk, StreamError
from services.kit.auth import KeyCaller
from services.kit.errors import BadRequest, Invalid, NovaError
from services.kit.events import DONE, sse_response
from services.llm_gateway.completions import service
from services.llm_gateway.completions.disconnection import begun, while_connected
from services.llm_gateway.deps import StateDep
from services.llm_gateway.openai_errors import openai_error

router = APIRouter(tags=["completions"])


async def json_object(request: Request) -> dict[str, Any]:
    """The body as it came, for routes that pass on what they do not know."""
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not valid JSON.", code="malformed_json") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.", code="malformed_json")
    return cast("dict[str, Any]", body)


OpenAIBody = Annotated[dict[str, Any], Depends(json_object)]


@router.post("/complete")
async def complete(
    state: StateDep, caller: KeyCaller, body: CompleteRequest, request: Request
) -> CompleteResponse:
    return await while_connected(request, service.complete(state, caller, body))


@router.post("/stream", response_class=Response, responses={200: {"model": StreamChunk}})
async def stream(
    state: StateDep, caller: KeyCaller, body: CompleteRequest, request: Request
) -> Response:
    chunks = await begun(request, service.stream(state, caller, body))
    return sse_response(_nova_events(chunks))


async def _nova_events(chunks: AsyncGenerator[StreamChunk, None]) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in chunks:
            yield b"data: " + chunk.model_dump_json(exclude_none=True).encode() + b"\n\n"
    except NovaError as error:
        failure = StreamError(detail=error.detail, code=error.code, facts=error.facts)
        yield b"data: " + failure.model_dump_json(exclude_none=True).encode() + b"\n\n"
    finally:
        await chunks.aclose()
    yield DONE


@router.post("/v1/chat/completions", response_class=Response)
async def chat_completions(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> Response:
    """OpenAI's chat completions; unknown fields go through to the provider."""
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        raise Invalid("messages: a list with at least one message is needed.")
    if not body.get("stream"):
        data = await while_connected(request, service.openai_complete(state, caller, body))
        return Response(data, media_type="application/json")
    chunks = await begun(request, service.openai_stream(state, caller, body))
    return sse_response(_openai_events(chunks))


async def _openai_events(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in chunks:
            yield b"data: " + chunk + b"\n\n"
    except NovaError as error:
        # No [DONE] after an error: a client must not take the answer for a whole one.
        failure: OpenAIError = openai_error(error)
        yield b"data: " + OpenAIErrorBody(error=failure).model_dump_json().encode() + b"\n\n"
        return
    finally:
        await chunks.aclose()
    yield DONE
