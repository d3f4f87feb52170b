"""x-ratelimit-* as OpenAI writes it."""

import pytest

from services.llm_gateway.limits.admission.rate_headers import duration, rate_headers
from services.llm_gateway.limits.admission.window import Limits, Window


class TestDuration:
    @pytest.mark.parametrize(
        ("milliseconds", "text"),
        [
            (0, "0s"),
            (1, "1ms"),
            (999, "999ms"),
            (1_000, "1s"),
            (8_640, "8.64s"),
            (59_999, "59.999s"),
            (60_000, "1m0s"),
            (360_000, "6m0s"),
            (61_500, "1m1.5s"),
        ],
    )
    def test_units(self, milliseconds: int, text: str) -> None:
        assert duration(milliseconds) == text


class TestRateHeaders:
    def test_both_kinds(self) -> None:
        counted = Window().ask(0, requests=1, tokens=40, limits=Limits(60, 100))
        assert rate_headers(counted) == {
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "59",
            "x-ratelimit-reset-requests": "1m1s",
            "x-ratelimit-limit-tokens": "100",
            "x-ratelimit-remaining-tokens": "60",
            "x-ratelimit-reset-tokens": "1m1s",
        }

    def test_only_what_is_limited(self) -> None:
        counted = Window().ask(0, requests=1, tokens=0, limits=Limits(60, None))
        assert not any(name.endswith("tokens") for name in rate_headers(counted))

    def test_remaining_is_never_below_nothing(self) -> None:
        window = Window()
        window.ask(0, requests=5, tokens=0, limits=Limits(None, None))
        counted = window.ask(0, requests=1, tokens=0, limits=Limits(2, None))
        assert rate_headers(counted)["x-ratelimit-remaining-requests"] == "0"
