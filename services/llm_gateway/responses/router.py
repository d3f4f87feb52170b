"""POST /v1/responses, and what is stored of them."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from services.kit.auth import KeyCaller
from services.kit.errors import NovaError
from services.kit.events import sse_response
from services.llm_gateway.completions.disconnection import begun, while_connected
from services.llm_gateway.completions.router import OpenAIBody
from services.llm_gateway.deps import StateDep
from services.llm_gateway.dialects.deltas import as_list
from services.llm_gateway.dialects.offered import LEFT_OUT_HEADER
from services.llm_gateway.dialects.refusals import invalid, unsupported
from services.llm_gateway.dialects.tokens import estimate_tokens
from services.llm_gateway.responses import service

router = APIRouter(prefix="/v1/responses", tags=["responses"])


@router.post("", response_class=Response)
async def create_response(
    state: StateDep, caller: KeyCaller, body: OpenAIBody, request: Request
) -> Response:
    """OpenAI's Responses over any provider; docs/dialects.md says what is supported."""
    asked = await service.understand(state, caller, body)
    left_out = asked.request.tools.left_out
    headers = {LEFT_OUT_HEADER: ", ".join(left_out)} if left_out else {}
    if not asked.request.stream:
        response = await while_connected(request, service.complete(state, caller, asked))
        return _json(response, headers)
    events = await begun(request, service.stream(state, caller, asked))
    return sse_response(_with_error(events), headers=headers)


async def _with_error(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """An error before the first event, after heartbeats were sent, as an event of its own."""
    try:
        async for event in events:
            yield event
    except NovaError as error:
        failure = {"type": "error", "code": error.code, "message": error.detail, "param": None}
        yield service.encode(failure | {"sequence_number": 0})
    finally:
        await events.aclose()


@router.post("/input_tokens")
async def count_input_tokens(
    state: StateDep, caller: KeyCaller, body: OpenAIBody
) -> dict[str, Any]:
    """An estimate of how many tokens the request has."""
    asked = await service.understand(state, caller, body)
    count = estimate_tokens(asked.chat)
    return {"object": "response.input_tokens", "input_tokens": count}


@router.get("/{response_id}", response_class=Response)
async def get_response(
    state: StateDep, caller: KeyCaller, response_id: str, *, stream: bool = False
) -> Response:
    if stream:
        raise unsupported("stream", "a stored response comes in one piece.")
    row = await state.dialects.responses.get(caller, response_id)
    return _json(row.response)


@router.delete("/{response_id}")
async def delete_response(state: StateDep, caller: KeyCaller, response_id: str) -> dict[str, Any]:
    await state.dialects.responses.delete(caller, response_id)
    return {"id": response_id, "object": "response", "deleted": True}


@router.post("/{response_id}/cancel", response_class=Response)
async def cancel_response(state: StateDep, caller: KeyCaller, response_id: str) -> Response:
    await state.dialects.responses.get(caller, response_id)
    problem = "only a response that is made in the background can be cancelled, and there is none."
    raise unsupported("response_id", problem, code="not_in_background")


@router.get("/{response_id}/input_items", response_class=Response)
async def list_input_items(
    state: StateDep,
    caller: KeyCaller,
    response_id: str,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
) -> Response:
    """The items of that request's own input, without those of earlier responses."""
    row = await state.dialects.responses.get(caller, response_id)
    items = as_list(row.input)
    if order == "desc":
        items = items[::-1]
    ids = [item["id"] for item in items]
    if after is not None and after not in ids:
        raise invalid("after", f"there is no item {after[:100]!r}.")
    start = 0 if after is None else ids.index(after) + 1
    page = items[start : start + limit]
    return _json(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else "",
            "last_id": page[-1]["id"] if page else "",
            "has_more": start + limit < len(items),
        }
    )


def _json(content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)
