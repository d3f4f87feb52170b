"""The circuit breaker by a clock of the test's own."""

import pytest
from prometheus_client import REGISTRY

from services.kit.errors import NovaError
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.routing.breaker import CircuitBreaker

SLUG = "openai"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, window_seconds=30, pause_seconds=5, clock=clock)


def broken(status: int = 500, retry_after: float | None = None) -> UpstreamError:
    return UpstreamError(SLUG, status, "no", retry_after=retry_after)


def opened(breaker: CircuitBreaker) -> None:
    for _ in range(3):
        assert breaker.allows(SLUG)
        breaker.failed(SLUG, broken())
    assert not breaker.allows(SLUG)


def metric() -> float | None:
    return REGISTRY.get_sample_value("nova_provider_breaker", {"provider": SLUG})


class TestOpening:
    def test_after_so_many_failures(self, breaker: CircuitBreaker) -> None:
        opened(breaker)
        state = breaker.state(SLUG)
        assert (state.status, state.seconds) == ("open", 5)
        assert "500" in state.reason
        assert metric() == 2
        assert breaker.allows("anthropic")

    def test_not_if_most_calls_are_well(self, breaker: CircuitBreaker) -> None:
        for _ in range(50):
            breaker.failed(SLUG, broken())
            for _ in range(9):
                breaker.succeeded(SLUG)
        assert breaker.state(SLUG).status == "closed"

    def test_not_if_the_failures_are_far_apart(self, breaker: CircuitBreaker, clock: Clock) -> None:
        for _ in range(10):
            breaker.failed(SLUG, broken())
            clock.now += 31
        assert breaker.allows(SLUG)

    @pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422, 429])
    def test_not_for_what_a_request_or_a_key_is_at_fault_for(
        self, breaker: CircuitBreaker, status: int
    ) -> None:
        for _ in range(20):
            breaker.failed(SLUG, broken(status, retry_after=30))
        assert breaker.allows(SLUG)

    @pytest.mark.parametrize(
        "error",
        [
            *(broken(status) for status in (0, 408, 500, 502, 503, 504, 529)),
            UpstreamError(SLUG, 0, "broke off", reply_lost=True),
            ProviderDown("It can't be reached."),
        ],
    )
    def test_for_what_the_provider_is_at_fault_for(
        self, breaker: CircuitBreaker, error: NovaError
    ) -> None:
        for _ in range(3):
            breaker.failed(SLUG, error)
        assert not breaker.allows(SLUG)

    def test_not_while_the_translation_starts(self, breaker: CircuitBreaker) -> None:
        for _ in range(20):
            breaker.failed(SLUG, ProviderDown("Starting.", code="translation_starting"))
        assert breaker.allows(SLUG)

    @pytest.mark.parametrize("status", [503, 529])
    def test_at_once_if_the_provider_says_how_long(
        self, breaker: CircuitBreaker, clock: Clock, status: int
    ) -> None:
        breaker.failed(SLUG, broken(status, retry_after=40))
        clock.now += 39.9
        assert not breaker.allows(SLUG)
        clock.now += 0.2
        assert breaker.allows(SLUG)

    def test_never_for_hours(self, breaker: CircuitBreaker, clock: Clock) -> None:
        breaker.failed(SLUG, broken(503, retry_after=1e9))
        clock.now += 601
        assert breaker.allows(SLUG)


class TestHalfOpen:
    def test_one_call_is_let_through(self, breaker: CircuitBreaker, clock: Clock) -> None:
        opened(breaker)
        clock.now += 5
        assert breaker.state(SLUG).status == "half_open"
        assert [breaker.allows(SLUG) for _ in range(3)] == [True, False, False]
        assert metric() == 1

    def test_its_success_closes(self, breaker: CircuitBreaker, clock: Clock) -> None:
        opened(breaker)
        clock.now += 5
        assert breaker.allows(SLUG)
        breaker.succeeded(SLUG)
        assert breaker.state(SLUG).status == "closed"
        assert all(breaker.allows(SLUG) for _ in range(3))
        assert metric() == 0
        opened(breaker)
        assert breaker.state(SLUG).seconds == 5

    def test_an_answer_that_blames_the_request_closes_too(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        opened(breaker)
        clock.now += 5
        assert breaker.allows(SLUG)
        breaker.failed(SLUG, broken(400))
        assert breaker.state(SLUG).status == "closed"

    def test_its_failure_doubles_the_pause_up_to_a_minute(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        opened(breaker)
        pauses: list[float] = []
        for _ in range(6):
            clock.now += breaker.state(SLUG).seconds
            assert breaker.allows(SLUG)
            breaker.failed(SLUG, broken())
            pauses.append(breaker.state(SLUG).seconds)
        assert pauses == [10, 20, 40, 60, 60, 60]

    def test_late_news_of_earlier_calls_changes_nothing(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        opened(breaker)
        clock.now += 1
        breaker.failed(SLUG, broken())
        breaker.succeeded(SLUG)
        assert breaker.state(SLUG).seconds == 4

    def test_a_probe_that_was_never_heard_of_again(
        self, breaker: CircuitBreaker, clock: Clock
    ) -> None:
        opened(breaker)
        clock.now += 5
        assert breaker.allows(SLUG)
        clock.now += 29
        assert not breaker.allows(SLUG)
        clock.now += 2
        assert breaker.allows(SLUG)
