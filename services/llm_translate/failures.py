"""A provider's own status and words, out of LiteLLM's exceptions, which change both."""

import re

from services.kit.errors import NovaError, ProviderFailed

_UNREACHABLE = re.compile(
    r"connect(?:ion)? (?:error|refused|call failed|attempts)|cannot connect|name or service",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:litellm\.)?\w*(?:Error|Exception): ")
_LONGEST = 500
_FIRST_ERROR_STATUS = 400


class Failure(ProviderFailed):
    """`provider_status` 0: the connection failed or broke."""

    def __init__(
        self, status: int, message: str, *, retry_after: float | None, reached: bool
    ) -> None:
        code = f"provider_{status}" if reached else "provider_unreachable"
        super().__init__(message, code=code, retry_after=retry_after)
        self.provider_status = status


def failure_of(error: Exception) -> NovaError:
    """The innermost exception that has an HTTP status is the provider's; the outer ones drift."""
    status, message, retry_after = 0, "", None
    cause: BaseException | None = error
    while cause is not None:
        found = getattr(cause, "status_code", None)
        if isinstance(found, int) and found >= _FIRST_ERROR_STATUS:
            status = found
            message = str(getattr(cause, "message", "") or cause) or message
            retry_after = _retry_after(cause) or retry_after
        cause = cause.__cause__ or cause.__context__
    text = _PREFIX.sub("", message or str(error)).partition("\nTraceback")[0][:_LONGEST]
    reached = not _UNREACHABLE.search(str(error))
    return Failure(status if reached else 0, text, retry_after=retry_after, reached=reached)


def _retry_after(error: BaseException) -> float | None:
    for holder in (error, getattr(error, "response", None)):
        headers = getattr(holder, "headers", None)
        if headers is not None:
            wait = str(headers.get("retry-after", ""))
            if wait.isascii() and wait.isdigit():
                return float(wait)
    return None
