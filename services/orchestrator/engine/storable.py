"""What a model says, made fit to be stored: PostgreSQL's text and jsonb can't hold NUL."""

from typing import Any, cast

from services.kit.errors import Invalid

_MAX_DEPTH = 64


def storable(value: Any, *, depth: int = 0) -> Any:
    """The JSON value with U+FFFD for each NUL. Raises Invalid if it is nested too deeply."""
    if depth > _MAX_DEPTH:
        raise Invalid(f"The model's reply is nested deeper than {_MAX_DEPTH}.", code="too_deep")
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [storable(item, depth=depth + 1) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {storable(name): storable(item, depth=depth + 1) for name, item in items}
    return value
