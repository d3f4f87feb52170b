"""A worker's events on their way to the readers: one merged Redis write every 25 ms or so."""

import asyncio
from collections.abc import Awaitable
from typing import Any, cast
from uuid import UUID

import orjson

from services.kit.ids import new_id
from services.kit.log import get_logger
from services.kit.redis import REDIS_DOWN, Redis, RedisError
from services.orchestrator.engine.stream.numbering import Event

_log = get_logger(__name__)
EVENTS_KEY = "nova:events"
EPOCH_KEY = "nova:events:epoch"
_FLUSH_SECONDS = 0.025
_CHECK_SECONDS = 1.0
_MAX_ENTRIES = 10_000
_MAX_BATCH = 2_000


class LiveCall:
    """A model call's deltas, held until they are stored, to be given again if Redis loses them."""

    def __init__(self, stream_id: UUID) -> None:
        self.stream_id = stream_id
        self.events: list[Event] = []


class Publisher:
    """Sends events to Redis. What it can't send is in PostgreSQL or held in a LiveCall."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: list[tuple[UUID, Event]] = []
        self._there_is_work = asyncio.Event()
        self._live: set[LiveCall] = set()
        self._epoch: bytes | None = None

    def publish(self, stream_id: UUID, event: Event) -> None:
        self._waiting.append((stream_id, event))
        self._there_is_work.set()

    def publish_delta(self, call: LiveCall, event: Event) -> None:
        call.events.append(event)
        self.publish(call.stream_id, event)

    def hold(self, call: LiveCall) -> None:
        self._live.add(call)

    def release(self, call: LiveCall) -> None:
        self._live.discard(call)

    async def run(self) -> None:
        """Flush until cancelled; run it under Supervisor.keep_running."""
        while True:
            try:
                async with asyncio.timeout(_CHECK_SECONDS if self._live else None):
                    await self._there_is_work.wait()
            except TimeoutError:
                pass  # a silent call is held: look whether Redis still has what was sent
            await self.flush()
            await asyncio.sleep(_FLUSH_SECONDS)

    async def flush(self) -> None:
        """Send what waits; if Redis has been emptied meanwhile, all held deltas again."""
        self._there_is_work.clear()
        batch, self._waiting = self._waiting[:_MAX_BATCH], self._waiting[_MAX_BATCH:]
        if self._waiting:
            self._there_is_work.set()
        try:
            epoch = await self._send(batch)
            if epoch is None or epoch != self._epoch:
                self._epoch = await self._agree_on_epoch()
                held = [(call.stream_id, event) for call in self._live for event in call.events]
                for start in range(0, len(held), _MAX_BATCH):
                    await self._send(held[start : start + _MAX_BATCH])
        except (*REDIS_DOWN, RedisError) as error:
            # Nothing is lost: finished events are stored, unfinished ones are held. Forgetting
            # the epoch has the held ones sent again as soon as Redis answers.
            _log.warning("events not published; readers find them stored", error=str(error))
            self._epoch = None
            await asyncio.sleep(_FLUSH_SECONDS * 10)
            if self._live:
                self._there_is_work.set()

    async def _send(self, batch: list[tuple[UUID, Event]]) -> bytes | None:
        pipeline = self._redis.pipeline(transaction=False)
        if batch:
            pipeline.xadd(
                EVENTS_KEY, {"events": encode(batch)}, maxlen=_MAX_ENTRIES, approximate=True
            )
        pipeline.get(EPOCH_KEY)
        answers = await cast("Awaitable[list[Any]]", pipeline.execute())
        return answers[-1]

    async def _agree_on_epoch(self) -> bytes | None:
        await self._redis.set(EPOCH_KEY, new_id().hex, nx=True)
        return await self._redis.get(EPOCH_KEY)


def encode(batch: list[tuple[UUID, Event]]) -> bytes:
    return orjson.dumps(
        [
            [str(stream_id), event.id, event.previous_id, str(event.task_id), event.payload]
            for stream_id, event in batch
        ]
    )


def decode(content: bytes) -> list[tuple[UUID, Event]]:
    return [
        (
            UUID(stream_id),
            Event(id=event_id, previous_id=previous_id, task_id=UUID(task_id), payload=payload),
        )
        for stream_id, event_id, previous_id, task_id, payload in orjson.loads(content)
    ]
