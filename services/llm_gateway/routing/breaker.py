"""A circuit breaker for each provider: who fails again and again is not asked for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from prometheus_client import Gauge

from services.kit.errors import NovaError
from services.kit.log import get_logger
from services.llm_gateway.errors import ProviderDown, UpstreamError

_log = get_logger(__name__)
_STATE = Gauge(
    "nova_provider_breaker",
    "0 closed, 1 half open, 2 open: the provider is not asked",
    ["provider"],
)
_LEVELS = {"closed": 0, "half_open": 1, "open": 2}

_FAILURES = 5
_WINDOW_SECONDS = 30.0
_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 60.0
_LONGEST_ASKED_PAUSE_SECONDS = 600.0
_PROBE_SECONDS = 30.0
# 0: the answer broke off or was none. The others are the request's or one key's fault; 429 is too,
# as there may be more keys than that one.
_PROVIDERS_FAULT = frozenset({0, 408, 500, 502, 503, 504, 529})
_OVERLOADED = frozenset({503, 529})
_STARTING = "translation_starting"

Status = Literal["closed", "half_open", "open"]


@dataclass(frozen=True, slots=True)
class BreakerState:
    """`seconds` until the provider may be asked again, while it is open."""

    status: Status
    seconds: float = 0.0
    reason: str = ""


@dataclass(slots=True)
class _Circuit:
    since: float
    failures: int = 0
    successes: int = 0
    open_until: float | None = None
    pause: float = 0.0
    probe_until: float = 0.0
    reason: str = ""


class CircuitBreaker:
    """Opens after some failures in a window that are at least half of its calls.

    When the pause is over one call is let through: it closes the circuit, or doubles the pause.
    A provider that says how long to wait (Retry-After with 503 or 529) is taken at its word.
    """

    def __init__(
        self,
        *,
        failures: int = _FAILURES,
        window_seconds: float = _WINDOW_SECONDS,
        pause_seconds: float = _PAUSE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._window = window_seconds
        self._pause = pause_seconds
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}
        self.changes = 0

    def allows(self, slug: str) -> bool:
        """Whether the provider may be asked now; of a half open one, by one call at a time."""
        circuit = self._circuits.get(slug)
        if circuit is None or circuit.open_until is None:
            return True
        now = self._clock()
        if now < circuit.open_until or now < circuit.probe_until:
            return False
        # Whoever was let through and never said how it went must not keep it half open for ever.
        circuit.probe_until = now + _PROBE_SECONDS
        _STATE.labels(slug).set(_LEVELS["half_open"])
        return True

    def state(self, slug: str) -> BreakerState:
        """How it stands, without asking for a turn."""
        circuit = self._circuits.get(slug)
        if circuit is None or circuit.open_until is None:
            return BreakerState("closed")
        now = self._clock()
        if now < circuit.open_until:
            return BreakerState("open", circuit.open_until - now, circuit.reason)
        return BreakerState("half_open", 0.0, circuit.reason)

    def succeeded(self, slug: str) -> None:
        circuit = self._circuits.get(slug)
        if circuit is None:
            return
        if circuit.open_until is None:
            circuit.successes += 1
        elif self._clock() >= circuit.open_until:
            del self._circuits[slug]
            self.changes += 1
            _STATE.labels(slug).set(_LEVELS["closed"])
            _log.info("the provider is asked again", provider=slug)

    def failed(self, slug: str, error: NovaError) -> None:
        """Count the failure if it is the provider's; any other answer shows that it is well."""
        if error.code == _STARTING:
            return
        if not _is_providers_fault(error):
            self.succeeded(slug)
            return
        now = self._clock()
        circuit = self._circuits.setdefault(slug, _Circuit(now))
        if circuit.open_until is not None:
            # Calls that were under way when it opened say nothing new.
            if now >= circuit.open_until:
                self._open(slug, circuit, error, pause=circuit.pause * 2)
            return
        if now - circuit.since > self._window:
            circuit.since, circuit.failures, circuit.successes = now, 0, 0
        circuit.failures += 1
        is_many = circuit.failures >= self._failures and circuit.failures >= circuit.successes
        if is_many or _asked_pause(error) > 0:
            self._open(slug, circuit, error, pause=self._pause)

    def _open(self, slug: str, circuit: _Circuit, error: NovaError, *, pause: float) -> None:
        self.changes += 1
        circuit.pause = min(pause, _LONGEST_PAUSE_SECONDS)
        seconds = max(circuit.pause, min(_asked_pause(error), _LONGEST_ASKED_PAUSE_SECONDS))
        circuit.open_until = self._clock() + seconds
        circuit.probe_until = 0.0
        circuit.reason = error.detail
        _STATE.labels(slug).set(_LEVELS["open"])
        _log.warning(
            "the provider is not asked", provider=slug, seconds=seconds, reason=error.detail
        )


def _is_providers_fault(error: NovaError) -> bool:
    if isinstance(error, UpstreamError):
        return error.provider_status in _PROVIDERS_FAULT
    return isinstance(error, ProviderDown)


def _asked_pause(error: NovaError) -> float:
    """How long the provider itself has asked to be left alone, in seconds."""
    if isinstance(error, UpstreamError) and error.provider_status in _OVERLOADED:
        return error.retry_after or 0.0
    return 0.0
