"""Known speakers in a query."""

import pytest

from services.memory_service.ingest.voices import Voice
from services.memory_service.retrieval.names import Named, take_names

NADJA, THEO, WILL = (Voice(name, given=True) for name in ("Nadja", "Theo Berg", "Will"))
GUESSED = Voice("Note", given=False)


class TestTakeNames:
    @pytest.mark.parametrize(
        ("query", "text", "names"),
        [
            ("What did Nadja paint?", "What did paint?", ["Nadja"]),
            ("what did nadja paint", "what did paint", ["Nadja"]),
            ("Nadja's boat and Nadja\u2019s house", "boat and house", ["Nadja"]),
            ("did Theo Berg meet Nadja", "did meet", ["Nadja", "Theo Berg"]),
            ("where is Theo", "where is", ["Theo Berg"]),
            ("Nadjas boat", "Nadjas boat", []),
            ("who paints", "who paints", []),
        ],
    )
    def test_takes_them_out(self, query: str, text: str, names: list[str]) -> None:
        assert take_names(query, [NADJA, THEO]) == Named(text, names)

    @pytest.mark.parametrize("query", ["Nadja", "Nadja?", "", " \n", "🦊"])
    def test_leaves_a_query_that_is_nothing_else(self, query: str) -> None:
        assert take_names(query, [NADJA]).text == query

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("what will she do", False),
            ("Will it rain?", False),
            ("Done. Will it rain?", False),
            ("what did Will do", True),
        ],
    )
    def test_a_name_that_is_a_word_too(self, query: str, *, found: bool) -> None:
        assert (take_names(query, [WILL]).names == ["Will"]) is found

    @pytest.mark.parametrize(("query", "found"), [("a note of May", False), ("the Note", True)])
    def test_a_guessed_one_only_as_it_is_written(self, query: str, *, found: bool) -> None:
        assert (take_names(query, [GUESSED]).names == ["Note"]) is found

    def test_a_first_name_of_two_is_nobodys(self) -> None:
        query = "where is Theo"
        assert take_names(query, [THEO, Voice("Theo Ek", given=True)]) == Named(query, [])

    def test_a_long_query_and_many_names_take_no_time(self) -> None:
        voices = [Voice(f"Name{n} Other", given=True) for n in range(1000)]
        assert take_names("word " * 800 + "Name7", voices).names == ["Name7 Other"]
