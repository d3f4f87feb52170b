"""What can go wrong with a translated call.

NovaError
├── BadRequest 400
│   └── Untranslatable     it can't be said in the provider's format
├── ProviderFailed 502
│   └── Failure            the provider's own status and words, or what became of the connection
└── DependencyDown 503
"""

import math
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import orjson

from contracts.translate import TranslateCode
from services.kit.errors import BadRequest, NovaError, ProviderFailed

LOWEST_ERROR = 300  # a redirect is no answer: it would take the key elsewhere

_LONGEST_MESSAGE = 500
_LONGEST_WAIT = 7 * 24 * 3600.0
_SECONDS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s?", re.ASCII)
_FIRST_ERROR = 400
_UNREACHABLE = re.compile(
    r"connect(?:ion)? (?:error|refused|call failed|attempts)|cannot connect|name or service",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:litellm\.)?\w*(?:Error|Exception): ")
_UNREACHABLE_STATUS, _LOST_STATUS = 503, 504


class Untranslatable(BadRequest):
    code = TranslateCode.UNTRANSLATABLE


class Failure(ProviderFailed):
    """`answered` is the HTTP status that llm-translate answers with."""

    def __init__(
        self, answered: int, message: str, *, code: str, retry_after: float | None = None
    ) -> None:
        super().__init__(message[:_LONGEST_MESSAGE], code=code, retry_after=retry_after)
        self.answered = answered


def unreachable(message: str) -> Failure:
    return Failure(_UNREACHABLE_STATUS, message, code=TranslateCode.UNREACHABLE, retry_after=2.0)


def lost(message: str) -> Failure:
    return Failure(_LOST_STATUS, message, code=TranslateCode.LOST)


def unreadable(message: str) -> Failure:
    return Failure(_LOST_STATUS, message, code=TranslateCode.UNREADABLE)


def answered(status: int, message: str, *, retry_after: float | None = None) -> Failure:
    """The provider's own answer; its status goes on as it is, unless it is none of an error's."""
    code = f"provider_{status}"
    return Failure(
        status if 400 <= status <= 599 else 502,  # noqa: PLR2004 - RFC 9110, section 15
        message,
        code=code,
        retry_after=retry_after,
    )


def answered_with(status: int, headers: Mapping[str, str], content: bytes) -> Failure:
    """The failure that a provider's error answer tells of."""
    parsed = _parsed(content)
    wait = _retry_after(headers.get("Retry-After", "")) or _retry_info(parsed)
    return answered(status, _words(parsed) or _plain(content), retry_after=wait)


def words_of(event: Mapping[str, Any]) -> str:
    """The provider's own words in an error that came in the middle of a stream."""
    return _words(event) or _plain(orjson.dumps(event))


def failure_of(error: Exception) -> Failure:
    """What LiteLLM raised while it called, or while it read an answer.

    The innermost exception that has an HTTP status is the provider's; the outer ones drift.
    """
    status, message, wait = 0, "", None
    cause: BaseException | None = error
    while cause is not None:
        found = getattr(cause, "status_code", None)
        if isinstance(found, int) and found >= _FIRST_ERROR:
            status = found
            message = str(getattr(cause, "message", "") or cause) or message
            wait = _wait_of(cause) or wait
        cause = cause.__cause__ or cause.__context__
    text = _PREFIX.sub("", message or f"{type(error).__name__}: {error}")
    text = text.partition("\nTraceback")[0]
    if _UNREACHABLE.search(str(error)):
        return unreachable(text)
    if not status:
        return unreadable(text)
    return answered(status, text, retry_after=wait)


@contextmanager
def edge_of_library(made: Callable[[Exception], NovaError]) -> Generator[None, None, None]:
    """Around everything that runs LiteLLM's code: `made` says what its errors mean here."""
    try:
        yield
    except NovaError:
        raise
    except Exception as error:
        raise made(error) from error


def refusal_of(error: Exception) -> Untranslatable:
    """What LiteLLM raised while it translated a request, before anything was sent."""
    text = _PREFIX.sub("", str(getattr(error, "message", "") or error))
    text = text.partition("\nReceived Messages")[0].partition("\nTraceback")[0]
    return Untranslatable(text[:_LONGEST_MESSAGE] or type(error).__name__)


def status_of(error: NovaError) -> int:
    return error.answered if isinstance(error, Failure) else error.status


def _parsed(content: bytes) -> Any:
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if isinstance(parsed, list) and parsed:  # Google's servers wrap an error into a list
        return cast("list[Any]", parsed)[0]
    return cast("Any", parsed)


def _words(parsed: Any) -> str:
    if not isinstance(parsed, Mapping):
        return ""
    found = cast("Mapping[str, Any]", parsed)
    error: Any = found.get("error", found)
    if isinstance(error, Mapping):
        error = cast("Mapping[str, Any]", error).get("message")
    return error if isinstance(error, str) else ""


def _plain(content: bytes) -> str:
    return content.decode(errors="replace").strip() or "no message"


def _retry_after(given: str) -> float | None:
    """Seconds, given as such or as a date (RFC 9110, section 10.2.3)."""
    if found := _SECONDS.fullmatch(given.strip()):
        return min(float(found[1]), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return float(math.ceil(min(max(seconds, 0.0), _LONGEST_WAIT)))


def _wait_of(error: BaseException) -> float | None:
    for holder in (error, getattr(error, "response", None)):
        headers = getattr(holder, "headers", None)
        if headers is not None:
            return _retry_after(str(headers.get("retry-after", "")))
    return None


def _retry_info(parsed: Any) -> float | None:
    """Google's google.rpc.RetryInfo, which stands in the error's details."""
    if not isinstance(parsed, Mapping):
        return None
    error: Any = cast("Mapping[str, Any]", parsed).get("error")
    details: Any = cast("Mapping[str, Any]", error).get("details") if isinstance(error, dict) else 0
    for detail in cast("list[Any]", details if isinstance(details, list) else []):
        if isinstance(detail, Mapping):
            delay = cast("Mapping[str, Any]", detail).get("retryDelay")
            if isinstance(delay, str) and (wait := _retry_after(delay)) is not None:
                return wait
    return None
