"""The rate limit headers that OpenAI's clients read."""

from services.llm_gateway.limits.admission.window import Counted

_SECOND, _MINUTE = 1_000, 60_000


def rate_headers(counted: Counted) -> dict[str, str]:
    """x-ratelimit-* for the limits that there are, whether or not the request was admitted."""
    headers: dict[str, str] = {}
    limits = counted.limits
    if limits.requests is not None:
        headers["x-ratelimit-limit-requests"] = str(limits.requests)
        headers["x-ratelimit-remaining-requests"] = str(max(0, limits.requests - counted.requests))
        headers["x-ratelimit-reset-requests"] = duration(counted.requests_reset_ms)
    if limits.tokens is not None:
        headers["x-ratelimit-limit-tokens"] = str(limits.tokens)
        headers["x-ratelimit-remaining-tokens"] = str(max(0, limits.tokens - counted.tokens))
        headers["x-ratelimit-reset-tokens"] = duration(counted.tokens_reset_ms)
    return headers


def duration(milliseconds: int) -> str:
    """As OpenAI writes it: "17ms", "8.64s", "1m0s"."""
    if 0 < milliseconds < _SECOND:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, _MINUTE)
    seconds = f"{rest / _SECOND:.3f}".rstrip("0").rstrip(".") + "s"
    return f"{minutes}m{seconds}" if minutes else seconds
