"""The most that a call may use, known before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import orjson

from services.kit.errors import Invalid
from services.llm_gateway.limits.content import other_parts
from services.llm_gateway.limits.kinds import CallKind
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.base import OUTPUT_LIMITS

_DEFAULT_MOST_OUTPUT = 4_096
# The largest picture that a vendor documents is just below; a file or a sound given by its address
# is counted as one too.
_TOKENS_PER_PART = 50_000
_MOST_TOKENS = 2**40


@dataclass(frozen=True, slots=True)
class WorstCase:
    """`cost_usd` is None where the price is not known."""

    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None


def cap(target: Target, body: dict[str, Any]) -> None:
    """Limit the answer: as the client asks, else by the model's maximum.

    Raises Invalid for a limit that is no whole number, since nothing could be reserved by it.
    """
    for name in (*OUTPUT_LIMITS, "n"):
        if body.get(name) is not None and _number(body, name) is None:
            raise Invalid(f"{name}: it must be a whole number of at least 1.")
    if _asked_output(body) is None:
        name = target.provider.traits.quirks.limit_field(target.model)
        body[name] = _most_output(target)


def worst_case(target: Target, body: Mapping[str, Any], *, kind: CallKind) -> WorstCase:
    """What the call may use at most; for sure only if its body was capped."""
    # No tokenizer makes more tokens than there are bytes; a picture's bytes are no text.
    most_input = len(orjson.dumps(body))
    for part in other_parts(body.get("messages")):
        most_input += _TOKENS_PER_PART - _picture_bytes(part)
    most_output = 0
    if kind == "chat":
        most_output = (_asked_output(body) or _most_output(target)) * (_number(body, "n") or 1)
    price = target.facts.price
    if price is None:
        return WorstCase(most_input, most_output, None)
    # All of it may be put into the provider's prompt cache, which can cost more.
    written = ((0, 0), (most_input, 0), (most_input, most_input))
    cost = max(
        price.cost(most_input, most_output, cache_write_tokens=tokens, cache_hour_tokens=hour)
        for tokens, hour in written
    )
    return WorstCase(most_input, most_output, cost)


def _asked_output(body: Mapping[str, Any]) -> int | None:
    """The limit that the client has set. Of two the higher, whichever one counts."""
    return max((found for name in OUTPUT_LIMITS if (found := _number(body, name))), default=None)


def _most_output(target: Target) -> int:
    return target.facts.max_output_tokens or _DEFAULT_MOST_OUTPUT


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_TOKENS:
        return None
    return value


def _picture_bytes(part: Mapping[str, Any]) -> int:
    """Those that hold a picture; of Anthropic's only the data, as the rest may be text."""
    if part.get("type") == "image_url":
        return len(orjson.dumps(part))
    source: Any = part.get("source")
    if part.get("type") != "image" or not isinstance(source, dict):
        return 0
    data = cast("dict[str, Any]", source).get("data")
    return len(data) if isinstance(data, str) else 0
