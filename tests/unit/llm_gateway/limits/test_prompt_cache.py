"""What a provider's own prompt cache costs, in the shapes in which it is told."""

from decimal import Decimal
from typing import Any

import pytest

from services.kit.auth import Principal
from services.kit.ids import new_id
from services.llm_gateway.limits.meter import Caller, Meter
from services.llm_gateway.models.prices import Price, PriceTable, Rate

RATE = Rate(Decimal(10), Decimal(20), Decimal(1), Decimal("12.5"), Decimal(20))


def reported(usage: dict[str, Any]) -> Meter:
    caller = Caller(Principal(kind="admin", name="admin"))
    meter = Meter(new_id(), "step", caller, "chat")
    meter.report({"prompt_tokens": 100, "completion_tokens": 10, **usage})
    return meter


class TestReport:
    @pytest.mark.parametrize(
        "usage",
        [
            {"cache_creation_input_tokens": 30},
            {"prompt_tokens_details": {"cache_creation_tokens": 30}},
            {"prompt_tokens_details": {"cache_write_tokens": 30, "cached_tokens": 0}},
        ],
    )
    def test_writes(self, usage: dict[str, Any]) -> None:
        assert reported(usage).cache_write_tokens == 30

    def test_writes_for_an_hour_in_both_forms(self) -> None:
        kinds = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}
        details = {"cache_creation_tokens": 30, "cache_creation_token_details": kinds}
        translated = reported({"prompt_tokens_details": details})
        passed = reported({})
        usage = {"input_tokens": 70, "cache_creation_input_tokens": 30, "output_tokens": 10}
        passed.report_message({**usage, "cache_creation": kinds}, final=True)
        for meter in (translated, passed):
            assert (meter.input_tokens, meter.cache_write_tokens) == (100, 30)
            assert meter.cache_hour_tokens == 20

    @pytest.mark.parametrize("odd", [None, -1, "30", 1.5, [], 2**60])
    def test_what_is_no_count_is_none(self, odd: Any) -> None:
        meter = reported({"cache_creation_input_tokens": odd, "prompt_tokens_details": odd})
        assert (meter.cache_write_tokens, meter.input_tokens) == (0, 100)


class TestCost:
    def test_reads_and_writes_have_their_own_prices(self) -> None:
        cost = Price(RATE).cost(100, 10, cached_tokens=50, cache_write_tokens=30)
        assert cost * 1_000_000 == 20 * 10 + 50 * 1 + 30 * Decimal("12.5") + 10 * 20

    def test_what_stays_for_an_hour_costs_more(self) -> None:
        cost = Price(RATE).cost(100, 0, cache_write_tokens=30, cache_hour_tokens=10)
        assert cost * 1_000_000 == 70 * 10 + 20 * Decimal("12.5") + 10 * 20
        most = Price(RATE).cost(100, 0, cache_write_tokens=30, cache_hour_tokens=900)
        assert most * 1_000_000 == 70 * 10 + 30 * 20

    def test_without_a_price_of_its_own_an_hour_costs_what_minutes_do(self) -> None:
        rate = Rate(Decimal(10), Decimal(20), Decimal(1), Decimal("12.5"))
        cost = Price(rate).cost(100, 0, cache_write_tokens=100, cache_hour_tokens=100)
        assert cost * 1_000_000 == 1250

    def test_the_worst_case_is_that_all_is_written_for_an_hour(self) -> None:
        price = PriceTable({}).find("claude-sonnet-4-5", official=True).price
        assert price is not None
        cost = price.cost(100, 0, cache_write_tokens=100, cache_hour_tokens=100)
        assert cost * 1_000_000 == 600

    def test_never_more_than_the_input(self) -> None:
        cost = Price(RATE).cost(100, 0, cached_tokens=80, cache_write_tokens=900)
        assert cost * 1_000_000 == 80 * 1 + 20 * Decimal("12.5")

    def test_without_a_price_of_their_own_writes_cost_what_input_does(self) -> None:
        rate = Rate(Decimal(10), Decimal(20), Decimal(1))
        assert Price(rate).cost(100, 0, cache_write_tokens=100) * 1_000_000 == 1000
