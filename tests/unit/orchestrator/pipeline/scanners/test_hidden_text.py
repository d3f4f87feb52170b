"""Characters that nobody sees, but not those that scripts and emoji need."""

import pytest

from services.orchestrator.pipeline.scanning.scanner import Source
from tests.fixtures.scanning import found, hits

NAME = "hidden_text"
TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")


class TestHiddenText:
    @pytest.mark.parametrize(
        "hidden", [TAGS, "\u202e", "\u2066", "\u200b\u200b\u200b", "\ufe01\ufe02\ufe03"]
    )
    def test_found(self, hidden: str) -> None:
        assert found(NAME, f"plain {hidden} plain") == [hidden]

    def test_a_word_that_is_split(self) -> None:
        assert found(NAME, "pass\u200bword") == ["\u200b"]

    def test_worst_in_what_the_task_hands_on(self) -> None:
        assert hits(NAME, "x\u202ey")[0].severity == "high"
        assert hits(NAME, "x\u202ey", source=Source.TOOL)[0].severity == "medium"

    @pytest.mark.parametrize(
        "text",
        ["👩\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e007f", "क्\u200dष", "❤\ufe0f", "\ufeffstart",
         "می\u200cخواهم", "a\u200fb"],
    )  # fmt: skip
    def test_none(self, text: str) -> None:
        assert found(NAME, text) == []
