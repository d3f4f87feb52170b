"""Chooses memories for a prompt: the best first, within the budget, nothing said twice."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.memory_service.retrieval.queries import FoundRow
from services.memory_service.retrieval.tokens import estimate_tokens

_WORD = re.compile(r"\w+")
_CHARACTERS_PER_TOKEN = 20
_SAME = 0.8
"""Two texts are taken for one if they share this part of all their words (Jaccard index)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    rows: list[FoundRow]
    tokens: int


def choose(rows: Iterable[FoundRow], *, max_tokens: int) -> Chosen:
    """Take rows in order; skip what is too long for what is left and what was said already."""
    chosen: list[FoundRow] = []
    seen: list[frozenset[str]] = []
    left = max_tokens
    for row in rows:
        # Megabytes are not worth counting, to find that they are too many.
        if len(row.content) > left * _CHARACTERS_PER_TOKEN:
            continue
        tokens = estimate_tokens(row.content)
        if tokens > left:
            continue
        words = _words(row.content)
        if any(_similarity(words, other) >= _SAME for other in seen):
            continue
        chosen.append(row)
        seen.append(words)
        left -= tokens
    return Chosen(rows=chosen, tokens=max_tokens - left)


def _words(text: str) -> frozenset[str]:
    words = frozenset(_WORD.findall(text.casefold()))
    # A text without any word (say, emoji) is compared as a whole.
    return words or frozenset([text])


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)
