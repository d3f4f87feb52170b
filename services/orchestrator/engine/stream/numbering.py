"""Event ids: reserved in blocks on the stream's row before use, rising, never used twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from services.kit.db import Connection
from services.orchestrator.engine.stream import queries

BLOCK = 1000
NO_ID = 0
"""Of an event that is not stored: a reader is told it, and can't come back for what is after it."""
CANCELLED = (
    '{"type":"error","code":"cancelled","detail":"The task was cancelled."}',
    '{"type":"status","status":"cancelled"}',
)
"""How a stream tells that a task was cancelled before anyone ran it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as readers get it.

    `payload` is its JSON text, or None for a gap, which readers pass over. `previous_id` is the id
    of the last valid event before it: whoever has that one has missed nothing in between.
    """

    id: int
    previous_id: int
    task_id: UUID
    payload: str | None


EventRecord = dict[str, Any]
"""A row of stream_events as a fenced write takes it: JSON with the columns' names."""


class Numbering:
    """The ids that one holder may use; `last_id` is the last valid one so far."""

    def __init__(self, *, next_id: int, end: int, last_id: int) -> None:
        self._next = next_id
        self._end = end
        self._last = last_id

    @classmethod
    def after(cls, base: int, *, size: int, last_id: int) -> "Numbering":
        """Of a block of `size` ids that comes after the id `base`."""
        return cls(next_id=base + 1, end=base + size, last_id=last_id)

    @property
    def last_id(self) -> int:
        return self._last

    @property
    def highest_used(self) -> int:
        return self._next - 1

    @property
    def left(self) -> int:
        return self._end - self._next + 1

    def take(self, task_id: UUID, payload: str | None) -> Event:
        """The next event; the caller has seen to it that an id is left."""
        if self.left <= 0:
            raise IndexError("the block of event ids is used up")
        event = Event(id=self._next, previous_id=self._last, task_id=task_id, payload=payload)
        self._next += 1
        self._last = event.id
        return event

    def void_after(self, event_id: int) -> None:
        """Forget the events after `event_id`; their ids stay used."""
        self._last = event_id

    def extend(self, end: int) -> None:
        self._end = end


async def open_block(
    connection: Connection, stream_id: UUID, *, task_id: UUID, size: int = BLOCK
) -> tuple[Numbering, list[Event]]:
    """Reserve ids for a new holder, after all that an earlier one may have used.

    If an earlier holder left ids that readers may have seen and nobody has stored, the block
    starts with a rewind (a model call was cut off) or with a gap; it is stored and returned.
    """
    position = await queries.reserve(connection, stream_id, size=size)
    numbering = Numbering.after(position.reserved_to, size=size, last_id=position.last_id)
    return numbering, await _mark_gap(connection, stream_id, numbering, task_id=task_id)


async def take_over_block(
    connection: Connection, stream_id: UUID, *, task_id: UUID, base: int
) -> tuple[Numbering, list[Event]]:
    """As open_block, for a block that has been reserved already, after the id `base`."""
    position = await queries.lock_position(connection, stream_id)
    numbering = Numbering.after(base, size=BLOCK, last_id=position.last_id)
    return numbering, await _mark_gap(connection, stream_id, numbering, task_id=task_id)


async def _mark_gap(
    connection: Connection, stream_id: UUID, numbering: Numbering, *, task_id: UUID
) -> list[Event]:
    if numbering.highest_used == numbering.last_id:
        return []
    payload = None
    if await queries.has_interrupted_call(connection, stream_id):
        payload = rewind_payload(numbering.last_id)
    event = numbering.take(task_id, payload)
    await store(connection, stream_id, event)
    return [event]


def as_record(event: Event) -> EventRecord:
    kind = "gap" if event.payload is None else "event"
    payload = orjson.Fragment(event.payload or "{}")
    return _record(event.id, event.id, event.previous_id, kind=kind, payload=payload)


def text_record(text: str, events: list[Event]) -> EventRecord:
    """The record of a model call's whole text, from which each delta can be given again."""
    pieces = [[event.id, len(orjson.loads(event.payload or "{}")["delta"])] for event in events]
    payload = {"text": text, "pieces": pieces}
    first, last = events[0], events[-1]
    return _record(first.id, last.id, first.previous_id, kind="text", payload=payload)


def _record(
    first_id: int, last_id: int, previous_id: int, *, kind: str, payload: Any
) -> EventRecord:
    return {
        "first_id": first_id,
        "last_id": last_id,
        "previous_id": previous_id,
        "kind": kind,
        "payload": payload,
    }


async def store(connection: Connection, stream_id: UUID, event: Event) -> None:
    """Write one event; writing it again changes nothing."""
    payload: Any = {} if event.payload is None else orjson.loads(event.payload)
    await queries.insert_event(
        connection,
        stream_id,
        first_id=event.id,
        last_id=event.id,
        previous_id=event.previous_id,
        task_id=event.task_id,
        kind="gap" if event.payload is None else "event",
        payload=payload,
    )


async def append(
    connection: Connection, stream_id: UUID, *, task_id: UUID, payloads: Sequence[str]
) -> list[Event]:
    """Add events to a stream that nobody holds: what the API or the reaper has to say."""
    numbering, events = await open_block(
        connection, stream_id, task_id=task_id, size=len(payloads) + 1
    )
    for payload in payloads:
        event = numbering.take(task_id, payload)
        await store(connection, stream_id, event)
        events.append(event)
    await queries.set_reserved(connection, stream_id, reserved_to=numbering.highest_used)
    return events


def rewind_payload(to: int) -> str:
    return orjson.dumps({"type": "rewind", "to": to}).decode()


def delta_payload(text: str) -> str:
    return orjson.dumps({"delta": text}).decode()
