"""Row ids: UUID version 7 (RFC 9562, section 5.7), so that they sort by the time they were made."""

import os
import time
from uuid import UUID, SafeUUID


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    made = object.__new__(UUID)
    # UUID's own constructor takes four times as long, and each model call needs two.
    object.__setattr__(made, "int", _new_number())
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def new_text_id() -> str:
    """The same as text."""
    digits = f"{_new_number():032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class _Randomness:
    """The system's random numbers, fetched many at once: a fetch lets other threads take the
    interpreter away, which costs more than the id.
    """

    def __init__(self) -> None:
        self._ready: list[int] = []
        os.register_at_fork(after_in_child=self._ready.clear)

    def bits_80(self) -> int:
        try:
            return self._ready.pop()  # atomic: no two threads get the same
        except IndexError:
            data = os.urandom(_BYTES * _AT_ONCE)
            made = [
                int.from_bytes(data[place : place + _BYTES])
                for place in range(_BYTES, len(data), _BYTES)
            ]
            self._ready.extend(made)
            return int.from_bytes(data[:_BYTES])


_BYTES = 10
_AT_ONCE = 64
_RANDOMNESS = _Randomness()


def _new_number() -> int:
    milliseconds = time.time_ns() // 1_000_000
    random = _RANDOMNESS.bits_80()
    return (
        (milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (random >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | (random & 0x3FFF_FFFF_FFFF_FFFF)
    )
