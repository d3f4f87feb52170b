"""Reads what was delivered: JSON, GitHub's form with JSON in it, or plain text."""

import re
from typing import Any
from urllib.parse import parse_qs

import orjson
from pydantic import TypeAdapter, ValidationError

from contracts.base import JsonValue
from services.kit.error_handlers import describe
from services.kit.errors import BadRequest, Invalid

_STORABLE: TypeAdapter[Any] = TypeAdapter(JsonValue)
_JSON = re.compile(r"application/([\w.\-]+\+)?json", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"


def read_payload(body: bytes, *, content_type: str) -> Any:
    """The JSON value, or the text of a body that is none.

    Raises BadRequest for a body that is not what it says or no text at all, Invalid for text that
    can't be stored.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.", code="malformed_payload") from error
    kind = content_type.partition(";")[0].strip()
    if kind.lower() == _FORM and (found := _in_form(text)) is not None:
        return _storable(_json(found))
    if _JSON.fullmatch(kind):
        return _storable(_json(text))
    try:
        return _storable(orjson.loads(text))
    except orjson.JSONDecodeError:
        return _storable(text)


def _in_form(text: str) -> str | None:
    """The field `payload`, in which GitHub puts the JSON."""
    try:
        fields = parse_qs(text, max_num_fields=20, errors="strict")
    except ValueError:  # too many fields, or bytes that are no UTF-8
        return None
    values = fields.get("payload", [])
    return values[0] if len(values) == 1 else None


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The payload is not valid JSON.", code="malformed_payload") from error


def _storable(value: Any) -> Any:
    try:
        return _STORABLE.validate_python(value)
    except ValidationError as error:
        raise Invalid(f"The payload can't be used: {describe(error.errors())}") from error
