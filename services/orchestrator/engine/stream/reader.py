"""Reads a stream from any id on: each later event exactly once, whatever is restarted meanwhile.

Stored events come from PostgreSQL in order. A live event is given only if the one before it has
been given (its `previous_id` says which); if not, the reader waits until PostgreSQL or Redis has
what is missing.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from uuid import UUID

import orjson

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.orchestrator.engine.stream import queries
from services.orchestrator.engine.stream.hub import EventHub
from services.orchestrator.engine.stream.numbering import CANCELLED, NO_ID, Event, delta_payload
from services.orchestrator.engine.stream.subscription import Subscription

_PAGE = 500
_POLL_SECONDS = 2.0
_HOLE_SECONDS = 0.1
_RETRY_SECONDS = 0.5
_TERMINAL = frozenset({"complete", "failed", "cancelled"})


def expand(row: queries.EventRow) -> Iterator[Event]:
    """The events in a stored row: a model call's text comes apart into its deltas again.

    One by one, since a slow reader holds on to what it has not been given yet.
    """
    if row.kind != "text":
        payload = None if row.kind == "gap" else orjson.dumps(row.payload).decode()
        yield Event(row.last_id, row.previous_id, row.task_id, payload)
        return
    text: str = row.payload["text"]
    previous, start = row.previous_id, 0
    for event_id, length in row.payload["pieces"]:
        payload = delta_payload(text[start : start + length])
        yield Event(event_id, previous, row.task_id, payload)
        previous, start = event_id, start + length


class StreamReader:
    """One reader's way through a stream."""

    def __init__(
        self,
        database: Database,
        hub: EventHub,
        stream_id: UUID,
        *,
        after: int,
        task_id: UUID | None = None,
    ) -> None:
        self._database = database
        self._hub = hub
        self._stream_id = stream_id
        self._cursor = after
        self._task_id = task_id
        self._finished = False

    async def events(self) -> AsyncGenerator[Event, None]:
        """Every event after the start; ends when the task (or the stream's last one) has ended."""
        with self._hub.subscribe(self._stream_id) as subscription:
            while not self._finished:
                rows, ended = await self._stored()
                ended_just_now = False
                for row in rows:
                    for event in expand(row):
                        if event.id > self._cursor and self._passes(event):
                            yield event
                            # A stored end need not be the last: a dead letter may be tried again.
                            ended_just_now = is_end(event.payload)
                        self._cursor = max(self._cursor, event.id)
                if len(rows) == _PAGE:
                    continue
                if ended:
                    for event in await self._untold_end():
                        yield event
                    return
                if not ended_just_now:
                    async for event in self._live(subscription):
                        yield event

    async def _live(self, subscription: Subscription) -> AsyncGenerator[Event, None]:
        """Live events, until it is time to look into the database again."""
        deadline = time.monotonic() + _POLL_SECONDS
        hole_seen = False
        while not self._finished:
            while (event := subscription.take_next(self._cursor)) is not None:
                self._cursor, hole_seen = event.id, False
                if self._passes(event):
                    yield event
                    self._finished = self._task_id is not None and is_end(event.payload)
                if is_end(event.payload):
                    return
            if await self._hub.make_up(self._stream_id, subscription, after=self._cursor):
                continue
            if subscription.has_hole and hole_seen:
                return
            hole_seen = subscription.has_hole
            left = deadline - time.monotonic()
            if left <= 0:
                return
            await subscription.wait(_HOLE_SECONDS if hole_seen else left)

    async def _stored(self) -> tuple[list[queries.EventRow], bool]:
        while True:
            try:
                return await self._read_stored()
            except DatabaseDown:
                # The reader keeps its place; its connection is kept alive by heartbeats meanwhile.
                await asyncio.sleep(_RETRY_SECONDS)

    async def _untold_end(self) -> list[Event]:
        """What is stored nowhere: the end of a turn that was cancelled while another one ran."""
        if self._task_id is None:
            return []
        try:
            async with self._database.connection() as connection:
                if not await queries.cancelled_untold(connection, self._task_id):
                    return []
        except DatabaseDown:
            return []
        return [Event(NO_ID, self._cursor, self._task_id, payload) for payload in CANCELLED]

    async def _read_stored(self) -> tuple[list[queries.EventRow], bool]:
        async with self._database.connection() as connection:
            # In this order: what an ended task has stored is then among the rows.
            ended = await queries.has_ended(connection, self._stream_id, task_id=self._task_id)
            rows = await queries.events_after(
                connection, self._stream_id, after=self._cursor, limit=_PAGE
            )
        return rows, ended

    def _passes(self, event: Event) -> bool:
        """Whether the reader is given `event`."""
        return event.payload is not None and self._task_id in {None, event.task_id}


def is_end(payload: str | None) -> bool:
    """Whether the event says that its task has ended."""
    if payload is None or '"type":"status"' not in payload:
        return False
    content = orjson.loads(payload)
    return content.get("type") == "status" and content.get("status") in _TERMINAL
