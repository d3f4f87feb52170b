"""Errors on the OpenAI-compatible routes: a provider's own status where the client is at fault."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts.errors import OpenAIError
from services.kit.error_handlers import error_response
from services.kit.errors import NovaError
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.messages import errors as messages_errors

PREFIX = "/v1"

# Of these a client knows what to do. A provider's 401 or 403 is about Nova's key, not the client's.
_PASSED_ON = {
    400: "invalid_request_error",
    404: "not_found_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}


def openai_error(error: NovaError) -> OpenAIError:
    kind = "server_error"
    if isinstance(error, UpstreamError):
        kind = _PASSED_ON.get(error.provider_status, kind)
    return OpenAIError(message=error.detail, type=kind, code=error.code)


def openai_status(error: UpstreamError) -> int:
    return error.provider_status if error.provider_status in _PASSED_ON else error.status


async def on_upstream_error(request: Request, error: Exception) -> Response:
    """A provider's error: its status on OpenAI's and Anthropic's routes, 502 on Nova's."""
    if not isinstance(error, UpstreamError):
        raise error
    path: str = request.scope["path"]
    if f"{path}/".startswith(f"{messages_errors.PREFIX}/"):
        return error_response(error, shape=messages_errors.anthropic_shape)
    if path.startswith(PREFIX):
        return error_response(error, status=openai_status(error), openai=True)
    return error_response(error)


def add_upstream_handler(app: FastAPI) -> None:
    app.add_exception_handler(UpstreamError, on_upstream_error)
