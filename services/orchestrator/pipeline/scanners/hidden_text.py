"""Characters that a person does not see and a model reads: tags, marks of direction, zero-width ones."""

from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.scanner import (
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
    Severity,
    Source,
)

# After a black flag they are part of an emoji (UTS #51), anywhere else a hidden ASCII text.
_TAGS = BoundedPattern(
    "Hidden tag characters",
    r"(?<!\U0001F3F4)(?<![\U000E0020-\U000E007F])[\U000E0000-\U000E007F]{2,}",
)
_DIRECTION = BoundedPattern(
    # Overrides show text in another order than it is read; see CVE-2021-42574.
    "Mark that overrides the text's direction",
    "[\u202a\u202b\u202d\u202e\u2066-\u2068]",
)
_ZERO_WIDTH = BoundedPattern(
    "Hidden zero-width characters",
    # Three in a row, or one inside a word of plain letters; elsewhere scripts and emoji need them.
    "[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{3,}|(?<=[A-Za-z])[\u200b-\u200d\u2060\ufeff](?=[A-Za-z])",
)
_VARIATION = BoundedPattern(
    "Hidden variation selectors", "[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}"
)
_SEVERITIES: dict[Source, Severity] = {Source.RESULT: "high", Source.FILE: "high"}


def find(piece: Piece) -> Iterator[Hit]:
    if piece.text.isascii():
        return
    for pattern in (_TAGS, _VARIATION):
        for match in pattern.matches(piece):
            yield Hit(*match.span(), pattern.title, "high")
    for match in _DIRECTION.matches(piece):
        yield Hit(*match.span(), _DIRECTION.title, _SEVERITIES.get(piece.source, "medium"))
    for match in _ZERO_WIDTH.matches(piece):
        yield Hit(*match.span(), _ZERO_WIDTH.title, "medium")


SCANNER = Scanner(name="hidden_text", category="injection", find=find)
