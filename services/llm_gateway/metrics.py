"""Prometheus metrics of model calls; no client can make series by inventing names of models."""

from decimal import Decimal

from prometheus_client import Counter, Gauge, Histogram

_REQUESTS = Counter(
    "nova_llm_requests_total", "Model calls that have ended", ["provider", "model", "status"]
)
_TOKENS = Counter("nova_llm_tokens_total", "Tokens by model calls", ["provider", "model", "kind"])
_COST = Counter(
    "nova_llm_cost_usd_total", "US dollars, where prices are known", ["provider", "model"]
)
_UNPRICED = Counter(
    "nova_llm_unpriced_calls_total", "Calls whose price is not known", ["provider", "model"]
)
_FIRST = Histogram(
    "nova_llm_time_to_first_token_seconds",
    "From a streamed call's beginning to its first piece",
    ["provider"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
_DURATION = Histogram(
    "nova_llm_duration_seconds",
    "From a call's beginning to its end",
    ["provider", "kind"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
)
_IN_FLIGHT = Gauge("nova_llm_in_flight", "Model calls that run now", ["provider"])
_CACHE = Counter(
    "nova_llm_cache_total", "Cacheable calls: kept answers, shared ones, misses", ["outcome"]
)

OTHER = "other"
_MOST_MODELS = 500
_LONGEST_NAME = 200
_STATUSES = ("ok", "error", "cancelled")


class _Series:
    """The series of one model, looked up once."""

    def __init__(self, provider: str, model: str) -> None:
        self.requests = {status: _REQUESTS.labels(provider, model, status) for status in _STATUSES}
        self.tokens = [
            _TOKENS.labels(provider, model, kind)
            for kind in ("input", "output", "cached", "cache_write")
        ]
        self.cost = _COST.labels(provider, model)
        self.unpriced = _UNPRICED.labels(provider, model)
        self.in_flight = _IN_FLIGHT.labels(provider)
        self.first = _FIRST.labels(provider)


class CallMetrics:
    """A model gets series of its own once a call of it went well, up to 500; the rest are "other"."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], _Series] = {}
        self._durations: dict[tuple[str, str], Histogram] = {}

    def began(self, provider: str) -> None:
        self._of(provider, OTHER).in_flight.inc()

    def ended(
        self,
        provider: str,
        model: str,
        *,
        asked: str,
        kind: str,
        status: str,
        tokens: tuple[int, int, int, int],
        cost: Decimal | None,
        seconds: float,
        first_seconds: float | None,
    ) -> None:
        """`tokens` are input, output, cached and written to the provider's cache; `asked` is the provider
        that the call has begun with.
        """
        series = self._known(provider, model, status)
        self._of(asked, OTHER).in_flight.dec()
        series.requests[status if status in _STATUSES else "error"].inc()
        for counter, number in zip(series.tokens, tokens, strict=True):
            if number:
                counter.inc(number)
        if cost is None:
            series.unpriced.inc()
        elif cost:
            series.cost.inc(float(cost))
        if first_seconds is not None:
            series.first.observe(first_seconds)
        durations = self._durations.get((provider, kind))
        if durations is None:
            durations = self._durations[provider, kind] = _DURATION.labels(provider, kind)
        durations.observe(seconds)

    def cached(self, outcome: str) -> None:
        _CACHE.labels(outcome).inc()

    def _known(self, provider: str, model: str, status: str) -> _Series:
        series = self._series.get((provider, model))
        if series is not None:
            return series
        named = status == "ok" and len(model) <= _LONGEST_NAME and len(self._series) < _MOST_MODELS
        return self._of(provider, model if named else OTHER)

    def _of(self, provider: str, model: str) -> _Series:
        series = self._series.get((provider, model))
        if series is None:
            series = self._series[provider, model] = _Series(provider, model)
        return series
