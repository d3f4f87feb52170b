"""One reading loop a web process takes live events from Redis and hands them to its readers."""

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from services.kit.log import get_logger
from services.kit.redis import REDIS_DOWN, Redis, RedisError
from services.orchestrator.engine.stream.numbering import Event
from services.orchestrator.engine.stream.publisher import EVENTS_KEY, decode

_log = get_logger(__name__)
_BLOCK_MILLISECONDS = 2_000
_RETRY_SECONDS = 0.5
_READ_COUNT = 200
_RECENT_EVENTS = 4_096
_RECENT_STREAMS = 512
_RECENT_IN_ALL = 50_000
_MAX_WAITING = 5_000
# A burst comes faster than readers are given their turn. One that reads gets this long to catch up;
# one that does not, costs the others this once and is then waited for no more.
_CATCH_UP_SECONDS = 0.5

_StreamEntries = tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]


class Subscription:
    """The live events of one stream for one reader; a reader that lags is sent to the database."""

    def __init__(self, recent: list[Event]) -> None:
        self._waiting: dict[int, Event] = {event.id: event for event in recent}
        # The ids as a heap: they come nearly in order, and the lowest is looked for each time.
        self._ids = sorted(self._waiting)
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._lags = False

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

    def offer(self, event: Event) -> None:
        self._changed.set()
        if event.id in self._waiting or len(self._waiting) >= _MAX_WAITING:
            return  # full: the reader goes on with what waits here, then with what is stored
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


class EventHub:
    """Keeps the newest events of each stream, so that one who joins late sees a call under way."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._recent: OrderedDict[UUID, list[Event]] = OrderedDict()
        self._kept = 0
        self._subscriptions: dict[UUID, set[Subscription]] = {}
        self._cursor: bytes | str = "0"

    @contextmanager
    def subscribe(self, stream_id: UUID) -> Generator[Subscription, None, None]:
        subscription = Subscription(self._recent.get(stream_id, []))
        self._subscriptions.setdefault(stream_id, set()).add(subscription)
        try:
            yield subscription
        finally:
            others = self._subscriptions[stream_id]
            others.discard(subscription)
            if not others:
                del self._subscriptions[stream_id]

    async def run(self) -> None:
        """Read until cancelled. After a lost connection from the start: ids tell what is known."""
        while True:
            try:
                await self._read()
            except (*REDIS_DOWN, RedisError) as error:
                _log.warning("no live events; readers poll the database", error=str(error))
                self._cursor = "0"
                await asyncio.sleep(_RETRY_SECONDS)

    def offer(self, stream_id: UUID, event: Event) -> None:
        recent = self._recent.setdefault(stream_id, [])
        recent.append(event)
        self._kept += 1 - max(0, len(recent) - _RECENT_EVENTS)
        del recent[:-_RECENT_EVENTS]
        self._recent.move_to_end(stream_id)
        while len(self._recent) > _RECENT_STREAMS or self._kept > _RECENT_IN_ALL:
            _, oldest = self._recent.popitem(last=False)
            self._kept -= len(oldest)
        for subscription in self._subscriptions.get(stream_id, ()):
            subscription.offer(event)

    async def _read(self) -> None:
        read = cast("Callable[..., Awaitable[list[_StreamEntries] | None]]", self._redis.xread)
        streams = {EVENTS_KEY: self._cursor}
        answer = await read(streams, count=_READ_COUNT, block=_BLOCK_MILLISECONDS)
        for _, entries in answer or []:
            for entry_id, fields in entries:
                self._cursor = entry_id
                for stream_id, event in decode(fields[b"events"]):
                    self.offer(stream_id, event)
                await self._let_readers_catch_up()

    async def _let_readers_catch_up(self) -> None:
        """Readers take theirs before the next are there: what does not fit they would miss."""
        await asyncio.sleep(0)
        readers = (reader for readers in self._subscriptions.values() for reader in readers)
        if crowded := [reader for reader in readers if reader.is_crowded]:
            await asyncio.gather(*(reader.catch_up() for reader in crowded))
