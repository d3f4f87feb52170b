"""A request's body: read, and changed in as few places as can be."""

import json
from collections.abc import Mapping
from typing import Any, cast

import orjson

from services.kit.errors import BadRequest
from services.kit.json_body import check_json
from services.llm_gateway.providers.base import JsonDict

_ABSENT = object()


def read_object(raw: bytes) -> JsonDict:
    """Raises BadRequest or Invalid, as kit.json_body does."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        check_json(raw)
        body = _read_odd(raw, error)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.", code="malformed_json")
    return cast("JsonDict", body)


def _read_odd(raw: bytes, error: orjson.JSONDecodeError) -> Any:
    """What orjson refuses and JSON allows: a byte order mark."""
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise BadRequest("The body is not valid JSON.", code="malformed_json") from error


def edited(raw: bytes, given: JsonDict, wanted: Mapping[str, Any]) -> bytes:
    """The bytes of `wanted`, with all that is as in `given` (which `raw` holds) byte for byte.

    New fields and another model are set into the bytes; for any other change they are made anew.
    """
    if not given.keys() <= wanted.keys():
        return orjson.dumps(wanted)
    added: dict[str, Any] = {}
    renamed = False
    for name, value in wanted.items():
        before = given.get(name, _ABSENT)
        if before is value:
            continue
        if before is _ABSENT:
            added[name] = value
        elif name == "model":
            renamed = before != value
        elif before != value or type(before) is not type(value):
            return orjson.dumps(wanted)
    if renamed:
        raw = _with_model(raw, given["model"], wanted["model"]) or b""
    if not raw:
        return orjson.dumps(wanted)
    if not added:
        return raw
    start = raw.index(b"{") + 1
    separator = b"," if given else b""
    return b"{" + orjson.dumps(added)[1:-1] + separator + raw[start:]


def _with_model(raw: bytes, before: str, after: str) -> bytes | None:
    """None if it can't be told which bytes are the model's."""
    if raw.count(b'"model"') != 1:
        return None
    for between in (b":", b": "):
        field = b'"model"' + between + orjson.dumps(before)
        if raw.count(field) == 1:
            return raw.replace(field, b'"model"' + between + orjson.dumps(after))
    return None
