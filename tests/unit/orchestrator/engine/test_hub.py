"""What a reader takes from live events: never past a gap, never one twice, whatever the order."""

import asyncio
import random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.engine.stream.numbering import Event, Numbering
from services.orchestrator.engine.stream.subscription import Subscription

TASK = UUID(int=1)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """A stream as a holder makes it: some events void after a rewind."""
    block = Numbering(next_id=1, end=10_000, last_id=0)
    events: list[Event] = []
    valid = [0]
    for voids in draw(st.lists(st.integers(0, 3), min_size=1, max_size=40)):
        valid = valid[: max(1, len(valid) - voids)]
        block.void_after(valid[-1])
        events.append(block.take(TASK, "{}"))
        valid.append(events[-1].id)
    return events


def take_all(subscription: Subscription, cursor: int) -> list[Event]:
    taken: list[Event] = []
    while (event := subscription.take_next(cursor)) is not None:
        taken.append(event)
        cursor = event.id
    return taken


class TestTakeNext:
    @given(events=streams(), source=st.randoms(use_true_random=False))
    def test_in_any_order_and_doubled_each_comes_once_and_in_order(
        self, events: list[Event], source: random.Random
    ) -> None:
        offered = [*events, *source.sample(events, len(events) // 2)]
        source.shuffle(offered)
        subscription = Subscription([])
        for event in offered:
            subscription.offer(event, b"1-0")
        taken = take_all(subscription, 0)
        assert [event.id for event in taken] == [event.id for event in events]
        assert not subscription.has_hole

    @given(events=streams(), source=st.randoms(use_true_random=False))
    def test_taken_between_offers_with_losses_it_stops_before_what_is_missing(
        self, events: list[Event], source: random.Random
    ) -> None:
        lost = set(source.sample(events, source.randint(0, len(events))))
        subscription = Subscription([])
        cursor = 0
        given_ids: list[int] = []
        arriving = [event for event in events if event not in lost]
        source.shuffle(arriving)
        for event in arriving:
            subscription.offer(event, b"1-0")
            for taken in take_all(subscription, cursor):
                # Whoever has `previous_id` has missed nothing that is valid in between.
                assert taken.previous_id <= cursor < taken.id
                cursor = taken.id
                given_ids.append(cursor)
        assert given_ids == sorted(set(given_ids))
        assert not lost & {event for event in events if event.id in given_ids}

    @given(events=streams(), cursor=st.integers(0, 45))
    def test_what_the_reader_has_already_is_passed_over(
        self, events: list[Event], cursor: int
    ) -> None:
        subscription = Subscription(events)
        taken = take_all(subscription, cursor)
        assert all(event.id > cursor for event in taken)

    def test_a_reader_that_lags_far_behind_is_sent_to_the_database(self) -> None:
        block = Numbering(next_id=1, end=20_000, last_id=0)
        subscription = Subscription([])
        block.take(TASK, "{}")
        for _ in range(6_000):
            subscription.offer(block.take(TASK, "{}"), b"1-0")
        assert subscription.take_next(0) is None
        assert subscription.has_hole


class TestCatchUp:
    """A reader is crowded when more than half of what may wait for it does."""

    def crowded(self) -> Subscription:
        block = Numbering(next_id=1, end=10_000, last_id=0)
        subscription = Subscription([])
        for _ in range(4_000):
            subscription.offer(block.take(TASK, "{}"), b"1-0")
        assert subscription.is_crowded
        return subscription

    async def test_one_that_reads_is_waited_for(self) -> None:
        subscription = self.crowded()
        waiting = asyncio.create_task(subscription.catch_up())
        await asyncio.sleep(0)
        assert len(take_all(subscription, 0)) == 4_000
        await waiting
        assert not subscription.is_crowded

    async def test_one_that_does_not_is_waited_for_once_until_it_has_read(self) -> None:
        subscription = self.crowded()
        await subscription.catch_up()
        assert not subscription.is_crowded
        take_all(subscription, 0)
        block = Numbering(next_id=4_001, end=10_000, last_id=4_000)
        for _ in range(4_000):
            subscription.offer(block.take(TASK, "{}"), b"1-0")
        assert subscription.is_crowded
