"""A bare ASGI handler before FastAPI: the calls are all of the traffic, and routing them is dear."""

import asyncio
import hmac
import math
from collections.abc import Awaitable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.translate import CHAT_PATH, EMBEDDINGS_PATH
from services.kit.errors import Forbidden, NovaError, TooLarge, Unauthenticated
from services.kit.log import get_logger, request_id_var
from services.kit.service_tokens import SERVICE_HEADER, service_token
from services.llm_translate.call import Call, read_call
from services.llm_translate.failures import status_of
from services.llm_translate.openai_form import error_event
from services.llm_translate.service import Service

_log = get_logger(__name__)
_MOST_BYTES = 64 * 1024 * 1024
_TOKEN = SERVICE_HEADER.lower().encode()
_REQUEST_ID = b"x-request-id"
_JSON = (b"content-type", b"application/json")
_EVENTS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
_SERVER_ERROR = 500


class Front:
    """Answers the calls itself, and leaves all else to `app`."""

    def __init__(self, app: ASGIApp, *, secret: str) -> None:
        self._app = app
        self._secret = secret
        self.service: Service | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in {CHAT_PATH, EMBEDDINGS_PATH}:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        token = request_id_var.set(headers.get(_REQUEST_ID, b"").decode(errors="replace"))
        try:
            await self._answer(scope, headers, receive, send)
        finally:
            request_id_var.reset(token)

    async def _answer(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        answer = _Answer(send)
        try:
            self._admit(headers)
            content = await _body(receive)
            call = read_call(headers, content)
            work = self._work(scope["path"], call, answer)
            await while_connected(receive, work)
        except NovaError as error:
            await answer.fail(error)

    async def _work(self, path: str, call: Call, answer: "_Answer") -> None:
        service = self.service
        if service is None:
            raise NovaError("llm-translate is not started.")
        if path == EMBEDDINGS_PATH:
            await answer.whole(await service.embed(call))
        elif not call.is_streamed:
            await answer.whole(await service.complete(call))
        else:
            pieces = service.stream(call)
            try:
                async for piece in pieces:
                    await answer.piece(piece)
            finally:
                await pieces.aclose()
            await answer.end()

    def _admit(self, headers: Mapping[bytes, bytes]) -> None:
        given = headers.get(_TOKEN)
        if given is None:
            raise Unauthenticated(f"Send {SERVICE_HEADER}.", code="credential_missing")
        name = given.partition(b".")[0].decode(errors="replace")
        if not hmac.compare_digest(given, service_token(self._secret, name).encode()):
            raise Forbidden("The service token is wrong.", code="invalid_service_token")


class _Answer:
    """An answer as it is sent: its status waits for the first piece."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False

    async def whole(self, content: bytes, *, status: int = 200, wait: float | None = None) -> None:
        headers = [_JSON, (b"content-length", b"%d" % len(content))]
        if wait is not None:
            headers.append((b"retry-after", b"%d" % max(1, math.ceil(wait))))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": content, "more_body": False})

    async def piece(self, content: bytes) -> None:
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        await self._send({"type": "http.response.body", "body": content, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def fail(self, error: NovaError) -> None:
        status = status_of(error)
        _log.info("call failed", code=error.code, status=status, detail=error.detail)
        event = error_event(error.detail, code=error.code, kind=_kind(status))
        if self._begun:
            await self.piece(event)
            await self.end()
        else:
            # The same object stands in an event's data and in the body of an answer.
            body = event.removeprefix(b"data: ").rstrip()
            await self.whole(body, status=status, wait=error.retry_after)


async def while_connected(receive: Receive, work: Awaitable[None]) -> None:
    """Do the work; when the client leaves, it is cancelled and what it called is closed."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(receive))
    leaving.add_done_callback(lambda _: working.cancel())
    try:
        await working
    except asyncio.CancelledError:
        if not leaving.done() or leaving.cancelled():
            working.cancel()
            raise
    finally:
        leaving.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return message.get("body", b"")
    parts = [message.get("body", b"")]
    size = len(parts[0])
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _MOST_BYTES:
            raise TooLarge(f"The body is over {_MOST_BYTES} bytes.")
    return b"".join(parts)


def _kind(status: int) -> str:
    known = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
    fallback = "server_error" if status >= _SERVER_ERROR else "invalid_request_error"
    return {**known, 429: "rate_limit_error"}.get(status, fallback)
