"""SQL of event streams: reserving ids, writing and reading events."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """`reserved_to`: the last id given out; `last_id`: the last id of a stored event."""

    reserved_to: int
    last_id: int


_LOCK_POSITION = Query(
    StreamPosition,
    """
    SELECT reserved_to, coalesce((
        SELECT last_id FROM stream_events WHERE stream_id = $1
        ORDER BY last_id DESC LIMIT 1), 0) AS last_id
    FROM streams WHERE id = $1 FOR NO KEY UPDATE
    """,
)
_SET_RESERVED = Statement("UPDATE streams SET reserved_to = $2 WHERE id = $1")


# The row lock of the update keeps every other numberer away until the transaction ends.
_RESERVE = Query(
    StreamPosition,
    """
    UPDATE streams SET reserved_to = reserved_to + $2 WHERE id = $1
    RETURNING reserved_to - $2 AS reserved_to, coalesce((
        SELECT last_id FROM stream_events WHERE stream_id = $1
        ORDER BY last_id DESC LIMIT 1), 0) AS last_id
    """,
)


async def reserve(connection: Connection, stream_id: UUID, *, size: int) -> StreamPosition:
    """Reserve `size` ids; the stream's position before that."""
    return await _RESERVE.one(connection, stream_id, size)


async def lock_position(connection: Connection, stream_id: UUID) -> StreamPosition:
    """Lock the stream's row, so that nobody else numbers events until the transaction ends."""
    return await _LOCK_POSITION.one(connection, stream_id)


async def set_reserved(connection: Connection, stream_id: UUID, *, reserved_to: int) -> None:
    await _SET_RESERVED.run(connection, stream_id, reserved_to)


_CREATE_STREAM = Statement("INSERT INTO streams (id, kind) VALUES ($1, $2)")


async def create_stream(connection: Connection, stream_id: UUID, *, kind: str) -> None:
    await _CREATE_STREAM.run(connection, stream_id, kind)


_HAS_INTERRUPTED_CALL = Scalar(
    bool,
    """
    SELECT EXISTS (
        SELECT 1 FROM task_steps JOIN tasks ON tasks.id = task_steps.task_id
        WHERE tasks.stream_id = $1 AND task_steps.status = 'begun' AND task_steps.kind = 'model'
    ) AS interrupted
    """,
)


async def has_interrupted_call(connection: Connection, stream_id: UUID) -> bool:
    """Whether a model call was begun whose text readers may have seen and nobody has stored."""
    return await _HAS_INTERRUPTED_CALL.one(connection, stream_id)


# A write whose commit was not heard of is made again: the second time it changes nothing.
_INSERT_EVENT = Statement(
    """
    INSERT INTO stream_events
        (stream_id, first_id, last_id, previous_id, task_id, kind, payload)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (stream_id, first_id) DO NOTHING
    """
)


async def insert_event(
    connection: Connection,
    stream_id: UUID,
    *,
    first_id: int,
    last_id: int,
    previous_id: int,
    task_id: UUID,
    kind: str,
    payload: Any,
) -> None:
    await _INSERT_EVENT.run(
        connection, stream_id, first_id, last_id, previous_id, task_id, kind, payload
    )


@dataclass(frozen=True, slots=True)
class EventRow:
    """`kind` event: payload is the event; text: {"text", "pieces": [[id, length], …]}; gap: {}."""

    first_id: int
    last_id: int
    previous_id: int
    task_id: UUID
    kind: str
    payload: Any


_EVENTS_AFTER = Query(
    EventRow,
    """
    SELECT first_id, last_id, previous_id, task_id, kind, payload
    FROM stream_events
    WHERE stream_id = $1 AND last_id > $2
    ORDER BY last_id LIMIT $3
    """,
)


async def events_after(
    connection: Connection, stream_id: UUID, *, after: int, limit: int
) -> list[EventRow]:
    """Stored events in order; the first may begin at or before `after` and reach beyond it."""
    return await _EVENTS_AFTER.all(connection, stream_id, after, limit)


_TASK_HAS_ENDED = Scalar(
    bool,
    """
    SELECT NOT EXISTS (
        SELECT 1 FROM tasks WHERE stream_id = $1 AND ($2::uuid IS NULL OR id = $2)
            AND status NOT IN ('complete', 'failed', 'cancelled')
    ) AS ended
    """,
)


async def has_ended(connection: Connection, stream_id: UUID, *, task_id: UUID | None) -> bool:
    """Whether the task, or without one every task of the stream, has ended."""
    return await _TASK_HAS_ENDED.one(connection, stream_id, task_id)


_HELD = Scalar(
    bool,
    """
    SELECT EXISTS (SELECT 1 FROM tasks WHERE session_id = $1 AND holder IS NOT NULL
        AND status NOT IN ('complete', 'failed', 'cancelled')) AS held
    """,
)


async def session_is_held(connection: Connection, session_id: UUID) -> bool:
    """Whether a turn of the session runs; while the stream is locked, none can begin."""
    return await _HELD.one(connection, session_id)


_CANCELLED_UNTOLD = Scalar(
    bool,
    """
    SELECT EXISTS (SELECT 1 FROM tasks WHERE id = $1 AND status = 'cancelled')
        AND NOT EXISTS (
            SELECT 1 FROM stream_events WHERE task_id = $1 AND kind = 'event'
                AND payload ->> 'type' = 'status' AND payload ->> 'status' = 'cancelled'
        ) AS untold
    """,
)


async def cancelled_untold(connection: Connection, task_id: UUID) -> bool:
    """Whether the task was cancelled while another turn held its stream: no event says so."""
    return await _CANCELLED_UNTOLD.one(connection, task_id)
