"""Background work: it goes on after failures, its failures are seen, and it ends when told."""

import asyncio

import pytest

from services.kit import supervision
from services.kit.errors import DependencyDown
from services.kit.supervision import Supervisor, cancel_and_wait
from tests.fixtures.kit_app import logged


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_RESTART_SECONDS", 0.001)


class Work:
    """Fails as told, one turn after the other, then waits to be cancelled."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.turns = 0
        self.waits = asyncio.Event()
        self.cancelled = False

    async def __call__(self) -> None:
        self.turns += 1
        if self.errors:
            error = self.errors.pop(0)
            if error is not None:
                raise error
            return
        self.waits.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_a_loop_goes_on_after_errors_and_returns() -> None:
    work = Work(ZeroDivisionError("the stack"), None, DependencyDown("away"), None)
    async with Supervisor() as supervisor:
        supervisor.keep_running(work, name="loop")
        async with asyncio.timeout(10):
            await work.waits.wait()
    assert work.turns == 5
    assert work.cancelled


async def test_errors_are_logged_with_their_stack() -> None:
    work = Work(ZeroDivisionError("one"), DependencyDown("two"))

    async def once() -> None:
        raise LookupError("three")

    with logged() as records:
        async with Supervisor() as supervisor:
            supervisor.keep_running(work, name="loop")
            await asyncio.wait([supervisor.start(once(), name="once")])
            async with asyncio.timeout(10):
                await work.waits.wait()
    stacks = {r["work"]: r["exception"] for r in records if r["level"] == "error"}
    assert set(stacks) == {"loop", "once"}
    assert "Traceback" in stacks["loop"]
    assert "ZeroDivisionError: one" in stacks["loop"]
    assert "LookupError: three" in stacks["once"]
    assert [r["reason"] for r in records if r["level"] == "warning"] == ["two"]


async def test_work_that_never_waits_lets_the_rest_run() -> None:
    turns = 0

    async def busy() -> None:
        nonlocal turns
        turns += 1

    async with Supervisor() as supervisor:
        supervisor.keep_running(busy, name="busy")
        async with asyncio.timeout(10):
            while turns < 100:  # noqa: ASYNC110 - that we get here at all is the point
                await asyncio.sleep(0)


async def test_stop_cancels_everything_and_waits_for_its_end() -> None:
    ended: list[int] = []

    async def slow_to_end(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append(number)

    supervisor = Supervisor()
    for number in range(3):
        supervisor.start(slow_to_end(number), name=str(number))
    await asyncio.sleep(0)
    await supervisor.stop()
    assert sorted(ended) == [0, 1, 2]
    await supervisor.stop()  # a second time has nothing to do


async def test_a_result_can_be_awaited() -> None:
    async def answer() -> int:
        return 42

    async with Supervisor() as supervisor:
        assert await supervisor.start(answer(), name="answer") == 42


async def test_the_block_s_own_error_stops_the_work_and_is_raised() -> None:
    work = Work()

    async def block() -> None:
        async with Supervisor() as supervisor:
            supervisor.keep_running(work, name="loop")
            await work.waits.wait()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert work.cancelled


async def test_a_task_may_stop_its_own_supervisor() -> None:
    supervisor = Supervisor()
    other = Work()
    supervisor.keep_running(other, name="other")
    await other.waits.wait()
    async with asyncio.timeout(10):
        await supervisor.start(supervisor.stop(), name="stops")
    assert other.cancelled


class TestCancelAndWait:
    async def test_work_that_swallows_a_cancellation_is_asked_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As asyncio.wait_for does in Python 3.11 when its work has just ended."""
        monkeypatch.setattr(supervision, "_ASK_AGAIN_SECONDS", 0.01)
        asked = 0

        async def stubborn() -> None:
            nonlocal asked
            while asked < 2:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    asked += 1

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await cancel_and_wait([task])
        assert (task.done(), asked) == (True, 2)

    async def test_nothing_to_end(self) -> None:
        await cancel_and_wait([])
