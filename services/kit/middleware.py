"""What every request passes: its id, the body limit, the check of Host and Origin."""

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.errors import BadRequest, Forbidden, TooLarge
from services.kit.ids import new_id
from services.kit.log import request_id_var

REQUEST_ID = re.compile(r"[\w.:\-]{1,128}", re.ASCII)
_SINGLE_LABEL = re.compile(r"[\w\-]*", re.ASCII)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_NUMBER = 18  # digits of a Content-Length that is worth reading


class RequestIdMiddleware:
    """Accepts X-Request-ID or makes one; returns it and puts it into the logs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else str(new_id())
        token = request_id_var.set(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            request_id_var.reset(token)


class BodyLimitMiddleware:
    """Refuses a body over the limit (TooLarge), whether it is announced or only sent."""

    def __init__(
        self, app: ASGIApp, *, limit: int, file_limit: int, file_suffix: str | tuple[str, ...]
    ) -> None:
        self._app = app
        self._limit = limit
        self._file_limit = file_limit
        self._file_suffix = file_suffix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_file = bool(self._file_suffix) and scope["path"].endswith(self._file_suffix)
        limit = self._file_limit if is_file else self._limit
        announced = Headers(scope=scope).get("Content-Length", "")
        if announced.isascii() and announced.isdigit():
            number = announced.lstrip("0")
            if len(number) > _LONGEST_NUMBER or int(number or 0) > limit:
                raise TooLarge(f"The body is over {limit} bytes.")
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    raise TooLarge(f"The body is over {limit} bytes.")
            return message

        await self._app(scope, counted_receive, send)


class OriginMiddleware:
    """Refuses DNS rebinding (an unknown host name, BadRequest) and writes from another site's page
    (Forbidden).
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], origins: list[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("Host", "")
        if not self.is_known_host(host):
            detail = f"The host name {host[:100]!r} is not allowed; add it to NOVA_ALLOWED_HOSTS."
            raise BadRequest(detail, code="unknown_host")
        origin = headers.get("Origin")
        writes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if origin is not None and writes and not self._is_own_origin(origin, host):
            detail = "Requests from that origin are not allowed; see CORS_ALLOWED_ORIGINS."
            raise Forbidden(detail, code="foreign_origin")
        await self._app(scope, receive, send)

    def is_known_host(self, host: str) -> bool:
        """IP literals and names without a dot can't be rebound by an outside name server."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if _SINGLE_LABEL.fullmatch(name):
            return True
        if name in self._hosts or "*" in self._hosts or name.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _is_own_origin(self, origin: str, host: str) -> bool:
        if origin in self._origins or "*" in self._origins:
            return True
        try:
            own = urlsplit(origin)
        except ValueError:
            return False
        return own.scheme in {"http", "https"} and own.netloc == host
