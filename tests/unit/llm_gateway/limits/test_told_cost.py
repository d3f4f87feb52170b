"""A cost that the provider tells itself (OpenRouter) goes before the price list's."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.kit.auth import Principal
from services.llm_gateway.credentials.setups import Setup
from services.llm_gateway.limits.meter import Caller, Meter
from services.llm_gateway.models.prices import ModelFacts, Price, Rate
from services.llm_gateway.models.resolution import Target
from services.llm_gateway.providers.groq import GROQ
from services.llm_gateway.providers.openrouter import OPENROUTER
from services.llm_gateway.providers.vendor import Vendor, build
from services.llm_gateway.upstream.session import Upstream

USAGE = {"prompt_tokens": 1_000_000, "completion_tokens": 0}
LISTED = Decimal(3)


class NoKeys:
    def choose(self, slug: str) -> None:
        return None

    def has_any(self, slug: str) -> bool:
        return False

    def has_other(self, slug: str, name: str) -> bool:
        return False

    def refusal(self, slug: str) -> None:
        return None

    def failed(self, *_: object) -> None:
        return None


def cost(vendor: Vendor, usage: dict[str, Any]) -> Decimal | None:
    setup = Setup(
        slug=vendor.slug,
        base_url=vendor.default_base,
        source="default",
        enabled=True,
        default_model=None,
        headers={},
        title=None,
        is_custom=False,
        is_local=None,
        problem="",
    )
    provider = build(vendor, setup, upstream=Upstream(), credentials=NoKeys())
    price = Price(Rate(LISTED, LISTED, LISTED))
    caller = Caller(Principal(kind="admin", name="admin"))
    meter = Meter(uuid4(), "step", caller, "chat")
    meter.target = Target(provider, "m", f"{vendor.slug}/m", ModelFacts(price=price), "")
    meter.report({**USAGE, **usage})
    return meter.cost


class TestCost:
    def test_is_taken_as_it_was_told(self) -> None:
        assert cost(OPENROUTER, {"cost": 0.00123}) == Decimal("0.00123")
        assert cost(OPENROUTER, {"cost": 0}) == 0

    def test_a_key_of_ones_own_is_charged_by_the_vendor_too(self) -> None:
        told = {"cost": 0.1, "is_byok": True, "cost_details": {"upstream_inference_cost": 2}}
        assert cost(OPENROUTER, told) == Decimal("2.1")

    @pytest.mark.parametrize(
        "told", [{}, {"cost": None}, {"cost": "1"}, {"cost": True}, {"cost": -1}]
    )
    def test_without_it_the_price_holds(self, told: dict[str, Any]) -> None:
        assert cost(OPENROUTER, told) == LISTED

    def test_others_are_not_believed(self) -> None:
        assert cost(GROQ, {"cost": 0}) == LISTED
