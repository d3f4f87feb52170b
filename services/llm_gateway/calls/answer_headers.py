"""Headers that a call adds to its answer, whichever route it is made by."""

import re
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOT_PRINTABLE = re.compile(rb"[^\x20-\x7e]")
_headers: ContextVar[dict[str, str] | None] = ContextVar("answer_headers", default=None)


def add_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
    """Send these with the answer of the request that is served now, unless it has begun."""
    added = _headers.get()
    if added is not None:
        added.update(headers)


def add_header(name: str, value: str) -> None:
    added = _headers.get()
    if added is not None:
        added[name] = value


def begin_adding() -> tuple[dict[str, str], Token[dict[str, str] | None]]:
    """What will have been added to the request that is served now, and what ends that."""
    added: dict[str, str] = {}
    return added, _headers.set(added)


def end_adding(token: Token[dict[str, str] | None]) -> None:
    _headers.reset(token)


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """As they are sent. A model's name may be what the client has made up."""
    return [(name.encode(), _printable(value)) for name, value in headers.items()]


def _printable(value: str) -> bytes:
    if value.isascii() and value.isprintable():
        return value.encode()
    return _NOT_PRINTABLE.sub(b"?", value.encode("ascii", "replace"))


@contextmanager
def without_headers() -> Generator[None]:
    """Calls within add nothing: they are not what the client has asked for."""
    token = _headers.set(None)
    try:
        yield
    finally:
        _headers.reset(token)


class AnswerHeadersMiddleware:
    """Sends what was added before the answer begins; a task started for a request adds to it too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added, token = begin_adding()

        async def send_with_headers(message: Message) -> None:
            if added and message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                more = [header for header in encoded(added) if header[0] not in own]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            end_adding(token)
