"""Names of tools as a chat completion takes them: of 64 characters at most."""

import hashlib

_LONGEST = 64
_CHECKSUM = 8


def short_name(name: str) -> str:
    """The name; of a longer one its beginning and a checksum, so that two stay different."""
    if len(name) <= _LONGEST:
        return name
    checksum = hashlib.sha256(name.encode()).hexdigest()[:_CHECKSUM]
    return f"{name[: _LONGEST - _CHECKSUM - 1]}_{checksum}"
