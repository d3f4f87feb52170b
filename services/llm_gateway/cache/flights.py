"""One call for many at once: whoever asks for what is being asked for gets the same pieces, live."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from services.kit.supervision import cancel_and_wait
from services.llm_gateway.errors import UpstreamError

Work = Callable[[], AsyncGenerator[bytes, None]]
Then = Callable[[list[bytes]], Awaitable[None]]

# How far the fastest reader may be behind, and the slowest before it is given up.
_AHEAD_BYTES = 1024 * 1024
_BEHIND_BYTES = 16 * 1024 * 1024


class Flight:
    """A call in a task of its own, which ends early only when nobody waits for it any more."""

    def __init__(self, work: AsyncGenerator[bytes, None]) -> None:
        self.pieces: list[bytes] = []
        self.readers = 0
        self._ends = [0]
        self._furthest = 0
        self._news: set[asyncio.Event] = set()
        self._room = asyncio.Event()
        self.taking = asyncio.ensure_future(self._take(work))
        self.taking.add_done_callback(lambda _: self._tell())

    @property
    def size(self) -> int:
        return self._ends[-1]

    async def read(self) -> AsyncGenerator[bytes, None]:
        """All pieces from the first one on. Raises what the work raised."""
        news = asyncio.Event()
        self._news.add(news)
        place = 0
        try:
            while not (self.taking.done() and place == len(self.pieces)):
                news.clear()
                if place == len(self.pieces):
                    await news.wait()
                    continue
                if self.size - self._ends[place] > _BEHIND_BYTES:
                    raise UpstreamError("gateway", 0, "the answer was not read fast enough")
                place += 1
                if self._ends[place] > self._furthest:
                    self._furthest = self._ends[place]
                    self._room.set()
                yield self.pieces[place - 1]
        finally:
            self._news.discard(news)
        if self.taking.cancelled():
            raise UpstreamError("gateway", 0, "the gateway is stopping", reply_lost=True)
        self.taking.result()

    async def _take(self, work: AsyncGenerator[bytes, None]) -> None:
        try:
            async for piece in work:
                self.pieces.append(piece)
                self._ends.append(self.size + len(piece))
                self._tell()
                while self.size - self._furthest > _AHEAD_BYTES:
                    self._room.clear()
                    await self._room.wait()
        finally:
            await work.aclose()

    def _tell(self) -> None:
        for news in self._news:
            news.set()


class Flights:
    """The calls that run now, by key; of this process alone."""

    def __init__(self) -> None:
        self._running: dict[str, Flight] = {}
        self._tasks: set[asyncio.Future[Any]] = set()

    def is_running(self, key: str) -> bool:
        """Whether who asks now gets another's answer."""
        flight = self._running.get(key)
        return flight is not None and flight.size <= _BEHIND_BYTES

    async def share(self, key: str, work: Work, *, then: Then) -> AsyncGenerator[bytes, None]:
        """The pieces of the call that runs under `key`, or of `work`, which is begun if none does.

        `then` is given all pieces of a work that ended well, once; who asks meanwhile still joins.
        """
        flight = self._running.get(key) if self.is_running(key) else None
        if flight is None:
            flight = self._begin(key, work, then)
        # From the look-up to here nothing waits, so the flight can't have been given up meanwhile.
        flight.readers += 1
        pieces = flight.read()
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()
            flight.readers -= 1
            if flight.readers == 0 and not flight.taking.done():
                self._forget(key, flight)
                flight.taking.cancel()

    async def stop(self) -> None:
        """End all calls; their readers are told."""
        await cancel_and_wait(
            task for task in self._tasks if isinstance(task, asyncio.Task) and not task.done()
        )

    def _begin(self, key: str, work: Work, then: Then) -> Flight:
        flight = Flight(work())
        self._running[key] = flight
        self._keep(flight.taking)

        def ended(taking: "asyncio.Future[None]") -> None:
            if taking.cancelled() or taking.exception() is not None:
                self._forget(key, flight)
                return
            storing = asyncio.ensure_future(then(flight.pieces))
            self._keep(storing)
            storing.add_done_callback(lambda _: self._forget(key, flight))

        flight.taking.add_done_callback(ended)
        return flight

    def _keep(self, task: "asyncio.Future[Any]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _forget(self, key: str, flight: Flight) -> None:
        if self._running.get(key) is flight:
            del self._running[key]
