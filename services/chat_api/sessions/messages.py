"""What a client may say, and how it is told that it said something wrong."""

from typing import Any, cast

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.chat import SocketMessage
from services.kit.errors import BadRequest, Invalid, TooLarge

LARGEST_MESSAGE = 1024 * 1024
_MESSAGE: TypeAdapter[SocketMessage] = TypeAdapter(SocketMessage)
_TYPES = ("auth", "user", "resume", "cancel", "ping")


def parse(raw: str | bytes) -> SocketMessage:
    """Raises TooLarge, BadRequest or Invalid with a text for the client."""
    if len(raw) > LARGEST_MESSAGE or _size(raw) > LARGEST_MESSAGE:
        raise TooLarge(f"A message may have {LARGEST_MESSAGE} bytes at most.")
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest("That is not JSON.", code="bad_json") from error
    if not isinstance(content, dict):
        raise BadRequest("A message is a JSON object with a type.", code="bad_message")
    kind = cast("dict[str, Any]", content).get("type")
    if kind not in _TYPES:
        expected = ", ".join(_TYPES)
        raise BadRequest(f"The type must be one of {expected}.", code="unknown_type")
    try:
        return _MESSAGE.validate_python(content)
    except ValidationError as error:
        raise Invalid(_problems(error), code="invalid_message") from error


def _size(raw: str | bytes) -> int:
    return len(raw if isinstance(raw, bytes) else raw.encode(errors="replace"))


def _problems(error: ValidationError) -> str:
    """Fields and what is wrong with them; the first part of a place is the message's type."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc'][1:])) or 'message'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
