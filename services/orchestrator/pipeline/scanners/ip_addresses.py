"""Public IP addresses, which may lead to a person's home."""

import ipaddress
from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)

_V4 = BoundedPattern(
    "IPv4 address",
    r"(?<![\w.-])(?<!(?i:version|release|v) )(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w-]|\.\d)",
)
_V6 = BoundedPattern(
    "IPv6 address", r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}:?(?:[0-9A-Fa-f]{1,4}:?){0,6}(?![\w:.])"
)
_WELL_KNOWN = frozenset(
    ("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "2606:4700:4700::1111")
)


def find(piece: Piece) -> Iterator[Hit]:
    for pattern in (_V4, _V6):
        for match in pattern.matches(piece):
            if _leads_somewhere(match[0]):
                yield Hit(*match.span(), "Public IP address", "low", secret=True)


def _leads_somewhere(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast and str(address) not in _WELL_KNOWN


SCANNER = Scanner(name="ip_addresses", category="pii", find=find, sources=OURS)
