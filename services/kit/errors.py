"""The error tree that every service's own errors hang under.

NovaError
├── BadRequest 400          ├── LimitExceeded 429
├── Unauthenticated 401     ├── ProviderFailed 502
├── Forbidden 403           └── DependencyDown 503
├── NotFound 404                └── DatabaseDown
├── WrongState 409
├── TooLarge 413
└── Invalid 422

The class carries the status and a default code; one handler (kit.error_handlers) makes it HTTP.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class NovaError(Exception):
    """An error that a caller is told about: `detail` is for a person, `code` for a program.

    `facts` are what a program needs beside the code; with most errors there are none. `headers` go
    with the answer.
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        retry_after: float | None = None,
        facts: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after
        self.facts = facts
        self.headers = headers
        if code is not None:
            self.code = code


class BadRequest(NovaError):
    status = 400
    code = "bad_request"


class Unauthenticated(NovaError):
    status = 401
    code = "unauthenticated"


class Forbidden(NovaError):
    status = 403
    code = "forbidden"


class NotFound(NovaError):
    status = 404
    code = "not_found"


class WrongState(NovaError):
    status = 409
    code = "wrong_state"


class TooLarge(NovaError):
    status = 413
    code = "too_large"


class Invalid(NovaError):
    status = 422
    code = "invalid"


class LimitExceeded(NovaError):
    status = 429
    code = "limit_exceeded"


class ProviderFailed(NovaError):
    status = 502
    code = "provider_failed"


class DependencyDown(NovaError):
    status = 503
    code = "dependency_down"

    def __init__(self, detail: str, *, code: str | None = None, retry_after: float = 2.0) -> None:
        super().__init__(detail, code=code, retry_after=retry_after)


class DatabaseDown(DependencyDown):
    code = "database_down"
