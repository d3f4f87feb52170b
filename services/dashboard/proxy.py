"""Passes an HTTP request on and its answer back, both streamed, neither buffered."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Final

import anyio
import httpcore

from services.dashboard.asgi import Receive, Scope, Send, respond_error
from services.dashboard.headers import for_client, for_upstream
from services.dashboard.routes import Route
from services.dashboard.settings import Settings
from services.dashboard.upstream import Backend

_log = logging.getLogger(__name__)
_RETRY_AFTER_S: Final = b"2"


class _ClientGoneError(Exception):
    """The client closed its connection while it was still sending."""


def open_pool() -> httpcore.AsyncConnectionPool:
    """Idle connections are kept for less time than any server behind keeps them."""
    return httpcore.AsyncConnectionPool(
        max_connections=2000, keepalive_expiry=4.0, network_backend=Backend()
    )


class _Exchange:
    """One request and its answer; `started` says whether the answer's head is out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.started = False
        self.body_read = anyio.Event()

    async def body(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise _ClientGoneError
            if chunk := message.get("body", b""):
                yield chunk
            more = message.get("more_body", False)
        self.body_read.set()

    async def disconnected(self) -> None:
        """Returns when the client has gone; the body has its turn at `receive` first."""
        await self.body_read.wait()
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def begin(self, response: httpcore.Response, *, request_id: str) -> None:
        self.started = True
        await self.send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": for_client(response.headers, request_id=request_id),
            }
        )

    async def write(self, chunk: bytes, *, more: bool) -> None:
        await self.send({"type": "http.response.body", "body": chunk, "more_body": more})


class HttpProxy:
    """Holds the connection pool; one call is one exchange."""

    def __init__(self, settings: Settings, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool
        self._timeouts = {
            "connect": settings.connect_timeout_s,
            "pool": settings.connect_timeout_s,
            "write": settings.read_timeout_s,
            "read": settings.read_timeout_s,
        }

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, *, route: Route, request_id: str
    ) -> None:
        """Ends the upstream call as soon as the client is gone."""
        exchange = _Exchange(scope, receive, send)
        async with anyio.create_task_group() as group:

            async def stop_when_client_goes() -> None:
                await exchange.disconnected()
                group.cancel_scope.cancel()

            group.start_soon(stop_when_client_goes)
            await self._run(exchange, route=route, request_id=request_id)
            group.cancel_scope.cancel()

    async def _run(self, exchange: _Exchange, *, route: Route, request_id: str) -> None:
        try:
            await self._forward(exchange, route=route, request_id=request_id)
        except _ClientGoneError:
            return
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
            _log.warning("%s is not reachable: %s", route.service, error)
            await respond_error(
                exchange.send,
                503,
                code="service_unavailable",
                detail=f"{route.service} is not reachable; it may still be starting. Try again.",
                request_id=request_id,
                headers=[(b"retry-after", _RETRY_AFTER_S)],
            )
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            _log.warning("%s broke off its answer: %s", route.service, error)
            if exchange.started:
                # The status is out: only a broken connection tells the client the truth.
                raise
            await respond_error(
                exchange.send,
                502,
                code="bad_gateway",
                detail=f"{route.service} did not answer properly ({type(error).__name__}).",
                request_id=request_id,
                headers=[(b"retry-after", _RETRY_AFTER_S)],
            )

    async def _forward(self, exchange: _Exchange, *, route: Route, request_id: str) -> None:
        scope = exchange.scope
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        target = route.target(raw_path.decode("latin-1").partition("?")[0])
        if query := scope["query_string"]:
            target = f"{target}?{query.decode('latin-1')}"
        headers = for_upstream(scope, request_id=request_id)
        has_body = any(name in {b"content-length", b"transfer-encoding"} for name, _ in headers)
        if not has_body:
            exchange.body_read.set()
        async with self._pool.stream(
            scope["method"],
            _url(route.base_url, target),
            headers=headers,
            content=exchange.body() if has_body else None,
            extensions={"timeout": self._timeouts},
        ) as response:
            exchange.body_read.set()
            await exchange.begin(response, request_id=request_id)
            async for chunk in response.aiter_stream():
                await exchange.write(chunk, more=True)
            await exchange.write(b"", more=False)


def _url(base_url: str, target: str) -> httpcore.URL:
    """The service's address with the client's path, byte for byte."""
    base = httpcore.URL(base_url)
    return httpcore.URL(
        scheme=base.scheme,
        host=base.host,
        port=base.port,
        target=base.target.rstrip(b"/") + target.encode("latin-1"),
    )
