"""The clock that every deadline of a tool is given in."""

import time

# Counts on while the machine sleeps, unlike CLOCK_MONOTONIC: a lease does too.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Seconds; the same for all processes of a host."""
    return time.clock_gettime(_CLOCK)
