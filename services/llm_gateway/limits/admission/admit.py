"""Before every call of a key: whether it may use the model, and whether its minute has room."""

from collections.abc import Callable, Sequence

from services.kit.auth import Principal
from services.llm_gateway.errors import ModelForbidden, RateLimited
from services.llm_gateway.limits.admission.access import Access, KeyTerms
from services.llm_gateway.limits.admission.rate_headers import rate_headers
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.admission.window import Counted, Limits

_UNLIMITED = Limits(None, None)
Headers = Sequence[tuple[str, str]]
_NO_HEADERS: Headers = ()


class Admitted:
    """A call that may be made, for a caller that has no limits; `headers` go with its answer."""

    __slots__ = ("headers",)

    def __init__(self, headers: Headers = _NO_HEADERS) -> None:
        self.headers = headers

    def used(self, tokens: int) -> None:
        """The call has ended, and took so many tokens: what was reserved beyond that is free."""


class _Reserved(Admitted):
    """A call that tokens are reserved for."""

    __slots__ = ("_counted", "_rates", "_window")

    def __init__(self, rates: Rates, window: str, counted: Counted, headers: Headers) -> None:
        super().__init__(headers)
        self._rates = rates
        self._window = window
        self._counted: Counted | None = counted

    def used(self, tokens: int) -> None:
        counted, self._counted = self._counted, None
        if counted is not None:
            self._rates.correct(self._window, counted, used=tokens)


ADMITTED = Admitted()


class Admission:
    """Shared by all routes that call a model."""

    def __init__(self, access: Access, rates: Rates) -> None:
        self._access = access
        self._rates = rates

    async def terms(self, principal: Principal) -> KeyTerms | None:
        return await self._access.of(principal)

    async def admit(
        self, principal: Principal, target_id: str, tokens: int | Callable[[], int]
    ) -> Admitted:
        """Count one call that may use `tokens`, which are only asked for where they are limited.

        Raises ModelForbidden, RateLimited.

        What a service does for a key counts among the key's tokens, but is never refused for the
        rate: a task is one request of its key, however many calls it takes. Its budget bounds it.
        """
        terms = await self._access.of(principal)
        if terms is None:
            return ADMITTED
        if not terms.allows(target_id):
            raise ModelForbidden(f"The key may not use the model {target_id!r}.")
        limits, window = terms.limits, f"rate:{principal.key_id}"
        reserved = 0
        if limits.tokens is not None:
            estimate = tokens if isinstance(tokens, int) else tokens()
            # One call alone may be taken for more than a minute has; it must not wait for ever.
            reserved = min(estimate, limits.tokens)
        if principal.kind == "service":
            if limits.tokens is None:
                return ADMITTED
            counted = await self._rates.ask(window, limits=_UNLIMITED, requests=0, tokens=reserved)
            return _Reserved(self._rates, window, counted, _NO_HEADERS)
        counted = await self._rates.ask(window, limits=limits, tokens=reserved)
        headers = tuple(rate_headers(counted).items())
        if not counted.admitted:
            raise _limited(counted, headers)
        if limits.tokens is None:
            return Admitted(headers)
        return _Reserved(self._rates, window, counted, headers)


def _limited(counted: Counted, headers: Headers) -> RateLimited:
    limits = counted.limits
    full = limits.requests is not None and counted.requests >= limits.requests
    what = f"{limits.requests} requests" if full else f"{limits.tokens} tokens"
    seconds = counted.wait_ms / 1000
    return RateLimited(
        f"This key may use {what} per minute. Try again in {seconds:.1f} s.",
        retry_after=seconds,
        headers=dict(headers),
    )
