"""When a task whose run failed is tried again."""

import random

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0


def retry_wait(retries: int) -> float:
    """Seconds to wait after `retries` earlier ones: exponential with equal jitter (M. Brooker,
    "Exponential Backoff And Jitter", 2015), so that tasks that failed together come back apart.
    """
    longest = min(_FIRST_SECONDS * 2**retries, _LONGEST_SECONDS)
    return longest / 2 + random.uniform(0, longest / 2)  # noqa: S311 - spreads load, hides nothing
