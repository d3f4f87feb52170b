"""About how many tokens a call will use, known before it is made."""

from collections.abc import Mapping
from typing import Any, cast

from services.llm_gateway.limits.content import other_parts

BYTES_PER_TOKEN = 4
_TOKENS_PER_PICTURE = 1_000
_USUAL_OUTPUT = 4_096
_OUTPUT_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")


def estimated_tokens(body: Mapping[str, Any], *, size: int, most_output: int | None = None) -> int:
    """What a call may use: a quarter of its `size` in bytes, and the longest answer that it allows.

    Pictures count as a thousand tokens each, whatever their size. An answer without a limit is taken
    for the model's longest (`most_output`), but not for more than is usual.
    """
    pictures, picture_bytes = _pictures(body)
    given = max(0, size - picture_bytes) // BYTES_PER_TOKEN + pictures * _TOKENS_PER_PICTURE
    most = _USUAL_OUTPUT if most_output is None else min(most_output, _USUAL_OUTPUT)
    return given + (_asked_output(body) or most)


def _asked_output(body: Mapping[str, Any]) -> int:
    asked = [body.get(name) for name in _OUTPUT_LIMITS]
    answers = body.get("n")
    times = answers if isinstance(answers, int) and answers > 0 else 1
    return times * max(
        (value for value in asked if isinstance(value, int) and value > 0), default=0
    )


def _pictures(body: Mapping[str, Any]) -> tuple[int, int]:
    """How many parts are no text, and about how many bytes they have."""
    number = size = 0
    for part in (*other_parts(body.get("messages")), *other_parts(body.get("input"))):
        if "text" in part:
            continue
        number += 1
        size += sum(_length(value) for value in part.values())
    return number, size


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_length(inner) for inner in cast("dict[str, Any]", value).values())
    return 0
