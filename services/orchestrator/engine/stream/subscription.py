"""The live events of one stream on their way to one reader."""

import asyncio
import heapq
from collections.abc import Iterable

from services.orchestrator.engine.stream.numbering import Event

_MAX_WAITING = 5_000
# A burst comes faster than readers are given their turn. One that reads gets this long to catch up;
# one that does not, costs the others this once and is then waited for no more.
_CATCH_UP_SECONDS = 0.5


class Subscription:
    """What waits for the reader. One that lags misses some, which it gets from Redis once more."""

    def __init__(self, recent: list[Event], *, missed_from: bytes | None = None) -> None:
        """`missed_from`: the entry of Redis from which on events were missed already."""
        self._waiting: dict[int, Event] = {event.id: event for event in recent}
        # The ids as a heap: they come nearly in order, and the lowest is looked for each time.
        self._ids = sorted(self._waiting)
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._lags = False
        self._missed_from = missed_from
        self._missed_to = missed_from

    @property
    def missed_from(self) -> bytes | None:
        """The entry of Redis with the first event for which there was no room; None: none."""
        return self._missed_from

    @property
    def has_room(self) -> bool:
        return len(self._waiting) < _MAX_WAITING

    @property
    def is_crowded(self) -> bool:
        """Whether it needs time to catch up, and is worth waiting for."""
        return len(self._waiting) > _MAX_WAITING // 2 and not self._lags

    async def catch_up(self) -> None:
        """Return when there is room again; a reader that does not read is given up."""
        self._has_room.clear()
        try:
            async with asyncio.timeout(_CATCH_UP_SECONDS):
                await self._has_room.wait()
        except TimeoutError:
            self._lags = True

    def offer(self, event: Event, entry: bytes) -> None:
        """Take a live event, which stands in that entry of Redis, if there is room."""
        self._changed.set()
        if self._missed_from is not None or not self.has_room:
            # The reader goes on with what waits here, then with what it has missed.
            self._missed_from = self._missed_from or entry
            self._missed_to = entry
            return
        self._add(event)

    def make_up(self, entry: bytes, events: Iterable[Event]) -> None:
        """Take events of an entry that were missed, as far as there is room."""
        for event in events:
            if not self.has_room:
                self._missed_from = entry
                return
            self._add(event)
        self._missed_from = b"(" + entry

    def has_made_up(self, last: bytes | None) -> None:
        """Redis has nothing after `last`, the entry that was read last; None: nothing at all."""
        read, missed = last or self._missed_from, self._missed_to
        if read is None or missed is None or _order(read) >= _order(missed) or last is None:
            self._missed_from = self._missed_to = None

    def _add(self, event: Event) -> None:
        if event.id not in self._waiting:
            heapq.heappush(self._ids, event.id)
            self._waiting[event.id] = event

    def take_next(self, cursor: int) -> Event | None:
        """The event that follows `cursor` with nothing missing in between, if it is here."""
        while self._ids:
            event = self._waiting[self._ids[0]]
            if event.id > cursor and event.previous_id > cursor:
                return None
            del self._waiting[heapq.heappop(self._ids)]
            if len(self._waiting) <= _MAX_WAITING // 4:
                self._has_room.set()
            self._lags = self._lags and bool(self._waiting)
            if event.id > cursor:
                return event
        return None

    @property
    def has_hole(self) -> bool:
        """Whether events wait here whose predecessors have not come."""
        return bool(self._waiting)

    async def wait(self, seconds: float) -> None:
        """Until something new has come, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
        finally:
            self._changed.clear()


def _order(entry: bytes) -> tuple[int, int]:
    milliseconds, _, number = entry.removeprefix(b"(").partition(b"-")
    return int(milliseconds), int(number or 0)
