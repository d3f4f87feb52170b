"""From an error to the one error body; OpenAI's shape on the compatible routes."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from contracts.errors import ErrorBody, OpenAIError, OpenAIErrorBody
from services.kit.errors import DatabaseDown, NovaError
from services.kit.log import get_logger, request_id_var

_log = get_logger(__name__)
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_UNAUTHENTICATED = 401
_SERVER_ERROR = 500
_LONGEST_PLACE = 100
_POLICY_VIOLATION, _INTERNAL_ERROR = 1008, 1011  # RFC 6455, section 7.4.1


ErrorShape = Callable[[NovaError, int], tuple[dict[str, Any], int]]
"""Another vendor's body for an error, and its status, from the status that Nova would answer."""
ErrorShapes = Mapping[str, ErrorShape]
"""By the path that it and all paths below it answer in."""


class ErrorMiddleware(ExceptionMiddleware):
    """Answers whatever is raised beneath it, a bug too, while the request's id is still known.

    Starlette would answer a bug outside of every middleware: without id, CORS headers or metrics.
    """

    def __init__(
        self, app: ASGIApp, *, openai_prefix: str | None, shapes: ErrorShapes | None = None
    ) -> None:
        on_error = error_handler(openai_prefix, shapes or {})
        super().__init__(app, handlers={HTTPException: on_error, Exception: on_error})


def add_error_handlers(
    app: FastAPI, *, openai_prefix: str | None, shapes: ErrorShapes | None = None
) -> None:
    """Answer a route's errors in Nova's shape, under `openai_prefix` in OpenAI's, or in another."""
    on_error = error_handler(openai_prefix, shapes or {})
    for kind in (NovaError, HTTPException, RequestValidationError, ConnectionError):
        app.add_exception_handler(kind, on_error)


def error_handler(openai_prefix: str | None, shapes: ErrorShapes) -> ExceptionHandler:
    """The function that answers an error."""

    async def on_error(connection: HTTPConnection, error: Exception) -> Any:
        found, status = as_nova_error(error)
        path: str = connection.scope["path"]
        if isinstance(error, NovaError | ConnectionError):
            if status >= _SERVER_ERROR:
                _log.warning("request failed", code=found.code, detail=found.detail)
        elif status == _SERVER_ERROR:
            _log.error("unhandled error", path=path, exc_info=error)
        if not isinstance(connection, Request):
            return _WebSocketEnd(found, status)
        openai = openai_prefix is not None and _is_below(path, openai_prefix)
        headers = error.headers if isinstance(error, HTTPException) else None
        shape = next((shapes[prefix] for prefix in shapes if _is_below(path, prefix)), None)
        return error_response(found, status=status, openai=openai, headers=headers, shape=shape)

    return on_error


def _is_below(path: str, prefix: str) -> bool:
    return f"{path}/".startswith(f"{prefix}/")


class _WebSocketEnd:
    """Closes a WebSocket; before it was accepted, a server makes a 403 of that."""

    def __init__(self, error: NovaError, status: int) -> None:
        code = _INTERNAL_ERROR if status >= _SERVER_ERROR else _POLICY_VIOLATION
        reason = error.detail.encode(errors="replace")[:120].decode(errors="ignore")
        self._message = {"type": "websocket.close", "code": code, "reason": reason}

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send(self._message)


def as_nova_error(error: Exception) -> tuple[NovaError, int]:
    """`error` as the caller is told of it, and the status."""
    match error:
        case NovaError():
            return error, error.status
        case HTTPException():
            return _from_http(error)
        case RequestValidationError():
            problems = error.errors()
            if any(problem["type"] == "json_invalid" for problem in problems):
                return NovaError("The body is not valid JSON.", code="malformed_json"), 400
            return NovaError(describe(problems), code="validation_failed"), 422
        case ConnectionError():
            return DatabaseDown("The database can't be reached."), DatabaseDown.status
        case _:
            return NovaError("Nova failed here; the log has the request id."), _SERVER_ERROR


def _from_http(error: HTTPException) -> tuple[NovaError, int]:
    # FastAPI's reader of bodies makes a 400 of whatever a middleware raises beneath it.
    if isinstance(error.__cause__, NovaError):
        return error.__cause__, error.__cause__.status
    code = _CODES.get(error.status_code, "http_error")
    return NovaError(str(error.detail), code=code), error.status_code


def error_response(
    error: NovaError,
    *,
    status: int | None = None,
    openai: bool = False,
    headers: Mapping[str, str] | None = None,
    shape: ErrorShape | None = None,
) -> Response:
    """The HTTP answer for `error`, with `headers` beside its own; a `shape` goes before OpenAI's."""
    status = error.status if status is None else status
    if shape is not None:
        body, status = shape(error, status)
    else:
        body = _openai_body(error, status) if openai else _body(error)
    own = {"WWW-Authenticate": "Bearer"} if status == _UNAUTHENTICATED else {}
    if error.retry_after is not None:
        own["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type="application/json",
        headers={**(error.headers or {}), **(headers or {}), **own},
    )


def _openai_body(error: NovaError, status: int) -> dict[str, Any]:
    kind = _OPENAI_TYPES.get(
        status, "server_error" if status >= _SERVER_ERROR else "invalid_request_error"
    )
    param = (error.facts or {}).get("param")
    failure = OpenAIError(message=detail_of(error), type=kind, code=error.code, param=param)
    return OpenAIErrorBody(error=failure).model_dump()


def _body(error: NovaError) -> dict[str, Any]:
    return ErrorBody(
        detail=detail_of(error),
        code=error.code,
        request_id=request_id_var.get(),
        facts=error.facts,
    ).model_dump(exclude_none=True)


def detail_of(error: NovaError) -> str:
    """A detail may quote what came in, and JSON text can hold surrogates where UTF-8 can't."""
    return error.detail.encode(errors="replace").decode()


def describe(problems: Sequence[Any]) -> str:
    """One line that names each field at fault and what is wrong with it."""
    parts: list[str] = []
    for problem in problems[:10]:
        place = ".".join(str(part) for part in problem["loc"] if part != "body")[:_LONGEST_PLACE]
        parts.append(f"{place or 'body'}: {problem['msg']}")
    return "; ".join(parts)
