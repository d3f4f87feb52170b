"""Errors as Anthropic's clients read them: the type by the status, and a status that they know."""

from services.kit.error_handlers import detail_of
from services.kit.errors import NovaError
from services.kit.log import request_id_var
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import JsonDict

PREFIX = "/v1/messages"
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_STATUSES = {kind: status for status, kind in _TYPES.items()} | {"api_error": 500}
# Anthropic has no other for what is wrong with a request; 409 is a step's call that was made twice.
_AS_BAD_REQUEST = {405, 409, 415, 422}
# The client's own fault, or a wait that it knows how to make. A provider's 401 or 403 is about
# Nova's key, so it stays a 502.
_PASSED_ON = {400: 400, 404: 404, 413: 413, 422: 400, 429: 429, 503: 529, 529: 529}


def anthropic_status(error: NovaError, status: int | None = None) -> int:
    """The status to answer with; `status` is the one that the error would have elsewhere."""
    if isinstance(error, UpstreamError):
        return _PASSED_ON.get(error.provider_status, error.status)
    found = error.status if status is None else status
    return 400 if found in _AS_BAD_REQUEST else found


def anthropic_error(error: NovaError, status: int | None = None) -> JsonDict:
    """The body; the code is Nova's addition."""
    kind = _TYPES.get(anthropic_status(error, status), "api_error")
    return {
        "type": "error",
        "error": {"type": kind, "message": detail_of(error), "code": error.code},
        "request_id": request_id_var.get(),
    }


def anthropic_shape(error: NovaError, status: int) -> tuple[JsonDict, int]:
    """Body and status of an answer, for kit's handlers of errors."""
    return anthropic_error(error, status), anthropic_status(error, status)


def status_of(kind: object) -> int:
    """The status that Anthropic gives to an error of that type; 0 if it is none."""
    return _STATUSES.get(kind, 0) if isinstance(kind, str) else 0
