"""Slows guessing down: after too many different wrong credentials an address is told to wait.

Only wrong ones are answered so. A right credential always passes, so that nobody can lock out a
person who shares an address with a guesser (behind the dashboard's proxy all share one).
"""

import hashlib
import time

from services.kit.errors import LimitExceeded

_MOST_WRONG = 20
_WINDOW_SECONDS = 60.0
_MOST_ADDRESSES = 10_000


class WrongCredentials:
    """Remembers, for a minute, how many different wrong credentials each address sent."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, set[bytes]]] = {}

    def count(self, address: str, credential: str) -> None:
        """Note a wrong credential. Raises LimitExceeded when it is one too many.

        The same one again is no guess: a client with a revoked key goes on being told so.
        """
        now = time.monotonic()
        start, wrong = self._seen.get(address, (now, set[bytes]()))
        if now - start >= _WINDOW_SECONDS:
            start, wrong = now, set[bytes]()
        digest = hashlib.sha256(credential.encode(errors="replace")).digest()
        if digest in wrong:
            return
        if len(wrong) >= _MOST_WRONG:
            raise LimitExceeded(
                "Too many wrong credentials came from this address; wait a minute.",
                code="too_many_wrong_credentials",
                retry_after=start + _WINDOW_SECONDS - now,
            )
        wrong.add(digest)
        if address not in self._seen and len(self._seen) >= _MOST_ADDRESSES:
            self._seen.clear()
        self._seen[address] = (start, wrong)
