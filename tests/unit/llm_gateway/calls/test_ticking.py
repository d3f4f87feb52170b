"""Deadlines of many calls by one timer."""

import asyncio
import time

import pytest

from services.llm_gateway.calls.ticking import Deadline, Ticker

SOON = 0.05


class TestDeadline:
    async def test_what_takes_too_long_ends(self) -> None:
        ticker = Ticker(0.01)
        begun = time.monotonic()
        with pytest.raises(TimeoutError), Deadline(ticker, begun + SOON):
            await asyncio.Event().wait()
        assert SOON <= time.monotonic() - begun < 5
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    async def test_what_ends_in_time_is_left_alone(self) -> None:
        ticker = Ticker(0.01)
        with Deadline(ticker, time.monotonic() + 60):
            await asyncio.sleep(SOON)
        with pytest.raises(ValueError, match="its own"), Deadline(ticker, time.monotonic() + 60):
            raise ValueError("its own")

    async def test_a_cancellation_by_somebody_else_stays_one(self) -> None:
        ticker = Ticker(0.01)

        async def work() -> None:
            with Deadline(ticker, time.monotonic() + 60):
                await asyncio.Event().wait()

        working = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    async def test_a_cancellation_at_the_same_time_is_heard(self) -> None:
        """As with asyncio.timeout: of both, who cancelled from outside counts."""
        ticker, deadlines = Ticker(0.01), list[Deadline]()

        async def work() -> None:
            with Deadline(ticker, 0.0) as deadline:
                deadlines.append(deadline)
                await asyncio.Event().wait()

        working = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        deadlines[0].look(1.0)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working

    async def test_the_timer_stands_still_without_calls(self) -> None:
        ticker = Ticker(0.01)
        assert ticker.is_still
        with Deadline(ticker, time.monotonic() + 60):
            assert not ticker.is_still
        deadline = time.monotonic() + 5
        while not ticker.is_still:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)

    async def test_a_thousand_calls_end_each_at_its_own_time(self) -> None:
        ticker = Ticker(0.01)

        async def work(number: int) -> bool:
            try:
                with Deadline(ticker, time.monotonic() + (0.02 if number % 2 else 60)):
                    await asyncio.sleep(0.2)
            except TimeoutError:
                return False
            return True

        found = await asyncio.gather(*(work(number) for number in range(1000)))
        assert found == [number % 2 == 0 for number in range(1000)]
