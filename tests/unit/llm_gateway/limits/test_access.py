"""Patterns of model ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.llm_gateway.limits.admission.access import KeyTerms, matches, matches_any
from services.llm_gateway.limits.admission.window import Limits

NARROW = st.text("ab*", max_size=8)


class TestMatches:
    @pytest.mark.parametrize(
        ("pattern", "text", "fits"),
        [
            ("gpt-4o", "gpt-4o", True),
            ("gpt-4o", "gpt-4o-mini", False),
            ("gpt-4o*", "gpt-4o-mini", True),
            ("*", "", True),
            ("groq/*", "groq/llama", True),
            ("groq/*", "ollama/groq/llama", False),
            ("*mini*", "gpt-4o-mini-2024", True),
            ("a*a", "a", False),
            ("a*b*c", "abc", True),
            ("a*bc*c", "abc", False),
            ("Gpt*", "gpt-4o", False),
            (".*", "gpt", False),
            ("ollama/ü*", "ollama/über", True),
            ("", "", True),
        ],
    )
    def test_examples(self, pattern: str, text: str, *, fits: bool) -> None:
        assert matches(pattern, text) is fits

    @given(NARROW, st.text("ab", max_size=8))
    def test_like_a_regular_expression(self, pattern: str, text: str) -> None:
        expression = ".*".join(re.escape(part) for part in pattern.split("*"))
        assert matches(pattern, text) is (re.fullmatch(expression, text) is not None)

    def test_a_hostile_pattern_takes_no_time(self) -> None:
        assert not matches("a*" * 100 + "b", "a" * 5_000)


class TestKeyTerms:
    def test_null_is_every_model_and_an_empty_list_none(self) -> None:
        limits = Limits(60, None)
        assert KeyTerms(limits, None).allows("any")
        assert not KeyTerms(limits, ()).allows("any")
        assert not matches_any((), "any")
        assert KeyTerms(limits, ("a", "b*")).allows("bc")
