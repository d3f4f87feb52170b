"""From an error to the one error body; OpenAI's shape on the compatible routes."""

import math
from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

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
_SERVER_ERROR = 500


def add_error_handlers(app: FastAPI, *, openai_prefix: str | None) -> None:
    """Answer every error in Nova's shape, and under `openai_prefix` in OpenAI's."""

    async def on_error(request: Request, error: Exception) -> Response:
        found, status = as_nova_error(error)
        if isinstance(error, NovaError | ConnectionError):
            if status >= _SERVER_ERROR:
                _log.warning("request failed", code=found.code, detail=found.detail)
        elif status == _SERVER_ERROR:
            _log.error("unhandled error", path=request.url.path, exc_info=error)
        openai = openai_prefix is not None and request.url.path.startswith(openai_prefix)
        return error_response(found, status=status, openai=openai)

    for kind in (NovaError, HTTPException, RequestValidationError, ConnectionError, Exception):
        app.add_exception_handler(kind, on_error)


def as_nova_error(error: Exception) -> tuple[NovaError, int]:
    """`error` as the caller is told of it, and the status."""
    match error:
        case NovaError():
            return error, error.status
        case HTTPException():
            code = _CODES.get(error.status_code, "http_error")
            return NovaError(str(error.detail), code=code), error.status_code
        case RequestValidationError():
            problems = error.errors()
            if any(problem["type"] == "json_invalid" for problem in problems):
                return NovaError("The body is not valid JSON.", code="malformed_json"), 400
            return NovaError(describe(problems), code="validation_failed"), 422
        case ConnectionError():
            return DatabaseDown("The database can't be reached."), DatabaseDown.status
        case _:
            return NovaError("Nova failed here; the log has the request id."), _SERVER_ERROR


def error_response(
    error: NovaError, *, status: int | None = None, openai: bool = False
) -> Response:
    """The HTTP answer for `error`."""
    status = error.status if status is None else status
    if openai:
        kind = _OPENAI_TYPES.get(
            status, "server_error" if status >= _SERVER_ERROR else "invalid_request_error"
        )
        body = OpenAIErrorBody(
            error=OpenAIError(message=error.detail, type=kind, code=error.code)
        ).model_dump()
    else:
        body = ErrorBody(
            detail=error.detail, code=error.code, request_id=request_id_var.get()
        ).model_dump()
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return Response(
        orjson.dumps(body), status_code=status, media_type="application/json", headers=headers
    )


def describe(problems: Sequence[Any]) -> str:
    """One line that names each field at fault and what is wrong with it."""
    parts: list[str] = []
    for problem in problems[:10]:
        place = ".".join(str(part) for part in problem["loc"] if part != "body")
        parts.append(f"{place or 'body'}: {problem['msg']}")
    return "; ".join(parts)
