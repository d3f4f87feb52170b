"""POST /v1/rerank, /v1/audio/… and /v1/images/…: passed through where the provider has them."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, cast

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse
from starlette.types import Send

from contracts.errors import OpenAIErrorBody
from services.kit.auth import KeyCaller, Principal
from services.kit.errors import BadRequest, NovaError
from services.kit.log import get_logger
from services.llm_gateway.deps import State, StateDep
from services.llm_gateway.media import service
from services.llm_gateway.media.incoming import Incoming
from services.llm_gateway.media.multipart import ModelForm, boundary_of
from services.llm_gateway.media.service import MediaRoute, Passed
from services.llm_gateway.openai_errors import openai_error

_log = get_logger(__name__)
router = APIRouter(tags=["rerank, audio, images"])

FILE_ROUTES = (
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
    "/v1/images/edits",
    "/v1/images/variations",
)
"""Their bodies may be 50 MiB."""

_RERANK = MediaRoute("/rerank", "rerank")
_SPEECH = MediaRoute("/audio/speech", "speech")
_TRANSCRIPTION = MediaRoute("/audio/transcriptions", "transcription")
_TRANSLATION = MediaRoute("/audio/translations", "translation")
_GENERATION = MediaRoute("/images/generations", "image")
_EDIT = MediaRoute("/images/edits", "image")
_VARIATION = MediaRoute("/images/variations", "image")


@router.post("/v1/rerank", response_class=Response)
async def rerank(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Ranks documents by a query."""
    return await _json(state, caller, request, _RERANK)


@router.post("/v1/audio/speech", response_class=Response)
async def speech(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Speaks a text."""
    return await _json(state, caller, request, _SPEECH)


@router.post("/v1/audio/transcriptions", response_class=Response)
async def transcriptions(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Writes down what is said."""
    return await _form(state, caller, request, _TRANSCRIPTION)


@router.post("/v1/audio/translations", response_class=Response)
async def translations(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Writes down in English what is said."""
    return await _form(state, caller, request, _TRANSLATION)


@router.post("/v1/images/generations", response_class=Response)
async def generations(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Draws by a text."""
    return await _json(state, caller, request, _GENERATION)


@router.post("/v1/images/edits", response_class=Response)
async def edits(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Draws by pictures and a text."""
    if request.headers.get("Content-Type", "").lower().startswith("application/json"):
        return await _json(state, caller, request, _EDIT)
    return await _form(state, caller, request, _EDIT)


@router.post("/v1/images/variations", response_class=Response)
async def variations(state: StateDep, caller: KeyCaller, request: Request) -> Response:
    """Draws a picture anew."""
    return await _form(state, caller, request, _VARIATION)


async def _json(state: State, caller: Principal, request: Request, route: MediaRoute) -> Response:
    incoming = Incoming(request)
    try:
        body: Any = orjson.loads(await incoming.whole())
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not valid JSON.", code="malformed_json") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.", code="malformed_json")
    work = service.pass_json(state, caller, route, cast("dict[str, Any]", body))
    return _PassedResponse(await incoming.while_there(work))


async def _form(state: State, caller: Principal, request: Request, route: MediaRoute) -> Response:
    content_type = request.headers.get("Content-Type", "")
    incoming = Incoming(request)
    form = ModelForm(boundary_of(content_type), incoming.chunks())
    size = request.headers.get("Content-Length")
    work = service.pass_form(
        state,
        caller,
        route,
        form,
        content_type=content_type,
        size=int(size) if size is not None and size.isascii() and size.isdigit() else None,
    )
    try:
        return _PassedResponse(await incoming.while_there(work))
    except NovaError:
        # The connection can be used again only once the body has been read.
        await incoming.drain()
        raise


class _PassedResponse(StreamingResponse):
    """Ends the call when the answer ends, however it ends."""

    def __init__(self, passed: Passed) -> None:
        super().__init__(_whole(passed))
        for name, value in passed.headers.items():
            self.headers[name] = value
        self._pieces: AsyncGenerator[bytes, None] = passed.pieces

    async def stream_response(self, send: Send) -> None:
        try:
            async with aclosing(self._pieces):
                await super().stream_response(send)
        except NovaError as error:
            _log.warning("an answer broke off", code=error.code, detail=error.detail)
            if self.headers.get("Content-Type", "").startswith("text/event-stream"):
                failure = OpenAIErrorBody(error=openai_error(error)).model_dump_json()
                last = f"data: {failure}\n\n".encode()
                await send({"type": "http.response.body", "body": last, "more_body": False})
            # Without an end the server cuts the connection: what it has sent is no whole answer.


async def _whole(passed: Passed) -> AsyncGenerator[bytes, None]:
    yield passed.first
    async for piece in passed.pieces:
        yield piece
