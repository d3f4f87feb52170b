"""E-mail addresses of persons, in any script."""

from collections.abc import Iterator

from services.orchestrator.pipeline.scanning.scanner import (
    OURS,
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
)

_ADDRESS = BoundedPattern(
    "e-mail address",
    r"(?<![\w.+%/:@-])(?P<local>[\w.+%-]{1,64}+)@(?P<host>(?:[\w-]{1,63}\.){1,8}[\p{L}\p{M}]{2,24})"
    r"(?![\w@-])",
    ("@",),
)
_NO_PERSON = frozenset(
    {"noreply", "no-reply", "donotreply", "git", "postmaster", "mailer-daemon", "root"}
)
# RFC 2606 and RFC 6761: reserved for documentation and tests.
_RESERVED = ("example.com", "example.org", "example.net")
_RESERVED_ENDINGS = (".example", ".test", ".invalid", ".localhost", ".local")


def find(piece: Piece) -> Iterator[Hit]:
    for match in _ADDRESS.matches(piece):
        local, host = match["local"].lower(), match["host"].lower()
        reserved = host.endswith(_RESERVED_ENDINGS) or any(
            host == name or host.endswith(f".{name}") for name in _RESERVED
        )
        if local not in _NO_PERSON and not reserved:
            yield Hit(*match.span(), "E-mail address", "low", secret=True)


SCANNER = Scanner(name="email_addresses", category="pii", find=find, sources=OURS)
