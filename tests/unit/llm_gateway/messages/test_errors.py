"""Errors in Anthropic's shape."""

import pytest

from services.kit.errors import (
    BadRequest,
    DependencyDown,
    Forbidden,
    Invalid,
    LimitExceeded,
    NotFound,
    NovaError,
    TooLarge,
    Unauthenticated,
)
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.messages.errors import anthropic_error, anthropic_status


def _upstream(status: int) -> UpstreamError:
    return UpstreamError("openai", status, "no")


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (BadRequest("x"), 400, "invalid_request_error"),
        (Invalid("x"), 400, "invalid_request_error"),
        (Unauthenticated("x"), 401, "authentication_error"),
        (Forbidden("x"), 403, "permission_error"),
        (NotFound("x"), 404, "not_found_error"),
        (TooLarge("x"), 413, "request_too_large"),
        (LimitExceeded("x"), 429, "rate_limit_error"),
        (DependencyDown("x"), 503, "api_error"),
        (NovaError("x"), 500, "api_error"),
        (_upstream(400), 400, "invalid_request_error"),
        (_upstream(401), 502, "api_error"),
        (_upstream(404), 404, "not_found_error"),
        (_upstream(413), 413, "request_too_large"),
        (_upstream(422), 400, "invalid_request_error"),
        (_upstream(429), 429, "rate_limit_error"),
        (_upstream(500), 502, "api_error"),
        (_upstream(503), 529, "overloaded_error"),
        (_upstream(529), 529, "overloaded_error"),
        (_upstream(0), 502, "api_error"),
    ],
)
def test_status_and_type(error: NovaError, status: int, kind: str) -> None:
    body = anthropic_error(error)
    assert (anthropic_status(error), body["error"]["type"]) == (status, kind)
    assert (body["type"], body["error"]["message"]) == ("error", error.detail)
    assert body["error"]["code"] == error.code


def test_a_status_of_the_framework() -> None:
    error = NovaError("Method Not Allowed", code="method_not_allowed")
    assert anthropic_status(error, 405) == 400
    assert anthropic_error(error, 404)["error"]["type"] == "not_found_error"
