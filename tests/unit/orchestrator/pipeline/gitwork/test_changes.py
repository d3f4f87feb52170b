"""Diffs within bounds: small files whole, large ones cut with a note, never more than asked for."""

from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.engine.context.estimate import text_tokens
from services.orchestrator.pipeline.gitwork.changes import fit_changes, fit_changes_to_tokens

_NOTES = 120


def diff(name: str, lines: int) -> str:
    added = "".join(f"+line {number}\n" for number in range(lines))
    return (
        f"diff --git a/{name} b/{name}\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1,{lines} @@\n{added}"
    )


class TestFitChanges:
    def test_what_fits_stays_as_it_is(self) -> None:
        text = " a | 2 +\n\n" + diff("a", 2)
        assert fit_changes(text, len(text)) == text

    def test_the_large_file_is_cut_and_the_small_one_is_not(self) -> None:
        small = diff("Käse & Brot", 3)
        shown = fit_changes("2 files\n" + diff("large", 5_000) + small, 4_000)
        assert shown.startswith("2 files\n")
        assert shown.endswith(small)
        assert "more lines left out" in shown
        assert len(shown) <= 4_000 + _NOTES

    def test_the_note_counts_what_is_left_out(self) -> None:
        shown = fit_changes(diff("large", 1_000), 500)
        kept = shown.count("\n+line ")
        assert f"[… {1_000 - kept} more lines left out …]" in shown

    def test_a_single_line_without_end_is_cut(self) -> None:
        text = "diff --git a/x b/x\n+" + "x" * 100_000
        shown = fit_changes(text, 1_000)
        assert len(shown) <= 1_000 + _NOTES
        assert "left out" in shown

    def test_very_many_files_are_counted(self) -> None:
        text = "".join(diff(f"file-{number}", 20) for number in range(2_000))
        shown = fit_changes(text, 10_000)
        assert "more files left out" in shown
        assert len(shown) <= 10_000 + 2_000

    @given(st.text(max_size=400), st.integers(0, 500))
    def test_any_text(self, text: str, characters: int) -> None:
        shown = fit_changes(text, characters)
        assert len(shown) <= max(characters, 0) + _NOTES or shown == text


class TestFitChangesToTokens:
    @given(st.integers(1, 3_000), st.integers(200, 5_000))
    def test_never_more_than_there_is_room_for(self, lines: int, tokens: int) -> None:
        text = diff("a", lines) + diff("b", 5)
        assert text_tokens(fit_changes_to_tokens(text, tokens)) <= tokens

    def test_no_room_at_all(self) -> None:
        assert len(fit_changes_to_tokens(diff("a", 1_000), 0)) <= _NOTES
