"""From a failed request to ProviderDown (it was never sent) or UpstreamError (it may have been)."""

import asyncio
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import aiohttp
import orjson

from services.llm_gateway.errors import ProviderDown, UpstreamError

JsonObject = dict[str, Any]

TRANSPORT_ERRORS = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What a request raises that did not get its answer, or not all of it."""

_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
_LONGEST_MESSAGE = 500
_LONGEST_WAIT = 7 * 24 * 3600.0
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)


def transport_error(slug: str, url: str, error: BaseException) -> ProviderDown | UpstreamError:
    """`error` is one of TRANSPORT_ERRORS."""
    if isinstance(error, _NEVER_SENT):
        return ProviderDown(f"{slug} at {url} can't be reached ({_reason(error)}).")
    if isinstance(error, TimeoutError):
        return UpstreamError(slug, 0, "it stayed silent for too long", reply_lost=True)
    reason = f"the connection broke ({type(error).__name__})"
    return UpstreamError(slug, 0, reason, reply_lost=True)


def status_error(
    slug: str, status: int, headers: Mapping[str, str], content: bytes
) -> UpstreamError:
    """A provider's own answer of 400 and more (or one that is no answer at all, below 200)."""
    wait = retry_after(headers)
    return UpstreamError(
        slug, status, message_of(content), retry_after=wait, provider_code=code_of(content)
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds by Retry-After, given as such or as a date (RFC 9110, section 10.2.3)."""
    given = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(given):
        return min(float(given), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = (moment - datetime.now(UTC)).total_seconds()
    return float(math.ceil(min(max(seconds, 0.0), _LONGEST_WAIT)))


def code_of(content: bytes) -> str | None:
    """The code that OpenAI's form has beside the message."""
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    error: Any = cast("JsonObject", parsed).get("error") if isinstance(parsed, dict) else None
    code = cast("JsonObject", error).get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None


def message_of(content: bytes) -> str:
    """The provider's own words out of an error body, whatever its shape."""
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, list) and parsed:  # Google's servers wrap an error into a list
        parsed = cast("list[Any]", parsed)[0]
    if isinstance(parsed, Mapping):
        found = cast("Mapping[str, Any]", parsed)
        error: Any = found.get("error", found)
        if isinstance(error, Mapping):
            words = cast("Mapping[str, Any]", error)
            error = words.get("message") or words.get("detail")
        if isinstance(error, str) and error:
            return error[:_LONGEST_MESSAGE]
    return content.decode(errors="replace").strip()[:_LONGEST_MESSAGE] or "no message"


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or type(error.os_error).__name__
    return type(error).__name__
