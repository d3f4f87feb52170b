"""POST /complete and /stream, POST /v1/chat/completions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.types import Receive, Scope, Send

from contracts.llm import CompleteRequest, CompleteResponse, StreamChunk
from services.kit.auth import KeyCaller, Principal
from services.llm_gateway.deps import State, StateDep
from services.llm_gateway.front import chat, own
from services.llm_gateway.front.body import read_object
from services.llm_gateway.front.exchange import Exchange, Handler

router = APIRouter(tags=["completions"])


async def json_object(request: Request) -> dict[str, Any]:
    """The body as it came, for routes that pass on what they do not know."""
    return read_object(await request.body())


OpenAIBody = Annotated[dict[str, Any], Depends(json_object)]


class _Handled(Response):
    """Answers as the front does, for the requests that come through the middleware."""

    def __init__(
        self, handler: Handler, state: State, principal: Principal, request: Request, body: bytes
    ) -> None:
        super().__init__()
        self._handler = handler
        self._known = (state, principal, body)
        self._cache_control = request.headers.get("Cache-Control", "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        exchange = Exchange(
            *self._known, receive=receive, send=send, cache_control=self._cache_control
        )
        await self._handler(exchange)


@router.post("/complete", response_model=CompleteResponse)
async def complete(
    state: StateDep, caller: KeyCaller, _body: CompleteRequest, request: Request
) -> Response:
    return _Handled(own.complete, state, caller, request, await request.body())


@router.post("/stream", response_class=Response, responses={200: {"model": StreamChunk}})
async def stream(
    state: StateDep, caller: KeyCaller, _body: CompleteRequest, request: Request
) -> Response:
    return _Handled(own.stream, state, caller, request, await request.body())


@router.post("/v1/chat/completions", response_class=Response)
async def chat_completions(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """OpenAI's chat completions; unknown fields go through to the provider."""
    return _Handled(chat.chat_completions, state, caller, request, await request.body())
