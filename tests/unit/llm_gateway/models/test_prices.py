"""Where a model's price and abilities are known from."""

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.llm_gateway.models.prices import NOTHING, ModelFacts, PriceTable, facts_of
from services.llm_gateway.models.reference import ReferenceTable, packaged_file

TOLD = ModelFacts(context_window=9, capabilities=("chat",))


def table(tmp_path: Path, stored: dict[str, Any] | None = None, **listed: Any) -> PriceTable:
    path = tmp_path / "map.json"
    path.write_bytes(orjson.dumps(listed))
    return PriceTable(
        {"gpt-5": {"input": 7, "output": 8}},
        stored=lambda: stored or {},
        reference=ReferenceTable(path),
    )


def listed(**fields: Any) -> dict[str, Any]:
    return {"litellm_provider": "gemini", "mode": "chat", **fields}


class TestFind:
    def test_the_order_of_sources(self, tmp_path: Path) -> None:
        prices = table(
            tmp_path,
            {"gpt-5": {"context_window": 5}},
            **{"gemini/x": listed(input_cost_per_token=3e-07, output_cost_per_token=2.5e-06)},
        )
        set_by_person = prices.find("gpt-5", official=True, told=TOLD)
        assert (set_by_person.context_window, set_by_person.price_source) == (5, "override")
        assert set_by_person.capabilities == ("chat",)
        assert set_by_person.max_output_tokens == 128_000
        assert set_by_person.price_as_of is None

        shipped = prices.find("gpt-4o", official=True)
        assert (shipped.price_source, shipped.price_as_of) == ("table", prices.as_of)

        second = prices.find("gemini/x", official=True)
        assert second.price is not None
        assert second.price.cost(1_000_000, 0) == Decimal("0.3")
        assert second.price_source == "litellm"
        assert (second.price_as_of or "").startswith("LiteLLM ")

    def test_a_dated_name_is_the_plain_one(self, tmp_path: Path) -> None:
        prices = table(tmp_path)
        assert prices.find("claude-haiku-4-5-20251001", official=True) == prices.find(
            "claude-haiku-4-5", official=True
        )

    def test_another_server_has_no_price_of_the_vendor(self, tmp_path: Path) -> None:
        found = table(tmp_path).find("gpt-4o", official=False)
        assert (found.price, found.price_source, found.price_as_of) == (None, None, None)
        assert found.context_window == 128_000

    def test_a_subscription_has_the_models_but_no_price(self, tmp_path: Path) -> None:
        found = table(tmp_path).find("claude-max/claude-sonnet-5", official=True)
        assert (found.price, found.context_window) == (None, 1_000_000)

    def test_unknown_stays_unknown(self, tmp_path: Path) -> None:
        assert table(tmp_path).find("nobody/knows", official=True) == NOTHING

    @pytest.mark.parametrize(
        "fields",
        [
            {"input_cost_per_token": 0, "output_cost_per_token": 0},
            {"input_cost_per_token": 1e-06},
            {"output_cost_per_token": 1e-06},
            {"input_cost_per_token": "cheap", "output_cost_per_token": 1e-06},
        ],
    )
    def test_no_price_is_never_a_price_of_zero(self, tmp_path: Path, fields: Any) -> None:
        prices = table(tmp_path, **{"gemini/x": listed(max_input_tokens=5, **fields)})
        found = prices.find("gemini/x", official=True)
        assert (found.price, found.price_as_of, found.context_window) == (None, None, 5)

    def test_a_threshold_makes_the_long_price(self, tmp_path: Path) -> None:
        entry = listed(
            input_cost_per_token=1e-06,
            output_cost_per_token=1e-05,
            input_cost_per_token_above_200k_tokens=2e-06,
            output_cost_per_token_above_200k_tokens=2e-05,
        )
        price = table(tmp_path, **{"gemini/x": entry}).find("gemini/x", official=True).price
        assert price is not None
        assert price.cost(200_000, 0) == Decimal("0.2")
        assert price.cost(200_001, 0) == Decimal("0.400002")


class TestFactsOf:
    def test_half_a_price_is_none(self) -> None:
        assert facts_of({"input": 1}, "override").price is None
        assert facts_of({"output": 1}, "override").price is None

    def test_a_price_of_zero_that_somebody_says_is_one(self) -> None:
        price = facts_of({"input": 0, "output": 0}, "override").price
        assert price is not None
        assert price.cost(5, 5) == 0


class TestReferenceTable:
    def test_the_packaged_map_is_there_and_read(self) -> None:
        assert packaged_file() is not None
        row = ReferenceTable().row("gemini/gemini-2.5-flash")
        assert row is not None
        assert row["context_window"] > 100_000

    @pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"x": 5}', b'{"x": {}}'])
    def test_a_map_that_can_not_be_read_knows_nothing(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "map.json"
        path.write_bytes(content)
        assert ReferenceTable(path).row("x") is None
        assert ReferenceTable(tmp_path / "missing").row("x") is None

    def test_the_shipped_table_agrees_with_it(self) -> None:
        """Where both know a price, and neither is out of date, they say the same."""
        shipped = orjson.loads(Path("services/llm_gateway/models/prices.json").read_bytes())
        reference = ReferenceTable()
        differing = [
            name
            for name, row in shipped["models"].items()
            if (other := reference.row(name)) is not None
            and (row["input"], row["output"]) != (other.get("input"), other.get("output"))
        ]
        assert differing == []


class TestLookUp:
    def test_the_second_table_is_read_once(self) -> None:
        """Each call asks for its model's price; finding out LiteLLM's version takes a millisecond."""
        prices = PriceTable({})
        assert prices.find("gemini/gemini-2.5-flash", official=True).price_source == "litellm"
        began = time.process_time()
        for _ in range(500):
            prices.find("gemini/gemini-2.5-flash", official=True)
        assert time.process_time() - began < 0.2
