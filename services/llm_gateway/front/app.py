"""Takes the hot routes' plain requests; FastAPI's app gets every other one, and all that is odd.

A request is taken if it is a POST with a length below the limit to a host that is known, and comes
from no browser's page (Origin) or session (Cookie): what else the middleware checks can't concern
it. The routes are in FastAPI's app as well, on the same functions.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kit.auth import Authenticator
from services.kit.ids import new_text_id
from services.kit.log import request_id_var
from services.kit.middleware import REQUEST_ID, OriginMiddleware
from services.kit.telemetry import DURATION, REQUESTS
from services.llm_gateway.calls.answer_headers import begin_adding, encoded, end_adding
from services.llm_gateway.front.exchange import Exchange, Handler, Header

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]

_MOST_HOSTS = 100
_LONGEST_LENGTH = 9  # digits
_OK = 200


class Front:
    """`handlers` by path; `limit` is a body's, in bytes.

    `listening` puts around it what hears requests; `is_heard` says whether it has to hear one, by
    its headers.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        handlers: Mapping[str, Handler],
        authenticator: Authenticator,
        origins: OriginMiddleware,
        on_error: ErrorHandler,
        limit: int,
        listening: Callable[[ASGIApp], ASGIApp],
        is_heard: Callable[[Mapping[bytes, bytes]], bool],
    ) -> None:
        self._listening = listening(self._serve)
        self._is_heard = is_heard
        self._app = app
        self._handlers = handlers
        self._authenticator = authenticator
        self._origins = origins
        self._on_error = on_error
        self._limit = limit
        self._hosts: dict[bytes, bool] = {}
        self._series: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def openapi(self) -> dict[str, Any]:
        """The document of the app behind it, which has all routes."""
        return self._app.openapi()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._plain_headers(scope)
        if headers is None or self._is_heard(headers):
            await self._listening(scope, receive, send)
        else:
            await self._handle(self._handlers[scope["path"]], headers, scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._plain_headers(scope)
        if headers is None:
            await self._app(scope, receive, send)
        else:
            await self._handle(self._handlers[scope["path"]], headers, scope, receive, send)

    def _plain_headers(self, scope: Scope) -> dict[bytes, bytes] | None:
        """The headers of a request that is answered here; None if it is another one."""
        if scope["type"] != "http" or scope["path"] not in self._handlers:
            return None
        given = scope["headers"]
        headers: dict[bytes, bytes] = dict(given)
        is_plain = scope["method"] == "POST" and self._is_plain(headers, len(given))
        return headers if is_plain else None

    def _is_plain(self, headers: dict[bytes, bytes], count: int) -> bool:
        length = headers.get(b"content-length", b"")
        return (
            length.isdigit()
            and len(length) <= _LONGEST_LENGTH
            and int(length) <= self._limit
            and len(headers) == count  # no header came twice
            and b"origin" not in headers
            and b"cookie" not in headers
            and b"expect" not in headers
            and self._is_known(headers.get(b"host", b""))
        )

    def _is_known(self, host: bytes) -> bool:
        known = self._hosts.get(host)
        if known is None:
            if len(self._hosts) >= _MOST_HOSTS:
                self._hosts.clear()
            known = self._origins.is_known_host(host.decode("latin-1"))
            self._hosts[host] = known
        return known

    async def _handle(
        self,
        handler: Handler,
        headers: dict[bytes, bytes],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        begun = time.perf_counter()
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if given and REQUEST_ID.fullmatch(given) else new_text_id()
        token = request_id_var.set(request_id)
        added, adding = begin_adding()
        own: Header = (b"x-request-id", request_id.encode())
        exchange: Exchange | None = None
        status = _OK
        try:
            body = await _whole(receive)
            if body is None:
                return
            principal = await self._authenticator.by_headers(_Texts(headers), scope)
            exchange = Exchange(
                scope["state"]["gateway"],
                principal or self._authenticator.anonymous(),
                body,
                receive=receive,
                send=send,
                headers=(own,),
                added=added,
                cache_control=headers.get(b"cache-control", b"").decode("latin-1"),
            )
            await handler(exchange)
        except Exception as error:
            if exchange is not None and exchange.started:
                raise
            status = await self._answer_error(error, scope, receive, send, (own, *encoded(added)))
        finally:
            end_adding(adding)
            request_id_var.reset(token)
            started = begun if exchange is None else exchange.started_at
            self._observe(scope["path"], status, (started or time.perf_counter()) - begun)

    def _observe(self, path: str, status: int, seconds: float) -> None:
        found = self._series.get((path, status))
        if found is None:
            series = REQUESTS.labels("POST", path, status), DURATION.labels("POST", path)
            found = self._series[path, status] = series
        found[0].inc()
        found[1].observe(seconds)

    async def _answer_error(
        self,
        error: Exception,
        scope: Scope,
        receive: Receive,
        send: Send,
        headers: Sequence[Header],
    ) -> int:
        response = await self._on_error(Request(scope), error)
        response.raw_headers.extend(headers)
        await response(scope, receive, send)
        return response.status_code


class _Texts(Mapping[str, str]):
    """Headers by names in small letters, decoded when one is looked up."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Mapping[bytes, bytes]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        return self._raw[name.encode()].decode("latin-1")

    def get(self, key: str, default: Any = None) -> Any:
        value = self._raw.get(key.encode())
        return default if value is None else value.decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)


async def _whole(receive: Receive) -> bytes | None:
    """The body; None if its client went away before it was whole."""
    message = await receive()
    if message["type"] != "http.request":
        return None
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts = [body]
    while message.get("more_body"):
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
    return b"".join(parts)
