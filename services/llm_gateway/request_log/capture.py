"""Listens to requests and answers as they pass, if they are to be logged; else it costs a look."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.auth import PRINCIPAL_IN_SCOPE, Principal
from services.llm_gateway.request_log.recorder import RequestLog

EVENTS = "text/event-stream"
_PATHS = frozenset({"/complete", "/stream", "/embed"})
_NOT_LOGGED = ("/v1/requests", "/v1/health", "/v1/models")
_UNAUTHENTICATED = 401


@dataclass(slots=True)
class Side:
    """A body as it passes; `pieces` is None once it is too long to be kept, or no text."""

    kind: str = ""
    size: int = 0
    pieces: list[bytes] | None = field(default_factory=list[bytes])

    def announce(self, headers: Headers) -> None:
        """The body is about to come. Sounds, pictures and forms with files are not kept."""
        self.kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if not self.is_text:
            self.pieces = None

    @property
    def is_text(self) -> bool:
        return self.kind.endswith("json") or self.kind == EVENTS

    def take(self, piece: bytes, *, longest: int) -> None:
        self.size += len(piece)
        if self.pieces is not None:
            self.pieces.append(piece)
            if self.size > longest:
                self.pieces = None

    def body(self) -> bytes | None:
        return None if self.pieces is None else b"".join(self.pieces)


@dataclass(slots=True)
class Captured:
    """One request as it was heard. No header of it is kept."""

    path: str
    principal: Principal | None = None
    request_id: str = ""
    status: int | None = None
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    duration_ms: int = 0
    request: Side = field(default_factory=Side)
    answer: Side = field(default_factory=Side)


class RequestLogMiddleware:
    """Outside of everything that answers. Requests without a valid credential are not logged."""

    def __init__(self, app: ASGIApp, *, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._log.is_on or not _is_call(scope):
            await self._app(scope, receive, send)
            return
        heard = Captured(scope["path"])
        heard.request.announce(Headers(scope=scope))
        longest = self._log.longest

        async def listening_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                heard.request.take(message.get("body", b""), longest=longest)
            return message

        async def listening_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                heard.status = message["status"]
                heard.request_id = headers.get("X-Request-ID", "")
                heard.answer.announce(headers)
            elif message["type"] == "http.response.body":
                heard.answer.take(message.get("body", b""), longest=longest)
            await send(message)

        try:
            await self._app(scope, listening_receive, listening_send)
        finally:
            heard.duration_ms = int((time.monotonic() - heard.began) * 1000)
            heard.principal = scope.get(PRINCIPAL_IN_SCOPE)
            if heard.status != _UNAUTHENTICATED:
                self._log.offer(heard)


def _is_call(scope: Scope) -> bool:
    path: str = scope["path"]
    if scope["method"] != "POST":
        return False
    return path in _PATHS or (path.startswith("/v1/") and not path.startswith(_NOT_LOGGED))
