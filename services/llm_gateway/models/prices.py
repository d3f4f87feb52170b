"""What is known of models: prices, context windows and abilities, from several sources."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast

import orjson

from services.llm_gateway.models.reference import ReferenceTable

_TABLE = Path(__file__).with_name("prices.json")
_NO_COST = Decimal(0)
_MILLION = Decimal(1_000_000)
# gpt-4o-2024-08-06 and claude-haiku-4-5-20251001 cost what the name without the date does.
_DATE = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
# The same models under another contract: all but the price holds for them too.
_SAME_MODELS = ("claude-max/",)

# Names are the clients' to make up.
_MOST_TABLED = 2_000

PriceSource = Literal["override", "provider", "table", "litellm", "free", "unknown"]


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    cache_write: Decimal | None = None
    """None: what is put into the provider's prompt cache costs no more than other input."""
    cache_write_hour: Decimal | None = None
    """Of what is to stay there for an hour. None: it costs no more than what stays for minutes."""

    @property
    def written(self) -> tuple[Decimal, Decimal]:
        """What is put into the cache for minutes, and for an hour."""
        usual = self.input if self.cache_write is None else self.cache_write
        return usual, usual if self.cache_write_hour is None else self.cache_write_hour


@dataclass(frozen=True, slots=True)
class Price:
    """`long` holds for a call with more than `long_above` input tokens, all of them."""

    rate: Rate
    long: Rate | None = None
    long_above: int = 0

    @property
    def is_free(self) -> bool:
        rate = self.rate
        return not (
            rate.input or rate.output or rate.cached_input or any(rate.written) or self.long
        )

    def cost(
        self,
        input_tokens: int,
        output_tokens: int,
        *,
        cached_tokens: int = 0,
        cache_write_tokens: int = 0,
        cache_hour_tokens: int = 0,
    ) -> Decimal:
        """USD; `cached_tokens` and `cache_write_tokens` are part of the input tokens.

        `cache_hour_tokens` of those that were written are to be kept for an hour.
        """
        if self.is_free:
            return _NO_COST
        is_long = self.long is not None and input_tokens > self.long_above
        rate = self.long if is_long and self.long is not None else self.rate
        cached = min(cached_tokens, input_tokens)
        written = min(cache_write_tokens, input_tokens - cached)
        for_hour = min(cache_hour_tokens, written)
        write, write_hour = rate.written
        return (
            rate.input * (input_tokens - cached - written)
            + rate.cached_input * cached
            + write * (written - for_hour)
            + write_hour * for_hour
            + rate.output * output_tokens
        ) / _MILLION


FREE = Price(Rate(Decimal(0), Decimal(0), Decimal(0)))


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model; None is unknown. `price_as_of`: when its source was right."""

    price: Price | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    vision: bool | None = None
    capabilities: tuple[str, ...] | None = None
    price_source: PriceSource | None = None
    price_as_of: str | None = None

    def over(self, other: "ModelFacts") -> "ModelFacts":
        """These facts, and the other's where these say nothing."""
        missing = {
            field.name: getattr(other, field.name)
            for field in fields(self)
            if getattr(self, field.name) is None
        }
        if self.price is not None:
            missing.pop("price_as_of", None)
        return replace(self, **missing)


NOTHING = ModelFacts()


class PriceTable:
    """A person's word comes first, then the provider's, the shipped table and LiteLLM's.

    `as_of` is the day on which the shipped table was right. `stored` gives what was set at run
    time, in the form of the table's rows, by model id.
    """

    def __init__(
        self,
        overrides: Mapping[str, Mapping[str, Any]],
        *,
        stored: Callable[[], Mapping[str, Mapping[str, Any]]] = dict,
        reference: ReferenceTable | None = None,
    ) -> None:
        table = orjson.loads(_TABLE.read_bytes())
        self.as_of: str = table["as_of"]
        self._shipped = {
            name: replace(facts_of(row, "table"), price_as_of=self.as_of)
            for name, row in table["models"].items()
        }
        self._overrides = {name: facts_of(row, "override") for name, row in overrides.items()}
        self._stored = stored
        self._reference = ReferenceTable() if reference is None else reference
        # As each call asks for its model: reading a row takes as long as a small request.
        self._tabled: dict[str, ModelFacts] = {}

    def find(self, model: str, *, official: bool, told: ModelFacts = NOTHING) -> ModelFacts:
        """Facts by model id. `told` is what the provider says itself.

        Prices of the tables hold only if the model's own vendor is asked (`official`).
        """
        found = self._by_person(model).over(told)
        tables = self._by_tables(model)
        return found.over(tables if official else _without_price(tables))

    def _by_person(self, model: str) -> ModelFacts:
        stored = self._stored().get(model)
        given = NOTHING if stored is None else facts_of(stored, "override")
        return given.over(self._overrides.get(model, NOTHING))

    def _by_tables(self, model: str) -> ModelFacts:
        found = self._tabled.get(model)
        if found is None:
            if len(self._tabled) >= _MOST_TABLED:
                self._tabled.clear()
            found = self._tabled[model] = self._looked_up(model)
        return found

    def _looked_up(self, model: str) -> ModelFacts:
        for prefix in _SAME_MODELS:
            if model.startswith(prefix):
                return _without_price(self._looked_up(model.removeprefix(prefix)))
        shipped = self._shipped.get(model) or self._shipped.get(_DATE.sub("", model))
        if shipped is not None and shipped.price is not None:
            return shipped
        row = self._reference.row(model) or self._reference.row(_DATE.sub("", model))
        if row is None:
            return shipped or NOTHING
        listed = facts_of(row, "litellm")
        if listed.price is not None:
            listed = replace(listed, price_as_of=self._reference.as_of)
        return (shipped or NOTHING).over(listed)


def _without_price(facts: ModelFacts) -> ModelFacts:
    return replace(facts, price=None, price_source=None, price_as_of=None)


def facts_of(row: Mapping[str, Any], source: PriceSource) -> ModelFacts:
    """Facts from a row in the form of models/prices.json; any field may be missing.

    A price needs both of its sides: half of one is an unknown price.
    """
    rate, long = _rate(row), cast("Mapping[str, Any] | None", row.get("long"))
    long_rate = None if long is None else _rate(long)
    price = None
    if rate is not None:
        above = 0 if long is None or long_rate is None else int(long["above"])
        price = Price(rate, long_rate, above)
    vision, capabilities = row.get("vision"), row.get("capabilities")
    return ModelFacts(
        price=price,
        context_window=row.get("context_window"),
        max_output_tokens=row.get("max_output"),
        vision=None if vision is None else bool(vision),
        capabilities=None if capabilities is None else tuple(capabilities),
        price_source=None if price is None else source,
    )


def _rate(row: Mapping[str, Any]) -> Rate | None:
    if row.get("input") is None or row.get("output") is None:
        return None
    cached = row.get("cached_input")
    return Rate(
        Decimal(str(row["input"])),
        Decimal(str(row["output"])),
        Decimal(str(row["input"] if cached is None else cached)),
        *(
            None if row.get(name) is None else Decimal(str(row[name]))
            for name in ("cache_write", "cache_write_hour")
        ),
    )
