"""What may be embedded, and how a wrong one among many is named."""

from typing import Any

import pytest

from services.kit.errors import Invalid
from services.llm_gateway.embeddings.inputs import MOST_CHARACTERS, MOST_ITEMS, items_of


class TestItemsOf:
    @pytest.mark.parametrize(
        ("given", "items"),
        [
            ("a text", ["a text"]),
            (["a", "b"], ["a", "b"]),
            ([1, 2, 3], [[1, 2, 3]]),
            ([[1], [2, 3]], [[1], [2, 3]]),
            (["😀", " "], ["😀", " "]),
        ],
    )
    def test_four_forms(self, given: Any, items: list[Any]) -> None:
        assert items_of(given, field="input") == items

    @pytest.mark.parametrize("given", [None, [], {}, 5, True, ""])
    def test_nothing_to_embed(self, given: Any) -> None:
        with pytest.raises(Invalid, match="input: "):
            items_of(given, field="input")

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            ("", "is empty"),
            ("a\x00b", "NUL"),
            ("\ud800", "unpaired surrogate"),
            ("x" * (MOST_CHARACTERS + 1), "characters are too many"),
            (None, "a text or a list of tokens"),
            ([], "0 tokens"),
            ([1, "2"], "whole numbers"),
            ([-1], "whole numbers"),
            ([True], "whole numbers"),
        ],
    )
    def test_the_place_of_a_bad_one(self, bad: Any, says: str) -> None:
        with pytest.raises(Invalid, match=rf"^input\[2\]: .*{says}"):
            items_of(["fine", "fine too", bad, "fine"], field="input")

    def test_too_many(self) -> None:
        assert len(items_of(["a"] * MOST_ITEMS, field="input")) == MOST_ITEMS
        with pytest.raises(Invalid, match="too many"):
            items_of(["a"] * (MOST_ITEMS + 1), field="input")
