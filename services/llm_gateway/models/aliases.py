"""Other names for models: `llm.aliases`, looked up before anything else is made of a model id."""

from collections.abc import Mapping
from typing import Any, cast

_MOST_STEPS = 8


def aliases_of(configured: Any) -> Mapping[str, str]:
    """The configuration's value; whatever is no name for a name is left out."""
    if not isinstance(configured, dict):
        return {}
    return {
        name: target
        for name, target in cast("dict[Any, Any]", configured).items()
        if isinstance(name, str) and isinstance(target, str) and name and target
    }


def resolve_alias(model: str, aliases: Mapping[str, str]) -> str:
    """What the name stands for, or the name itself.

    An exact name wins over a pattern (`*` is any text), a longer pattern over a shorter one. An
    alias may name another; one that leads back to itself stands for what it last led to.
    """
    seen = {model}
    for _ in range(_MOST_STEPS):
        target = aliases.get(model) or _by_pattern(model, aliases)
        if target is None or target in seen:
            return model
        seen.add(target)
        model = target
    return model


def _by_pattern(model: str, aliases: Mapping[str, str]) -> str | None:
    patterns = sorted((name for name in aliases if "*" in name), key=len, reverse=True)
    return next((aliases[name] for name in patterns if _matches(name, model)), None)


def _matches(pattern: str, model: str) -> bool:
    """`*` is any text. Without backtracking: a pattern of many stars stays cheap."""
    first, *rest = pattern.split("*")
    if not model.startswith(first):
        return False
    last = rest.pop()
    place = len(first)
    for piece in rest:
        found = model.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return model.endswith(last) and place <= len(model) - len(last)
