"""SQL of sessions and their messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    agent_id: UUID | None
    kind: str
    key_id: UUID | None
    title: str
    created_at: datetime
    last_active: datetime
    message_count: int


_FIND_SESSION = Query(
    SessionRow,
    """
    SELECT id, agent_id, kind, key_id, title, created_at, last_active,
        (SELECT count(*) FROM session_messages WHERE session_id = agent_sessions.id)
            AS message_count
    FROM agent_sessions WHERE id = $1
    """,
)
_LIST_SESSIONS = Query(
    SessionRow,
    """
    SELECT id, agent_id, kind, key_id, title, created_at, last_active,
        (SELECT count(*) FROM session_messages WHERE session_id = agent_sessions.id)
            AS message_count
    FROM agent_sessions
    WHERE kind = 'chat' AND ($1::uuid IS NULL OR key_id = $1)
    ORDER BY last_active DESC, id DESC LIMIT $2 OFFSET $3
    """,
)
_COUNT_SESSIONS = Scalar(
    int,
    """
    SELECT count(*) FROM agent_sessions
    WHERE kind = 'chat' AND ($1::uuid IS NULL OR key_id = $1)
    """,
)


async def find_session(connection: Connection, session_id: UUID) -> SessionRow | None:
    return await _FIND_SESSION.first(connection, session_id)


async def list_sessions(
    connection: Connection, *, key_id: UUID | None, limit: int, offset: int
) -> list[SessionRow]:
    return await _LIST_SESSIONS.all(connection, key_id, limit, offset)


async def count_sessions(connection: Connection, *, key_id: UUID | None) -> int:
    return await _COUNT_SESSIONS.one(connection, key_id)


_INSERT_SESSION = Statement(
    """
    INSERT INTO agent_sessions (id, agent_id, kind, key_id, title) VALUES ($1, $2, $3, $4, $5)
    """
)
_TOUCH_SESSION = Statement(
    """
    UPDATE agent_sessions SET last_active = clock_timestamp(),
        title = CASE WHEN title = '' THEN $2 ELSE title END
    WHERE id = $1
    """
)


async def insert_session(
    connection: Connection,
    session_id: UUID,
    *,
    agent_id: UUID,
    kind: str,
    key_id: UUID | None,
    title: str,
) -> None:
    await _INSERT_SESSION.run(connection, session_id, agent_id, kind, key_id, title)


async def touch_session(connection: Connection, session_id: UUID, *, title: str) -> None:
    await _TOUCH_SESSION.run(connection, session_id, title)


_UNFINISHED = Scalar(
    int,
    """
    SELECT count(*) FROM tasks LEFT JOIN tasks AS parent ON parent.id = tasks.parent_task_id
    WHERE tasks.session_id = $1 AND (tasks.status NOT IN ('complete', 'failed', 'cancelled')
        OR parent.status NOT IN ('complete', 'failed', 'cancelled'))
    """,
)
_DELETE_TASKS = Statement("DELETE FROM tasks WHERE session_id = $1")
_DELETE_SESSION = Statement("DELETE FROM agent_sessions WHERE id = $1")
_DELETE_STREAM = Statement("DELETE FROM streams WHERE id = $1")


async def count_unfinished(connection: Connection, session_id: UUID) -> int:
    """Turns that have not ended, or whose answer another task has not taken yet."""
    return await _UNFINISHED.one(connection, session_id)


async def delete_session(connection: Connection, session_id: UUID) -> None:
    """Delete the session with its tasks, messages and events."""
    await _DELETE_TASKS.run(connection, session_id)
    await _DELETE_SESSION.run(connection, session_id)
    await _DELETE_STREAM.run(connection, session_id)


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: UUID
    task_id: UUID | None
    role: str
    content: str
    tool_calls: list[dict[str, Any]]
    last_event_id: int | None
    created_at: datetime


_LIST_MESSAGES = Query(
    MessageRow,
    """
    SELECT id, task_id, role, content, tool_calls, last_event_id, created_at
    FROM session_messages WHERE session_id = $1 ORDER BY created_at, id
    """,
)
# What was said before a turn: an earlier turn's answer may be younger than the turn's question.
_HISTORY = Query(
    MessageRow,
    """
    SELECT message.id, message.task_id, role, content, tool_calls, last_event_id, created_at
    FROM session_messages AS message
    LEFT JOIN tasks AS said_in ON said_in.id = message.task_id
    WHERE message.session_id = $1 AND message.task_id IS DISTINCT FROM $2
        AND (said_in.id IS NULL OR said_in.queued_at < $3)
    ORDER BY coalesce(said_in.queued_at, created_at) DESC, created_at DESC, message.id DESC
    LIMIT $4
    """,
)
_INSERT_MESSAGE = Statement(
    """
    INSERT INTO session_messages (id, session_id, task_id, role, content, tool_calls, last_event_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
    """
)


async def list_messages(connection: Connection, session_id: UUID) -> list[MessageRow]:
    return await _LIST_MESSAGES.all(connection, session_id)


async def history(
    connection: Connection, session_id: UUID, *, task_id: UUID, before: datetime, limit: int
) -> list[MessageRow]:
    """The last messages of the session's earlier turns, oldest first."""
    rows = await _HISTORY.all(connection, session_id, task_id, before, limit)
    return rows[::-1]


async def insert_message(
    connection: Connection,
    message_id: UUID,
    *,
    session_id: UUID,
    task_id: UUID,
    role: str,
    content: str,
    tool_calls: list[dict[str, Any]],
    last_event_id: int | None,
) -> None:
    await _INSERT_MESSAGE.run(
        connection, message_id, session_id, task_id, role, content, tool_calls, last_event_id
    )


_RUNNING_TASK = Scalar(
    UUID,
    """
    SELECT id FROM tasks
    WHERE session_id = $1 AND status NOT IN ('complete', 'failed', 'cancelled')
    ORDER BY queued_at LIMIT 1
    """,
)
_LAST_EVENT = Scalar(
    int,
    """
    SELECT coalesce(max(last_id), 0) FROM stream_events WHERE stream_id = $1
    """,
)


async def running_task(connection: Connection, session_id: UUID) -> UUID | None:
    return await _RUNNING_TASK.get(connection, session_id)


async def last_event_id(connection: Connection, session_id: UUID) -> int:
    return await _LAST_EVENT.one(connection, session_id)
