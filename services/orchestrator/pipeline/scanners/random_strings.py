"""Strings as random as keys are, where none of the known shapes fits: the second line."""

from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.likeness import entropy, is_placeholder
from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)

# Quoted, or after a sign of assignment: in running text such strings are names and checksums.
_RANDOM = BoundedPattern(
    "random string",
    r"(?<=[\"'`=:]|[=:] )(?<!base64[,:] ?)(?<!sha\d{3}-)(?P<secret>[A-Za-z0-9+/_-]{24,120}={0,2})"
    r"(?=[\"'`\s,;]|$)",
)
# Thirty random characters of 64 have about 4.6 bits each by their own frequencies; words have less.
_FEWEST_BITS = 4.2
_FEWEST_DIGITS = 3
_FEWEST_OF_A_CASE = 3
_SHARE_OF_UPPER = 0.25


def find(piece: Piece) -> Iterator[Hit]:
    for match in _RANDOM.matches(piece):
        if _is_random(match["secret"]):
            yield Hit(*match.span("secret"), "Random string, as keys are", "medium", secret=True)


def _is_random(value: str) -> bool:
    digits = sum(letter.isdigit() for letter in value)
    upper = sum(letter.isupper() for letter in value)
    lower = sum(letter.islower() for letter in value)
    if not digits or min(upper, lower) < _FEWEST_OF_A_CASE:
        return False  # a checksum, a UUID, a path, a name
    if digits < _FEWEST_DIGITS and upper < _SHARE_OF_UPPER * len(value):
        return False  # a name in camel case
    if value.startswith(("sha256-", "sha384-", "sha512-", "/", "iVBOR", "R0lGOD")):
        return False
    return entropy(value) >= _FEWEST_BITS and not is_placeholder(value)


SCANNER = Scanner(name="random_strings", category="credential", find=find, sources=OURS)
