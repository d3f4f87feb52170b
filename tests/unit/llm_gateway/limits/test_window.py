"""The sliding window: never more than the limit in any stretch of a window's length."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from services.llm_gateway.limits.admission.window import Limits, Window

WINDOW_MS = 1_000
SLOT_MS = 50

PAUSES = st.one_of(st.integers(0, 30), st.integers(0, 1_200), st.sampled_from([0, 1, 50, 1_000]))


@dataclass(frozen=True)
class Taken:
    at: float
    requests: int
    tokens: int


def most_in_a_window(taken: list[Taken]) -> tuple[int, int]:
    """The most requests and tokens in any half-open stretch as long as the window."""
    stretches = [
        [other for other in taken if start.at <= other.at < start.at + WINDOW_MS] for start in taken
    ]
    return (
        max((sum(item.requests for item in stretch) for stretch in stretches), default=0),
        max((sum(item.tokens for item in stretch) for stretch in stretches), default=0),
    )


def new_window() -> Window:
    return Window(window_ms=WINDOW_MS, slot_ms=SLOT_MS)


class TestAsk:
    @given(
        limits=st.builds(Limits, st.integers(0, 5), st.one_of(st.none(), st.integers(0, 40))),
        asked=st.lists(st.tuples(PAUSES, st.integers(0, 15)), max_size=60),
        start=st.floats(0, 10_000),
    )
    def test_never_more_than_the_limit_in_any_window(
        self, limits: Limits, asked: list[tuple[int, int]], start: float
    ) -> None:
        window, now, taken = new_window(), start, list[Taken]()
        for pause, tokens in asked:
            now += pause
            if window.ask(now, requests=1, tokens=tokens, limits=limits).admitted:
                taken.append(Taken(now, 1, tokens))
        requests, tokens = most_in_a_window(taken)
        assert requests <= (limits.requests or 0)
        assert limits.tokens is None or tokens <= limits.tokens

    @given(
        limit=st.integers(1, 5),
        pauses=st.lists(PAUSES, max_size=40),
    )
    def test_the_wait_that_is_told_is_enough_and_not_much_too_long(
        self, limit: int, pauses: list[int]
    ) -> None:
        window, now, taken = new_window(), 0.0, list[float]()
        limits = Limits(limit, None)
        for pause in pauses:
            now += pause
            counted = window.ask(now, requests=1, tokens=0, limits=limits)
            if not counted.admitted:
                assert counted.wait_ms > 0
                # An exact log would admit it once the oldest of the last `limit` is a window old.
                exact = taken[-limit] + WINDOW_MS - now
                assert counted.wait_ms <= exact + SLOT_MS
                now += counted.wait_ms
                counted = window.ask(now, requests=1, tokens=0, limits=limits)
            assert counted.admitted
            taken.append(now)

    def test_what_is_rejected_takes_nothing(self) -> None:
        window = new_window()
        limits = Limits(10, 100)
        window.ask(0, requests=1, tokens=60, limits=limits)
        refused = window.ask(0, requests=1, tokens=41, limits=limits)
        assert (refused.admitted, refused.requests, refused.tokens) == (False, 1, 60)
        taken = window.ask(0, requests=1, tokens=40, limits=limits)
        assert (taken.admitted, taken.requests, taken.tokens) == (True, 2, 100)

    def test_a_full_request_window_takes_no_tokens(self) -> None:
        window = new_window()
        window.ask(0, requests=1, tokens=1, limits=Limits(1, 100))
        assert window.ask(1, requests=1, tokens=1, limits=Limits(1, 100)).tokens == 1

    def test_it_is_free_again_when_the_reset_says_so(self) -> None:
        window = new_window()
        window.ask(0, requests=1, tokens=7, limits=Limits(3, 9))
        counted = window.ask(420, requests=1, tokens=0, limits=Limits(3, 9))
        assert (counted.requests_reset_ms, counted.tokens_reset_ms) == (1_030, 630)
        assert not window.is_empty(420 + 1_029)
        assert window.is_empty(420 + 1_030)

    def test_without_limits_everything_is_counted_and_admitted(self) -> None:
        window = new_window()
        for number in range(1, 50):
            counted = window.ask(0, requests=1, tokens=5, limits=Limits(None, None))
            assert (counted.admitted, counted.requests, counted.tokens) == (
                True,
                number,
                5 * number,
            )

    def test_a_clock_that_is_set_back_gives_nothing_away(self) -> None:
        window = new_window()
        window.ask(5_000, requests=1, tokens=0, limits=Limits(1, None))
        assert not window.ask(4_000, requests=1, tokens=0, limits=Limits(1, None)).admitted


class TestGiveBack:
    @given(
        limit=st.integers(1, 60),
        asked=st.lists(st.tuples(PAUSES, st.integers(1, 20), st.integers(0, 20)), max_size=40),
        knows_slot=st.booleans(),
    )
    def test_tokens_in_use_never_pass_the_limit(
        self, limit: int, asked: list[tuple[int, int, int]], *, knows_slot: bool
    ) -> None:
        """Each call gives back what it did not use when the next one comes."""
        window, now, taken = new_window(), 0.0, list[Taken]()
        limits = Limits(None, limit)
        for pause, reserved, used in asked:
            now += pause
            counted = window.ask(now, requests=0, tokens=reserved, limits=limits)
            if counted.admitted:
                used = min(used, reserved)  # noqa: PLW2901 - a call can't use more here
                slot = counted.slot if knows_slot else None
                window.give_back(now + pause, tokens=reserved - used, slot=slot)
                taken.append(Taken(now, 0, used))
                now += pause
        assert most_in_a_window(taken)[1] <= limit

    def test_what_is_given_back_can_be_taken_again(self) -> None:
        window = new_window()
        counted = window.ask(0, requests=1, tokens=100, limits=Limits(None, 100))
        window.give_back(10, tokens=70, slot=counted.slot)
        assert not window.ask(10, requests=1, tokens=71, limits=Limits(None, 100)).admitted
        assert window.ask(10, requests=1, tokens=70, limits=Limits(None, 100)).admitted

    def test_what_has_passed_is_not_given_back(self) -> None:
        window = new_window()
        old = window.ask(0, requests=0, tokens=50, limits=Limits(None, 100))
        window.ask(1_500, requests=0, tokens=60, limits=Limits(None, 100))
        window.give_back(1_500, tokens=50, slot=old.slot)
        assert window.ask(1_500, requests=0, tokens=0, limits=Limits(None, 100)).tokens == 60
