"""The text that is indexed."""

from hypothesis import given
from hypothesis import strategies as st

from services.memory_service.ingest import text
from services.memory_service.ingest.text import count_words, fact_text, pieces


class TestPieces:
    def test_a_short_text_is_one(self) -> None:
        assert list(pieces("a b c")) == ["a b c"]

    @given(st.integers(0, 350_000), st.integers(1, 300_000))
    def test_they_add_up_and_none_is_too_long(self, length: int, word: int) -> None:
        whole = ("x" * word + " ") * (length // (word + 1) + 1)
        found = list(pieces(whole))
        assert "".join(found) == whole
        assert all(len(piece) <= text._PIECE_CHARACTERS for piece in found)

    def test_no_word_is_cut_that_fits_a_piece(self) -> None:
        words = [f"word{n}" for n in range(60_000)]
        assert " ".join(pieces(" ".join(words))).split() == words


class TestFactText:
    def test_its_name_is_split_into_words(self) -> None:
        assert fact_text("ui_settings", "editor.darkMode", "on") == (
            "ui settings editor darkMode on"
        )


class TestCountWords:
    def test_counts(self) -> None:
        assert count_words("one, two — três 四") == 4
        assert count_words("… !") == 0
