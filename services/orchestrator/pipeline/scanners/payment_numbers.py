"""Card numbers (Luhn) and bank accounts (IBAN, mod 97), with their checksums."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
    compiled,
)

if TYPE_CHECKING:
    import regex

_CARD = BoundedPattern(
    "card number", r"(?<![\w.+/=-])(?<![\d] )[0-9](?:[ -]?[0-9]){12,18}+(?![\w-]|[. ]\d)"
)
_IBAN = BoundedPattern(
    "IBAN", r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
    r"(?![A-Za-z0-9])",
)  # fmt: skip
# The first digits that card companies hold (ISO/IEC 7812); a row of digits seldom fits.
_ISSUERS = (
    r"(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|"
    r"3[47]\d{13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|"
    r"62\d{14,17})"
)
# What the card companies publish for trying out: nobody's.
_FOR_TRIALS = frozenset(
    ("4111111111111111", "4242424242424242", "5555555555554444", "378282246310005")
)


def find(piece: Piece) -> Iterator[Hit]:
    # Lazy: only where a guardrail runs; it reads the banks' formats from its own files.
    from stdnum import iban, luhn  # noqa: PLC0415

    for match in _CARD.matches(piece):
        digits = _bare(match)
        if digits in _FOR_TRIALS or compiled(_ISSUERS).fullmatch(digits) is None:
            continue
        if luhn.is_valid(digits):
            yield Hit(*match.span(), "Card number", "high", secret=True)
    for match in _IBAN.matches(piece):
        if iban.is_valid(_bare(match)):
            yield Hit(*match.span(), "Bank account (IBAN)", "medium", secret=True)


def _bare(match: "regex.Match[str]") -> str:
    return match[0].replace(" ", "").replace("-", "")


SCANNER = Scanner(name="payment_numbers", category="pii", find=find, sources=OURS)
