"""Keys and tokens in the shapes that their issuers give them, private keys, and signed tokens."""

from collections.abc import Iterator

from services.kit.credential_shapes import (
    ISSUED_KEYS,
    PRIVATE_KEY,
    SIGNED_TOKEN,
    CredentialShape,
)
from services.orchestrator.pipeline.scanning.likeness import is_placeholder
from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)


def _bounded(shape: CredentialShape) -> BoundedPattern:
    return BoundedPattern(shape.title, shape.expression, shape.hints)


_KEYS = tuple(_bounded(shape) for shape in ISSUED_KEYS)
_PRIVATE_KEY = _bounded(PRIVATE_KEY)
_SIGNED_TOKEN = _bounded(SIGNED_TOKEN)


def find(piece: Piece) -> Iterator[Hit]:
    for pattern in _KEYS:
        for match in pattern.matches(piece):
            secret = "secret" if "secret" in match.groupdict() else 0
            if not is_placeholder(match[secret]):
                start, end = match.span(secret)
                yield Hit(start, end, pattern.title, "critical", blocks=True, secret=True)
    for match in _PRIVATE_KEY.matches(piece):
        yield Hit(*match.span(), _PRIVATE_KEY.title, "critical", blocks=True, secret=True)
    for match in _SIGNED_TOKEN.matches(piece):
        # What one is good for, and for how long, can't be seen from outside.
        yield Hit(*match.span(), _SIGNED_TOKEN.title, "high", secret=True)


SCANNER = Scanner(name="provider_keys", category="credential", find=find, sources=OURS)
