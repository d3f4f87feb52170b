"""The text of a memory as the indexes see it."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"\w+")
_NOT_WORD = re.compile(r"[\W_]+")
_EMBEDDED_CHARACTERS = 8_000
_PIECE_CHARACTERS = 100_000


def count_words(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def fact_text(category: str, key: str, content: str) -> str:
    """A fact is found by its name too: `ui.dark_mode` by "dark mode"."""
    return f"{_NOT_WORD.sub(' ', category)} {_NOT_WORD.sub(' ', key)} {content}"


def embedded_text(text: str) -> str:
    """The beginning, which is all that embedding models read of a long text."""
    return text[:_EMBEDDED_CHARACTERS]


def pieces(text: str) -> Iterator[str]:
    """The text cut between words, so that no piece exceeds what a tsvector can hold (1 MB)."""
    start = 0
    while len(text) - start > _PIECE_CHARACTERS:
        end = start + _PIECE_CHARACTERS
        cut = max(text.rfind(space, start, end) for space in " \n\t")
        if cut <= start:
            cut = end
        yield text[start:cut]
        start = cut
    yield text[start:]
