"""How a delivery proves where it comes from: HMAC-SHA256 with the webhook's secret.

Scheme `nova` signs "<t>.<body>" and sends `X-Nova-Signature: t=<unix seconds>,v1=<hex>`, which is
good for five minutes. Scheme `github` signs the body and sends `X-Hub-Signature-256: sha256=<hex>`.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.kit.errors import Unauthenticated

NOVA_HEADER = "X-Nova-Signature"
GITHUB_HEADER = "X-Hub-Signature-256"
TOLERANCE_SECONDS = 300

_LONGEST_HEADER = 1000
_LONGEST_NUMBER = 12
_GITHUB_PREFIX = "sha256="

Scheme = Literal["nova", "github"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a delivery shows: how it is signed, and the hexadecimal signatures it offers."""

    scheme: Scheme
    timestamp: str
    signatures: list[str]


def read_claim(headers: Mapping[str, str], *, now: float) -> Claim:
    """Read the headers. Raises Unauthenticated for a time too far from `now` (Unix seconds).

    This looks at no webhook, so that the answer tells nothing about which there are.
    """
    header = headers.get(NOVA_HEADER)
    if header is None:
        given = headers.get(GITHUB_HEADER, "")[:_LONGEST_HEADER]
        return Claim("github", "", [given.removeprefix(_GITHUB_PREFIX)])
    pairs = [part.strip().partition("=") for part in header[:_LONGEST_HEADER].split(",")]
    timestamp = next((value for name, _, value in pairs if name == "t"), "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_NUMBER):
        timestamp = "0"
    if abs(int(timestamp) - now) > TOLERANCE_SECONDS:
        raise Unauthenticated(
            f"The time in {NOVA_HEADER} is missing or more than {TOLERANCE_SECONDS} seconds off.",
            code="signature_too_old",
        )
    return Claim("nova", timestamp, [value for name, _, value in pairs if name == "v1"])


def verify(secret: str, body: bytes, *, claim: Claim) -> bytes | None:
    """The signature if one of those offered is right, else None; takes as long either way."""
    content = body if claim.scheme == "github" else claim.timestamp.encode() + b"." + body
    expected = hmac.new(secret.encode(), content, hashlib.sha256)
    right = False
    for given in claim.signatures:
        offered = given.lower().encode(errors="replace")
        right |= hmac.compare_digest(offered, expected.hexdigest().encode())
    return expected.digest() if right else None


def sign(secret: str, body: bytes, *, timestamp: int) -> str:
    """The X-Nova-Signature of a body."""
    content = f"{timestamp}.".encode() + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"
