"""When an agent of a pod runs: a condition over the task's flags and tags, kept as data."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from services.kit.errors import Invalid

MAX_DEPTH = 10
_MAX_CONDITIONS = 50
_NAMED = {"on_flag": "flag", "has_tag": "tag"}
_COMBINERS: dict[str, Callable[[list[bool]], bool]] = {"and": all, "or": any}


def check_condition(condition: object, *, depth: int = 0) -> None:
    """Raises Invalid, with what is wrong, unless `holds` can decide the condition."""
    if depth > MAX_DEPTH:
        raise Invalid(f"run_condition: nested deeper than {MAX_DEPTH}.")
    if not isinstance(condition, dict):
        raise Invalid("run_condition: each condition is an object with a type.")
    parts = cast("dict[str, Any]", condition)
    kind = parts.get("type")
    if kind == "always" or kind == "never":  # noqa: PLR1714 - it may be unhashable
        return
    if isinstance(kind, str) and kind in _NAMED:
        value = parts.get(_NAMED[kind])
        if not isinstance(value, str) or not value:
            raise Invalid(f"run_condition: {kind} needs the text field {_NAMED[kind]!r}.")
        return
    if isinstance(kind, str) and kind in _COMBINERS:
        inner = parts.get("conditions")
        if not isinstance(inner, list) or not 1 <= len(cast("list[Any]", inner)) <= _MAX_CONDITIONS:
            raise Invalid(f"run_condition: {kind} needs 1 to {_MAX_CONDITIONS} conditions.")
        for one in cast("list[Any]", inner):
            check_condition(one, depth=depth + 1)
        return
    raise Invalid("run_condition: type is one of always, never, on_flag, has_tag, and, or.")


def holds(
    condition: Mapping[str, Any], *, flags: Collection[str], tags: Collection[str] = ()
) -> bool:
    """Whether a checked condition is true of a task with these flags and tags."""
    match condition["type"]:
        case "always":
            return True
        case "on_flag":
            return condition["flag"] in flags
        case "has_tag":
            return condition["tag"] in tags
        case "and" | "or" as kind:
            inner = [holds(one, flags=flags, tags=tags) for one in condition["conditions"]]
            return _COMBINERS[kind](inner)
        case _:
            return False
