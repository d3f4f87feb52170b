"""Links and images whose address carries data away when they are shown or followed."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from services.orchestrator.pipeline.scanning.likeness import entropy
from services.orchestrator.pipeline.scanning.scanner import (
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
    Source,
)

_IMAGE = BoundedPattern(
    "image",
    r"!\[[^\]\n]{0,200}+\]\(\s{0,3}<?(?P<url>(?:https?:)?//[^\s)>]{1,4000}+)|"
    r"(?i:<img\s[^>]{0,300}?src\s{0,3}=\s{0,3}[\"']?(?P<url>(?:https?:)?//[^\s\"'>]{1,4000}+))",
    ("![", "<img", "<IMG"),
)
_LINK = BoundedPattern(
    "link", r"(?<!!)\[[^\]\n]{1,200}+\]\(\s{0,3}<?(?P<url>https?://[^\s)>]{1,4000}+)", ("](",)
)
_RUNS = BoundedPattern(
    "link that runs code",
    r"(?i:\]\(\s{0,3}<?(?:javascript|vbscript):|\]\(\s{0,3}<?data:text/html|"
    r"(?:href|src)\s{0,3}=\s{0,3}[\"']?\s{0,3}javascript:)",
    (":",),
)
_LONG_IN_IMAGE = 24
_LONG_IN_LINK = 80
_FEWEST_BITS = 3.5
_PLACEHOLDERS = ("{", "}", "%7b", "%7B", "<", "${", "[")


def find(piece: Piece) -> Iterator[Hit]:
    for match in _IMAGE.matches(piece):
        if _carries_data(match["url"], _LONG_IN_IMAGE):
            # An image is fetched by whoever shows the text, without a click.
            severity = "high" if piece.source is Source.RESULT else "medium"
            yield Hit(*match.span(), "Image whose address carries data", severity)
    for match in _LINK.matches(piece):
        if _carries_data(match["url"], _LONG_IN_LINK):
            yield Hit(*match.span(), "Link whose address carries data", "medium")
    for match in _RUNS.matches(piece):
        yield Hit(*match.span(), "Link that runs code", "medium")


def _carries_data(url: str, length: int) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return True  # no browser's idea of an address either
    values = [value for _, value in parse_qsl(parts.query)]
    values += [part for part in parts.path.split("/") if len(part) > 2 * length]
    if any(mark in parts.query for mark in _PLACEHOLDERS):
        return True
    return any(len(value) >= length and entropy(value) >= _FEWEST_BITS for value in values)


SCANNER = Scanner(name="leaking_links", category="injection", find=find)
