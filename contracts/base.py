"""Base models: answers ignore what a newer peer adds, requests refuse what nobody knows."""

from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict

_NUL = "\x00"
_MAX_DEPTH = 64


def _refuse_nul(value: Any) -> Any:
    # PostgreSQL's text can't hold U+0000; refusing it here keeps it a 422 and never a 500.
    if isinstance(value, str):
        if _NUL in value:
            raise ValueError("text must not contain the NUL character")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError("text must be valid Unicode (unpaired surrogate found)") from error
    return value


def _refuse_unstorable(value: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError(f"nested deeper than {_MAX_DEPTH}")
    if isinstance(value, dict):
        for key, item in cast("dict[Any, Any]", value).items():
            _refuse_nul(key)
            _refuse_unstorable(item, depth + 1)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            _refuse_unstorable(item, depth + 1)
    else:
        _refuse_nul(value)


def _refuse_unstorable_json(value: Any) -> Any:
    # Deeper than any person nests; without a limit the reader's own stack would be it.
    _refuse_unstorable(value, 0)
    return value


Text = Annotated[str, BeforeValidator(_refuse_nul)]
"""Text that PostgreSQL can store."""

JsonObject = Annotated[dict[str, Any], BeforeValidator(_refuse_unstorable_json)]
"""A JSON object whose every string PostgreSQL can store."""

JsonValue = Annotated[Any, BeforeValidator(_refuse_unstorable_json)]
"""Any JSON whose every string PostgreSQL can store."""

Timestamp = datetime
"""ISO 8601 with zone on the wire."""


class Answer(BaseModel):
    """What a service says; a reader ignores fields that it does not know."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Request(BaseModel):
    """What a service is told; an unknown field is a mistake worth a 422."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class OpenRequest(BaseModel):
    """A request whose unknown fields are tolerated, where the interface says so."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
