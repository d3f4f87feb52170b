"""One reading loop a web process takes live events from Redis and hands them to its readers."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from services.kit.log import get_logger
from services.kit.redis import REDIS_DOWN, Redis, RedisError
from services.orchestrator.engine.stream.numbering import Event
from services.orchestrator.engine.stream.publisher import EVENTS_KEY, decode
from services.orchestrator.engine.stream.subscription import Subscription

_log = get_logger(__name__)
_BLOCK_MILLISECONDS = 2_000
_RETRY_SECONDS = 0.5
_READ_COUNT = 200
# An entry may hold thousands of events, most of them of other streams.
_MAKE_UP_COUNT = 8
_RECENT_EVENTS = 4_096
_RECENT_STREAMS = 512
_RECENT_IN_ALL = 50_000
_OLDEST = b"0-0"

_StreamEntries = tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]


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
        recent = self._recent.get(stream_id, [])
        # What it may want of a call under way is then more than what is kept here.
        is_cut = len(recent) >= _RECENT_EVENTS
        subscription = Subscription(recent, missed_from=_OLDEST if is_cut else None)
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

    async def make_up(self, stream_id: UUID, subscription: Subscription, *, after: int) -> bool:
        """Give a reader that has missed events what Redis still has of them after the id `after`,
        as far as it has room; False if that is nothing.
        """
        gave = False
        name = str(stream_id).encode()
        try:
            while (start := subscription.missed_from) is not None and subscription.has_room:
                entries = await self._redis.xrange(EVENTS_KEY, min=start, count=_MAKE_UP_COUNT)
                for entry, fields in entries:
                    content = fields[b"events"]
                    found = decode(content) if name in content else []
                    events = [e for of, e in found if of == stream_id and e.id > after]
                    subscription.make_up(entry, events)
                    gave = gave or bool(events)
                    if not subscription.has_room:
                        return gave
                if len(entries) < _MAKE_UP_COUNT:
                    subscription.has_made_up(entries[-1][0] if entries else None)
        except (*REDIS_DOWN, RedisError) as error:
            _log.warning("missed events not read; they will be found stored", error=str(error))
        return gave

    def offer(self, stream_id: UUID, event: Event, entry: bytes) -> None:
        recent = self._recent.setdefault(stream_id, [])
        recent.append(event)
        self._kept += 1 - max(0, len(recent) - _RECENT_EVENTS)
        del recent[:-_RECENT_EVENTS]
        self._recent.move_to_end(stream_id)
        while len(self._recent) > _RECENT_STREAMS or self._kept > _RECENT_IN_ALL:
            _, oldest = self._recent.popitem(last=False)
            self._kept -= len(oldest)
        for subscription in self._subscriptions.get(stream_id, ()):
            subscription.offer(event, entry)

    async def _read(self) -> None:
        read = cast("Callable[..., Awaitable[list[_StreamEntries] | None]]", self._redis.xread)
        streams = {EVENTS_KEY: self._cursor}
        answer = await read(streams, count=_READ_COUNT, block=_BLOCK_MILLISECONDS)
        for _, entries in answer or []:
            for entry_id, fields in entries:
                self._cursor = entry_id
                for stream_id, event in decode(fields[b"events"]):
                    self.offer(stream_id, event, entry_id)
                await self._let_readers_catch_up()

    async def _let_readers_catch_up(self) -> None:
        """Readers take theirs before the next are there: what does not fit they would miss."""
        await asyncio.sleep(0)
        readers = (reader for readers in self._subscriptions.values() for reader in readers)
        if crowded := [reader for reader in readers if reader.is_crowded]:
            await asyncio.gather(*(reader.catch_up() for reader in crowded))
