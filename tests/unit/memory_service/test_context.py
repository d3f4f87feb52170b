"""Choosing memories for a prompt."""

import datetime as dt
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.memory_service.retrieval.context import choose
from services.memory_service.retrieval.queries import FoundRow
from services.memory_service.retrieval.tokens import estimate_tokens


def row(content: str) -> FoundRow:
    return FoundRow(
        id=uuid4(),
        content=content,
        tier="episodic",
        metadata={},
        created_at=dt.datetime.now(dt.UTC),
        score=1,
        similarity=None,
        coverage=1,
        vector_part=0,
        turn_part=1,
        window_part=0,
        speaker_part=0,
        recency_part=0,
        confidence_part=0,
        best=1,
        certainty=1,
        total_found=1,
    )


class TestChoose:
    @given(st.lists(st.text(max_size=60), max_size=20), st.integers(1, 200))
    def test_never_over_the_budget(self, contents: list[str], budget: int) -> None:
        chosen = choose([row(content) for content in contents], max_tokens=budget)
        assert chosen.tokens == sum(estimate_tokens(found.content) for found in chosen.rows)
        assert chosen.tokens <= budget

    def test_keeps_the_order_and_skips_what_is_too_long(self) -> None:
        rows = [row("first of all"), row("long " * 1000), row("last but not least")]
        chosen = choose(rows, max_tokens=50)
        assert chosen.rows == [rows[0], rows[2]]

    def test_says_nothing_twice(self) -> None:
        rows = [
            row("The backup runs at three in the morning every day."),
            row("the backup runs at THREE in the morning, every day!"),
            row("The backup runs at four in the evening every week."),
        ]
        assert choose(rows, max_tokens=1000).rows == [rows[0], rows[2]]

    def test_texts_without_words_are_told_apart(self) -> None:
        rows = [row("🦊"), row("🐻"), row("🦊")]
        assert choose(rows, max_tokens=1000).rows == rows[:2]


class TestEstimate:
    @pytest.mark.parametrize(
        ("text", "counted"),
        [
            ("The quick brown fox jumps over the lazy dog", 9),
            ("def f(x):\n    return x ** 2", 10),
            ("我喜欢编程", 7),
            ("Привет, как дела сегодня?", 12),
            ('{"a": [1, 2, 3], "b": null}', 17),
            ("0123456789" * 20, 67),
            ("!@#$%^&*()_+" * 10, 90),
            ("x = 1; " * 50, 251),
            ("2024-05-01T12:00:00Z 550e8400-e29b-41d4-a716-446655440000", 32),
        ],
    )
    def test_is_not_below_what_cl100k_base_counts(self, text: str, counted: int) -> None:
        assert estimate_tokens(text) >= counted

    @given(st.text())
    def test_any_text_has_one(self, text: str) -> None:
        assert estimate_tokens(text) > 0
