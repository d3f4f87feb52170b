"""A text as it reads: letters in their plain form, nothing invisible; with the way back."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlainText:
    """`starts` are offsets in `text` where a stretch begins, `origins` those in the original."""

    text: str
    starts: list[int]
    origins: list[int]

    def origin(self, offset: int) -> int:
        """Where the letter at `offset` stands in the original."""
        index = bisect_right(self.starts, offset) - 1
        return self.origins[index] + offset - self.starts[index] if index >= 0 else offset


def plain(text: str) -> PlainText:
    """NFKC letter by letter, without format characters (zero-width ones, marks of direction)."""
    if text.isascii():
        return PlainText(text, [], [])
    letters: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length, shift = 0, 0
    for index, letter in enumerate(text):
        kept = letter if letter.isascii() else _plain_letter(letter)
        if kept and index - length != shift:
            shift = index - length
            starts.append(length)
            origins.append(index)
        letters.append(kept)
        length += len(kept)
    return PlainText("".join(letters), starts, origins)


def _plain_letter(letter: str) -> str:
    if unicodedata.category(letter) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", letter)
