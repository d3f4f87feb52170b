"""One timer for all calls that last, so that none has to set one of its own."""

import asyncio
import time
from types import TracebackType
from typing import Protocol, Self


class Lasting(Protocol):
    def look(self, now: float) -> None:
        """See whether something is due; `now` is the monotonic clock's."""
        ...


class Ticker:
    """Has each of its members look every `seconds`. It stands still while it has none."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._members: set[Lasting] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, member: Lasting) -> None:
        self._members.add(member)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._tick)

    def discard(self, member: Lasting) -> None:
        self._members.discard(member)

    @property
    def is_still(self) -> bool:
        return self._timer is None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._seconds, self._tick) if self._members else None
        now = time.monotonic()
        for member in list(self._members):
            member.look(now)


class Deadline:
    """Raises TimeoutError in its block once `due` (monotonic) has passed, up to a tick later.

    As asyncio.timeout does, with the ticker's timer.
    """

    __slots__ = ("_cancelling", "_due", "_has_passed", "_task", "_ticker")

    def __init__(self, ticker: Ticker, due: float) -> None:
        self._ticker = ticker
        self._due = due
        self._has_passed = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A deadline needs a task that it can cancel.")
        self._task = task
        self._cancelling = task.cancelling()
        self._ticker.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ticker.discard(self)
        if not self._has_passed:
            return
        # Whoever else has cancelled the task is to be heard.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def look(self, now: float) -> None:
        if now >= self._due and not self._has_passed:
            self._has_passed = True
            self._task.cancel()
