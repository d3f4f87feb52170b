"""Whether a text is like a secret: how random it is, and whether it only stands for one."""

import math
import re
from collections import Counter

_STANDS_FOR_ONE = re.compile(
    r"example|placeholder|changeme|change[-_]me|redacted|dummy|sample|x{4,}|\*{3,}|\.{3,}|…|"
    r"\$\{|\{\{|<[^>]{0,40}>|your[-_ ]|[-_]here\b|0{8,}|1{8,}|(?:01234567|12345678|abcdefgh)",
    re.IGNORECASE,
)
_FEWEST_DIFFERENT = 5


def entropy(text: str) -> float:
    """Bits per character by the text's own frequencies (Shannon, 1948)."""
    length = len(text)
    return -sum(n / length * math.log2(n / length) for n in Counter(text).values())


def is_placeholder(text: str) -> bool:
    """Whether the text only shows where a secret would stand."""
    return len(set(text)) < _FEWEST_DIFFERENT or _STANDS_FOR_ONE.search(text) is not None


def kinds_of_characters(text: str) -> int:
    """How many of: lower case, upper case, digits, anything else."""
    return (
        any(letter.islower() for letter in text)
        + any(letter.isupper() for letter in text)
        + any(letter.isdigit() for letter in text)
        + any(not letter.isalnum() for letter in text)
    )
