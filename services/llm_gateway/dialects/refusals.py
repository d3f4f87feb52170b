"""Checks of a request's fields; each names the field that is wrong or not supported."""

from typing import Any, cast

from services.llm_gateway.errors import RequestInvalid, Unsupported
from services.llm_gateway.providers.base import JsonDict

_MOST_DEPTH = 100


def invalid(param: str, problem: str) -> RequestInvalid:
    return RequestInvalid(f"{param}: {problem}", facts={"param": param})


def unsupported(param: str, problem: str, *, code: str = "unsupported_parameter") -> Unsupported:
    return Unsupported(f"{param}: {problem}", code=code, facts={"param": param})


def object_at(value: Any, param: str) -> JsonDict:
    if not isinstance(value, dict):
        raise invalid(param, "an object is needed.")
    return cast("JsonDict", value)


def list_at(value: Any, param: str) -> list[Any]:
    """A list; an absent one is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(param, "a list is needed.")
    return cast("list[Any]", value)


def text_at(value: Any, param: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise invalid(param, "a text is needed.")
    return value


def number_at(body: JsonDict, name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(name, "a number is needed.")
    return value


def limit_at(body: JsonDict, name: str) -> int | None:
    """A whole number of at least 1."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise invalid(name, "a whole number of at least 1 is needed.")
    return value


def refuse_depth(body: JsonDict) -> None:
    """Raises RequestInvalid for what is nested deeper than any schema, and than JSON writers go."""
    level: list[Any] = [body]
    for _ in range(_MOST_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise RequestInvalid(f"The body is nested deeper than {_MOST_DEPTH}.")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []
