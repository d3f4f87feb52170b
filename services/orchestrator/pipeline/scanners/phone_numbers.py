"""Phone numbers: international ones, North American ones, and others that are called one."""

import unicodedata
from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)

# Digits of any script; possessive groups, so that a long row of digits is gone through once.
_INTERNATIONAL = BoundedPattern(
    "international number",
    r"(?<![\w.+/=-])[+\uff0b]\d(?:[ .\-/()\u00a0]{0,2}\d){7,14}+(?![\w-])",
    ("+", "\uff0b"),
)
_NORTH_AMERICAN = BoundedPattern(
    "North American number",
    r"(?<![\w.+/=-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w.-]?\d)",
    needs=r"\d{3}[ .-]\d{4}",
)
_CALLED_ONE = BoundedPattern(
    "number that is called a phone number",
    r"(?i:\b(?:tele?(?:phone|fon)?|phone|mobile?|mobil|handy|cell|fax|whatsapp|portable|móvil)"
    r"|тел(?:ефон)?|电话|電話|手机)[ .:#\u00a0\uff1a\-(]{0,4}(?i:no|nr|number|nummer|numéro)?[ .:#)]{0,3}"
    r"(?P<number>\d(?:[ .\-/()\u00a0]{0,2}\d){6,13}+)(?![\w-])",
    needs=r"\d(?:[ .\-/()\u00a0]{0,2}\d){6}",
)
_FEWEST_DIGITS, _MOST_DIGITS = 8, 15  # E.164


def find(piece: Piece) -> Iterator[Hit]:
    for match in _INTERNATIONAL.matches(piece):
        digits = _digits(match[0])
        if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS and not digits.startswith("0"):
            yield Hit(*match.span(), "Phone number", "medium", secret=True)
    for match in _NORTH_AMERICAN.matches(piece):
        # 555-01xx is kept free for fiction.
        if not _digits(match[0])[-7:].startswith("55501"):
            yield Hit(*match.span(), "Phone number", "medium", secret=True)
    for match in _CALLED_ONE.matches(piece):
        if not _digits(match["number"])[-7:].startswith("55501"):
            yield Hit(*match.span("number"), "Phone number", "medium", secret=True)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())


SCANNER = Scanner(name="phone_numbers", category="pii", find=find, sources=OURS)
