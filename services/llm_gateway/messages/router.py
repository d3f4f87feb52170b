"""POST /v1/messages and /v1/messages/count_tokens."""

from collections.abc import AsyncGenerator

import orjson
from fastapi import APIRouter, Request, Response

from services.kit.auth import KeyCaller
from services.kit.errors import NovaError
from services.kit.events import sse_response
from services.kit.log import request_id_var
from services.llm_gateway.completions.disconnection import begun, while_connected
from services.llm_gateway.completions.router import OpenAIBody
from services.llm_gateway.deps import StateDep
from services.llm_gateway.dialects.offered import LEFT_OUT_HEADER
from services.llm_gateway.messages import service
from services.llm_gateway.messages.errors import PREFIX, anthropic_error

router = APIRouter(prefix=PREFIX, tags=["messages"])
# As Anthropic's clients call it.
_REQUEST_ID = "request-id"
_ANTHROPIC_READS = ("anthropic-version", "anthropic-beta")


@router.post("", response_class=Response)
async def create_message(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> Response:
    """Anthropic's Messages over any provider; docs/dialects.md says what is supported."""
    asked = await service.understand(state, caller, body)
    headers = {_REQUEST_ID: request_id_var.get()}
    if asked.request.left_out:
        headers[LEFT_OUT_HEADER] = ", ".join(asked.request.left_out)
    if not asked.request.stream:
        message = await while_connected(request, service.complete(state, caller, asked))
        data = orjson.dumps(message)
        return Response(data, media_type="application/json", headers=headers)
    events = await begun(request, service.stream(state, caller, asked))
    return sse_response(_with_error(events), headers=headers)


@router.post("/count_tokens")
async def count_tokens(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> dict[str, int]:
    """Anthropic's own count for its models, an estimate for others."""
    read = {name: request.headers[name] for name in _ANTHROPIC_READS if name in request.headers}
    count = await service.count_tokens(state, caller, body, read)
    return {"input_tokens": count}


async def _with_error(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """An error before the first event, after heartbeats were sent, as an event of its own."""
    try:
        async for event in events:
            yield event
    except NovaError as error:
        yield service.encode(anthropic_error(error))
    finally:
        await events.aclose()
