"""A fact's effective confidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.memory_service.facts.decay import effective_confidence

BASE = st.floats(0, 1)
DAYS = st.floats(0, 1e5)


class TestEffectiveConfidence:
    @given(BASE, st.floats(-1e5, 0))
    def test_is_whole_at_first(self, base: float, days: float) -> None:
        assert effective_confidence(base, days=days) == base

    @given(BASE, DAYS, DAYS)
    def test_only_falls_and_never_below_nothing(self, base: float, one: float, two: float) -> None:
        earlier, later = sorted((one, two))
        assert base >= effective_confidence(base, days=earlier)
        assert effective_confidence(base, days=earlier) >= effective_confidence(base, days=later)
        assert effective_confidence(base, days=later) >= 0

    def test_halves_in_ninety_days(self) -> None:
        assert effective_confidence(0.8, days=90) == pytest.approx(0.4)
