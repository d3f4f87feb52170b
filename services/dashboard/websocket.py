"""Passes a WebSocket on: messages both ways, and the close code of whoever closes first."""

from __future__ import annotations

import logging
from typing import Final
from urllib.parse import urlsplit

import anyio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from services.dashboard.asgi import Headers, Receive, Scope, Send, header
from services.dashboard.headers import for_upstream
from services.dashboard.routes import Route
from services.dashboard.settings import Settings

_log = logging.getLogger(__name__)
_NORMAL: Final = 1000
_GOING_AWAY: Final = 1001
_TRY_AGAIN_LATER: Final = 1013
_BAD_GATEWAY: Final = 1014
# Codes that only a library reports, never a peer: RFC 6455, section 7.4.1.
_UNSENDABLE: Final = frozenset({1004, 1005, 1006, 1015})
# The service behind decides what is too large and says so; this is only a stop.
_MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024


async def proxy_websocket(
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    route: Route,
    request_id: str,
    settings: Settings,
) -> None:
    if (await receive())["type"] != "websocket.connect":
        return
    try:
        upstream = await _open(scope, route=route, request_id=request_id, settings=settings)
    except (InvalidStatus, InvalidURI) as error:
        _log.warning("%s refused a WebSocket: %s", route.service, error)
        await send({"type": "websocket.close", "code": _BAD_GATEWAY})
        return
    except (OSError, TimeoutError, InvalidHandshake) as error:
        # Accepted first, so that a browser can read the code: before that it sees only 1006.
        _log.warning("%s is not reachable: %s", route.service, error)
        await send({"type": "websocket.accept"})
        await _close(send, _TRY_AGAIN_LATER, f"{route.service} is not reachable")
        return
    await send({"type": "websocket.accept", "subprotocol": upstream.subprotocol})
    await _Relay(receive, send, upstream).run()


async def _open(
    scope: Scope, *, route: Route, request_id: str, settings: Settings
) -> ClientConnection:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    target = route.target(raw_path.decode("latin-1").partition("?")[0])
    if query := scope["query_string"]:
        target = f"{target}?{query.decode('latin-1')}"
    subprotocols: list[str] = scope.get("subprotocols") or []
    headers = for_upstream(scope, request_id=request_id, websocket=True)
    base = urlsplit(route.base_url)
    # The client's Host stays in the request, so that the service can hold Origin against it;
    # the connection itself goes to the service.
    host = (header(scope["headers"], b"host") or b"").decode("latin-1") or base.netloc
    return await connect(
        f"ws://{host}{base.path}{target}",
        host=base.hostname,
        port=base.port or 80,
        additional_headers=_without_host(headers),
        subprotocols=[Subprotocol(name) for name in subprotocols] or None,
        compression=None,
        proxy=None,
        user_agent_header=None,
        ping_interval=None,
        max_size=_MAX_MESSAGE_BYTES,
        open_timeout=settings.connect_timeout_s,
        close_timeout=settings.connect_timeout_s,
    )


def _without_host(headers: Headers) -> list[tuple[str, str]]:
    """The library writes Host itself, out of the address that it is given."""
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers
        if name != b"host"
    ]


class _Relay:
    """Two pumps over one pair of connections; the first to end stops the other."""

    def __init__(self, receive: Receive, send: Send, upstream: ClientConnection) -> None:
        self._receive = receive
        self._send = send
        self._upstream = upstream

    async def run(self) -> None:
        closing: tuple[int, str] | None = None
        try:
            async with anyio.create_task_group() as group:

                async def to_upstream() -> None:
                    await self._to_upstream()
                    group.cancel_scope.cancel()

                group.start_soon(to_upstream)
                closing = await self._to_client()
                group.cancel_scope.cancel()
            if closing is not None:
                # Only now that nothing receives any more: granian holds a close frame back for as
                # long as a receive waits, and the client would wait for ever.
                code, reason = closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        finally:
            with anyio.CancelScope(shield=True):
                await self._upstream.close(_GOING_AWAY)

    async def _to_upstream(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                await self._upstream.close(_sendable(message.get("code"), _GOING_AWAY))
                return
            text: str | None = message.get("text")
            try:
                await self._upstream.send(message["bytes"] if text is None else text)
            except ConnectionClosed:
                # The other pump sees the same and passes the code on.
                await anyio.sleep_forever()

    async def _to_client(self) -> tuple[int, str]:
        """Pass messages on until the service closes: the code and reason to close with."""
        try:
            while True:
                data = await self._upstream.recv()
                kind = "text" if isinstance(data, str) else "bytes"
                await self._send({"type": "websocket.send", kind: data})
        except ConnectionClosed as closed:
            if closed.rcvd is None:
                return _BAD_GATEWAY, "the service went away"
            return _sendable(closed.rcvd.code, _NORMAL), closed.rcvd.reason


def _sendable(code: int | None, instead: int) -> int:
    return instead if code is None or code in _UNSENDABLE else code


async def _close(send: Send, code: int, reason: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})
