"""Before every call of a key: whether it may use the model, and whether its minute has room."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from services.kit.auth import Principal
from services.llm_gateway.errors import ModelForbidden, RateLimited
from services.llm_gateway.limits.admission.access import Access, KeyTerms
from services.llm_gateway.limits.admission.rate_headers import rate_headers
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.admission.window import Counted, Limits

_BYTES_PER_TOKEN = 4
_TOKENS_PER_PICTURE = 1_000
_USUAL_OUTPUT = 4_096
_OUTPUT_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_UNLIMITED = Limits(None, None)
_NO_HEADERS: Mapping[str, str] = {}


class Admitted(Protocol):
    """A call that may be made; `headers` go with its answer."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    def settle(self, tokens: int) -> None:
        """Say how many tokens the call has used; what was reserved beyond that is free again."""
        ...


class _Unlimited:
    """For callers that no limit is set for."""

    headers = _NO_HEADERS

    def settle(self, tokens: int) -> None:
        del tokens


@dataclass(slots=True)
class _Counted:
    rates: Rates
    window: str
    counted: Counted
    headers: Mapping[str, str]
    settled: bool = False

    def settle(self, tokens: int) -> None:
        if not self.settled:
            self.settled = True
            self.rates.correct(self.window, self.counted, used=tokens)


class Admission:
    """Shared by all routes that call a model."""

    def __init__(self, access: Access, rates: Rates) -> None:
        self._access = access
        self._rates = rates

    async def terms(self, principal: Principal) -> KeyTerms | None:
        return await self._access.of(principal)

    async def admit(self, principal: Principal, target_id: str, tokens: int) -> Admitted:
        """Count one call that may use `tokens`. Raises ModelForbidden, RateLimited.

        What a service does for a key counts among the key's tokens, but is never refused for the
        rate: a task is one request of its key, however many calls it takes. Its budget bounds it.
        """
        terms = await self._access.of(principal)
        if terms is None:
            return _Unlimited()
        if not terms.allows(target_id):
            raise ModelForbidden(f"The key may not use the model {target_id!r}.")
        limits, window = terms.limits, f"rate:{principal.key_id}"
        # One call alone may be estimated at more than a minute has; it must not wait for ever.
        tokens = 0 if limits.tokens is None else min(tokens, limits.tokens)
        if principal.kind == "service":
            if tokens == 0:
                return _Unlimited()
            counted = await self._rates.ask(window, limits=_UNLIMITED, requests=0, tokens=tokens)
            return _Counted(self._rates, window, counted, _NO_HEADERS)
        counted = await self._rates.ask(window, limits=limits, tokens=tokens)
        headers = rate_headers(counted)
        if not counted.admitted:
            raise _limited(counted, headers)
        if limits.tokens is None:
            return _OnlyHeaders(headers)
        return _Counted(self._rates, window, counted, headers)


@dataclass(frozen=True, slots=True)
class _OnlyHeaders:
    headers: Mapping[str, str]

    def settle(self, tokens: int) -> None:
        """Nothing was reserved."""


def _limited(counted: Counted, headers: Mapping[str, str]) -> RateLimited:
    limits = counted.limits
    full = limits.requests is not None and counted.requests >= limits.requests
    what = f"{limits.requests} requests" if full else f"{limits.tokens} tokens"
    seconds = counted.wait_ms / 1000
    return RateLimited(
        f"This key may use {what} per minute. Try again in {seconds:.1f} s.",
        retry_after=seconds,
        headers=headers,
    )


def estimated_tokens(body: Mapping[str, Any], *, size: int, most_output: int | None = None) -> int:
    """What a call may use: a quarter of its `size` in bytes, and the longest answer that it allows.

    Pictures count as a thousand tokens each, whatever their size. An answer without a limit is taken
    for the model's longest (`most_output`), but not for more than is usual.
    """
    pictures, picture_bytes = _pictures(body)
    given = max(0, size - picture_bytes) // _BYTES_PER_TOKEN + pictures * _TOKENS_PER_PICTURE
    return given + (_asked_output(body) or min(most_output or _USUAL_OUTPUT, _USUAL_OUTPUT))


def _asked_output(body: Mapping[str, Any]) -> int:
    asked = [body.get(name) for name in _OUTPUT_LIMITS]
    answers = body.get("n")
    times = answers if isinstance(answers, int) and answers > 0 else 1
    return times * max(
        (value for value in asked if isinstance(value, int) and value > 0), default=0
    )


def _pictures(body: Mapping[str, Any]) -> tuple[int, int]:
    """How many parts are no text, and about how many bytes they have."""
    number = size = 0
    for message in _objects(body.get("messages")) + _objects(body.get("input")):
        for part in _objects(message.get("content")):
            if "text" in part:
                continue
            number += 1
            size += sum(_length(value) for value in part.values())
    return number, size


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_length(inner) for inner in cast("dict[str, Any]", value).values())
    return 0


def _objects(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        return []
    return [
        cast("dict[str, Any]", item) for item in cast("list[Any]", value) if isinstance(item, dict)
    ]
