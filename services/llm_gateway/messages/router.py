"""POST /v1/messages and /v1/messages/count_tokens."""

from collections.abc import AsyncGenerator

import orjson
from fastapi import APIRouter, Request, Response

from services.kit.auth import KeyCaller, Principal
from services.kit.errors import NovaError
from services.kit.events import sse_response
from services.kit.log import request_id_var
from services.llm_gateway.calls.answer_headers import add_headers
from services.llm_gateway.completions.disconnection import begun, while_connected
from services.llm_gateway.completions.router import OpenAIBody
from services.llm_gateway.completions.service import caller_of
from services.llm_gateway.deps import State, StateDep
from services.llm_gateway.dialects.offered import LEFT_OUT_HEADER
from services.llm_gateway.messages import passing, service
from services.llm_gateway.messages.errors import PREFIX, anthropic_error
from services.llm_gateway.messages.events import encode
from services.llm_gateway.models.targets import Route
from services.llm_gateway.providers.base import JsonDict

router = APIRouter(prefix=PREFIX, tags=["messages"])
# As Anthropic's clients call it.
_REQUEST_ID = "request-id"
_ANTHROPIC_READS = ("anthropic-version", "anthropic-beta")


@router.post("", response_class=Response)
async def create_message(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> Response:
    """Anthropic's Messages over any provider; docs/dialects.md says what is supported."""
    add_headers({_REQUEST_ID: request_id_var.get()})
    route = await service.route_of(state, caller, body)
    if passing.passes(route):
        return await _passed_through(state, caller, route, body, request)
    asked = service.understand(state, body, route)
    if asked.request.left_out:
        add_headers({LEFT_OUT_HEADER: ", ".join(asked.request.left_out)})
    if not asked.request.stream:
        message = await while_connected(request, service.complete(state, caller, asked))
        return Response(orjson.dumps(message), media_type="application/json")
    events = await begun(request, service.stream(state, caller, asked))
    return sse_response(_with_error(events))


async def _passed_through(
    state: State, caller: Principal, route: Route, body: JsonDict, request: Request
) -> Response:
    headers = _headers_of(request)
    passing.check_headers(headers)
    passed = passing.Passing(
        state, caller_of(caller, {}), route, await request.body(), body, headers
    )
    if body.get("stream") is not True:
        data = await while_connected(request, passing.complete(passed))
        return Response(data, media_type="application/json")
    return sse_response(_with_error(await begun(request, passing.stream(passed))))


@router.post("/count_tokens")
async def count_tokens(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> dict[str, int]:
    """Anthropic's own count for its models, an estimate for others."""
    count = await service.count_tokens(state, caller, body, _headers_of(request))
    return {"input_tokens": count}


def _headers_of(request: Request) -> dict[str, str]:
    """Those that Anthropic reads."""
    return {name: request.headers[name] for name in _ANTHROPIC_READS if name in request.headers}


async def _with_error(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """An error before the first event, after heartbeats were sent, as an event of its own."""
    try:
        async for event in events:
            yield event
    except NovaError as error:
        yield encode(anthropic_error(error))
    finally:
        await events.aclose()
