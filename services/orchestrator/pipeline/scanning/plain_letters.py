"""A text as it reads: letters in their plain form, nothing invisible; with the way back."""

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlainText:
    """`starts` are offsets in `text` where a stretch begins, `origins` those in the original, which
    has `length` letters.
    """

    text: str
    starts: list[int]
    origins: list[int]
    length: int

    def origin(self, offset: int) -> int:
        """Where the letter at `offset` stands in the original."""
        index = bisect_right(self.starts, offset) - 1
        origin = self.origins[index] + offset - self.starts[index] if index >= 0 else offset
        # One letter may read as several: the last of them are still that letter.
        end = self.origins[index + 1] if index + 1 < len(self.origins) else self.length
        return min(origin, end - 1)


def plain(text: str) -> PlainText:
    """NFKC letter by letter, without format characters (zero-width ones, marks of direction)."""
    if text.isascii():
        return PlainText(text, [], [], len(text))
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
    return PlainText("".join(letters), starts, origins, len(text))


def _plain_letter(letter: str) -> str:
    if unicodedata.category(letter) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", letter)
