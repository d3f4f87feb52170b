"""One call's counts: what it was asked, what came back, what that costs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from contracts.llm import BudgetScope
from services.kit.auth import Principal
from services.llm_gateway.limits.kinds import MEDIA, CallKind, Source
from services.llm_gateway.limits.worst_case import WorstCase
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.telemetry import NO_TRACE, CallTrace

CHARACTERS_PER_TOKEN = 4
_MOST_TOKENS = 2**40


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a call is made. `budgets` are those that a service says it draws on."""

    principal: Principal
    budgets: Sequence[BudgetScope] = ()
    agent_id: UUID | None = None
    session_id: UUID | None = None


@dataclass(slots=True)
class Meter:
    """`target` is the one that is asked now, or was asked last; None before the first.

    `reported` once the provider has given its own counts.
    """

    id: UUID
    step_id: str
    caller: Caller
    kind: CallKind
    started: float = field(default_factory=time.monotonic)
    target: Target | None = None
    source: Source = "provider"
    watched: str | None = None
    reported: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cache_hour_tokens: int = 0
    streamed: bool = False
    first_at: float | None = None
    answer_id: str | None = None
    answer_model: str | None = None
    finish_reasons: list[str] = field(default_factory=list[str])
    trace: CallTrace = NO_TRACE
    output_characters: int = 0
    input_characters: int = 0
    dispatched: bool = False
    is_open: bool = False
    reserved: bool = False
    assumed: bool = False
    told_cost: Decimal | None = None
    worst: WorstCase | None = None
    uncounted: Callable[[], None] | None = None
    """Adds to `output_characters` what was not counted yet."""

    def report(self, usage: dict[str, Any]) -> None:
        """Take a provider's usage object (OpenAI's form). Of one that can't be read, nothing."""
        given: Any = usage.get("prompt_tokens_details")
        details = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
        cached = details.get("cached_tokens")
        # OpenAI counts no writes; Anthropic's come under its own name, other gateways' in the details.
        self.cache_write_tokens = (
            count_of(usage, "cache_creation_input_tokens")
            or count_of(details, "cache_creation_tokens")
            or count_of(details, "cache_write_tokens")
        )
        kinds: Any = details.get("cache_creation_token_details")
        self.cache_hour_tokens = _hour_tokens(kinds)
        self.report_counts(
            usage.get("prompt_tokens"), usage.get("completion_tokens") or 0, cached or 0
        )
        if self.target is not None and self.target.provider.traits.quirks.usage_cost:
            self.told_cost = _told_cost(usage)

    def report_counts(self, input_tokens: Any, output_tokens: Any, cached_tokens: Any) -> None:
        """Take a provider's counts, unless they are none: then what was seen is counted."""
        counts = (input_tokens, output_tokens, cached_tokens)
        if all(isinstance(count, int) and 0 <= count <= _MOST_TOKENS for count in counts):
            self.reported = True
            self.input_tokens, self.output_tokens, self.cached_tokens = counts

    def report_message(self, usage: dict[str, Any], *, final: bool) -> None:
        """Take a usage object in Anthropic's form, which counts what was cached beside the input.

        Before the final one its output is not known yet, and the call stays an estimated one.
        """
        given = usage.get("input_tokens")
        if not isinstance(given, int) or not 0 <= given <= _MOST_TOKENS:
            return
        cached = count_of(usage, "cache_read_input_tokens")
        self.cache_write_tokens = count_of(usage, "cache_creation_input_tokens")
        self.cache_hour_tokens = _hour_tokens(usage.get("cache_creation"))
        read = given + cached + self.cache_write_tokens
        if final:
            self.report_counts(read, usage.get("output_tokens"), cached)
        else:
            self.input_tokens, self.cached_tokens = read, cached

    def describe(self, piece: dict[str, Any]) -> None:
        """Take from an answer, or a chunk of one, what a trace says of it."""
        for name, attribute in (("id", "answer_id"), ("model", "answer_model")):
            if getattr(self, attribute) is None and isinstance(piece.get(name), str):
                setattr(self, attribute, piece[name])
        if isinstance(piece.get("stop_reason"), str):
            self.finish_reasons.append(piece["stop_reason"])
        choices: Any = piece.get("choices")
        for choice in cast("list[Any]", choices) if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                reason = cast("dict[str, Any]", choice).get("finish_reason")
                self.finish_reasons += [reason] if isinstance(reason, str) else []

    def count_rest(self) -> None:
        if self.uncounted is not None:
            self.uncounted()

    def settle_counts(self) -> None:
        """Without the provider's own counts: four characters a token, marked estimated. Of sounds and
        pictures nothing is counted.
        """
        if not self.reported and self.dispatched and self.kind not in MEDIA:
            self.count_rest()
            # A stream of Anthropic's tells its input when it begins.
            if not self.input_tokens:
                self.input_tokens = -(-self.input_characters // CHARACTERS_PER_TOKEN)
            self.output_tokens = -(-self.output_characters // CHARACTERS_PER_TOKEN)

    def assume_worst(self) -> None:
        """Nothing has come back of a call that the provider may have made, and charged for."""
        if self.worst is not None and not self.dispatched and not self.reported:
            self.dispatched = self.reported = self.assumed = True
            self.input_tokens = self.worst.input_tokens
            self.output_tokens = self.worst.output_tokens

    @property
    def cost(self) -> Decimal | None:
        """USD: what the provider says that it was, else by the price; None if that is unknown."""
        if self.told_cost is not None and self.reported:
            return self.told_cost
        price = None if self.target is None else self.target.facts.price
        if price is None or (self.kind in MEDIA and not self.reported and price.cost(1, 1)):
            return None
        return price.cost(
            self.input_tokens,
            self.output_tokens,
            cached_tokens=self.cached_tokens,
            cache_write_tokens=self.cache_write_tokens,
            cache_hour_tokens=self.cache_hour_tokens,
        )

    @property
    def cost_usd(self) -> float | None:
        cost = self.cost
        return None if cost is None else float(cost)


def count_of(given: dict[str, Any], name: str) -> int:
    """A count that a provider gives; 0 for what is none."""
    value = given.get(name)
    return value if isinstance(value, int) and 0 <= value <= _MOST_TOKENS else 0


def _hour_tokens(kinds: Any) -> int:
    """Of Anthropic's counts of what was written, by how long it is kept, those for an hour."""
    if not isinstance(kinds, dict):
        return 0
    return count_of(cast("dict[str, Any]", kinds), "ephemeral_1h_input_tokens")


def _told_cost(usage: dict[str, Any]) -> Decimal | None:
    """USD from OpenRouter's `cost`, with what a key of one's own was charged by the vendor behind."""
    parts: list[Any] = [usage.get("cost")]
    details = usage.get("cost_details")
    if usage.get("is_byok") is True and isinstance(details, dict):
        parts.append(cast("dict[str, Any]", details).get("upstream_inference_cost") or 0)
    if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts):
        return None
    amounts = [Decimal(str(part)) for part in parts]
    return sum(amounts, Decimal(0)) if all(0 <= one < _MOST_USD for one in amounts) else None


_MOST_USD = 1_000_000
