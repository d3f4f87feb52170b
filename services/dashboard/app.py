"""Decides for each request: our own health, a proxied path, or a file of the build."""

from __future__ import annotations

from typing import Final

from services.dashboard.asgi import Receive, Scope, Send, respond_error
from services.dashboard.headers import request_id, same_origin
from services.dashboard.health import Health
from services.dashboard.proxy import HttpProxy, open_pool
from services.dashboard.routes import Forbidden, match, routes_for
from services.dashboard.settings import Settings
from services.dashboard.static import StaticFiles
from services.dashboard.websocket import proxy_websocket

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION: Final = 1008


class DashboardApp:
    """A bare ASGI application: no framework, because this process is kept small."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._routes = routes_for(settings)
        self._pool = open_pool()
        self._proxy = HttpProxy(settings, self._pool)
        self._static = StaticFiles(settings.dist)
        self._health = Health(settings, self._pool, self._static)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._pool.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        identity = request_id(scope)
        try:
            route = match(self._routes, scope["path"])
        except Forbidden:
            await respond_error(
                send,
                404,
                code="not_found",
                detail="There is nothing under this path.",
                request_id=identity,
            )
            return
        if scope["method"] not in _SAFE_METHODS and not same_origin(scope):
            await respond_error(
                send,
                403,
                code="origin_mismatch",
                detail="This request comes from another site's page and was refused.",
                request_id=identity,
            )
        elif route is not None:
            await self._proxy(scope, receive, send, route=route, request_id=identity)
        elif not await self._health(send, scope["path"]):
            await self._static(scope, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            route = match(self._routes, scope["path"])
        except Forbidden:
            route = None
        if route is None or not same_origin(scope):
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        await proxy_websocket(
            scope,
            receive,
            send,
            route=route,
            request_id=request_id(scope),
            settings=self._settings,
        )
