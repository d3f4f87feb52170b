"""What tokens cost: the table in prices.json, with overrides from the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import orjson

_TABLE = Path(__file__).with_name("prices.json")
_MILLION = Decimal(1_000_000)
# gpt-4o-2024-08-06 and claude-haiku-4-5-20251001 cost what the name without the date does.
_DATE = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens."""

    input: Decimal
    output: Decimal
    cached_input: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """`long` holds for a call with more than `long_above` input tokens, all of them."""

    rate: Rate
    long: Rate | None = None
    long_above: int = 0

    def cost(self, input_tokens: int, output_tokens: int, *, cached_tokens: int = 0) -> Decimal:
        """USD; `cached_tokens` are part of the input tokens."""
        is_long = self.long is not None and input_tokens > self.long_above
        rate = self.long if is_long and self.long is not None else self.rate
        cached = min(cached_tokens, input_tokens)
        return (
            rate.input * (input_tokens - cached)
            + rate.cached_input * cached
            + rate.output * output_tokens
        ) / _MILLION


FREE = Price(Rate(Decimal(0), Decimal(0), Decimal(0)))


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model; None is unknown."""

    price: Price | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    vision: bool = False


class PriceTable:
    """`as_of` is the day on which the shipped table was right."""

    def __init__(self, overrides: Mapping[str, Mapping[str, Any]]) -> None:
        table = orjson.loads(_TABLE.read_bytes())
        self.as_of: str = table["as_of"]
        self._shipped = {name: _facts(row) for name, row in table["models"].items()}
        self._overrides = {name: _facts(row) for name, row in overrides.items()}

    def find(self, model: str, *, official: bool) -> ModelFacts:
        """Facts by model id; the shipped ones only if the model's own vendor is asked."""
        if model in self._overrides:
            return self._overrides[model]
        shipped = self._shipped.get(model) or self._shipped.get(_DATE.sub("", model))
        if shipped is None:
            return ModelFacts()
        if official:
            return shipped
        return ModelFacts(None, shipped.context_window, shipped.max_output_tokens, shipped.vision)


def _facts(row: Mapping[str, Any]) -> ModelFacts:
    long = cast("Mapping[str, Any] | None", row.get("long"))
    return ModelFacts(
        price=Price(
            _rate(row),
            _rate(long) if long is not None else None,
            int(long["above"]) if long is not None else 0,
        ),
        context_window=row.get("context_window"),
        max_output_tokens=row.get("max_output"),
        vision=bool(row.get("vision")),
    )


def _rate(row: Mapping[str, Any]) -> Rate:
    entry = Decimal(str(row["input"]))
    return Rate(
        entry, Decimal(str(row["output"])), Decimal(str(row.get("cached_input", row["input"])))
    )
