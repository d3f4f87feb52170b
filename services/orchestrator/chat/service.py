"""Chat sessions as their readers see them."""

from uuid import UUID

from contracts.chat import ChatMessage, ChatSession, ChatSessionDetail
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import NotFound, WrongState
from services.orchestrator.audit import service as audit
from services.orchestrator.sessions import queries
from services.orchestrator.sessions.queries import SessionRow


async def list_sessions(
    connection: Connection, *, actor: Principal, limit: int, offset: int
) -> tuple[list[ChatSession], int]:
    """A key sees its own sessions, the administrator all."""
    key_id = actor.key_id if actor.kind == "key" else None
    rows = await queries.list_sessions(connection, key_id=key_id, limit=limit, offset=offset)
    total = await queries.count_sessions(connection, key_id=key_id)
    return [_session(row) for row in rows], total


async def find_session(connection: Connection, session_id: UUID, *, actor: Principal) -> SessionRow:
    """Raises NotFound, also for a session of another key."""
    row = await queries.find_session(connection, session_id)
    if row is None or (actor.kind == "key" and row.key_id != actor.key_id):
        raise NotFound(f"There is no session {session_id}.", code="unknown_session")
    return row


async def get_session(
    connection: Connection, session_id: UUID, *, actor: Principal
) -> ChatSessionDetail:
    row = await find_session(connection, session_id, actor=actor)
    messages = await queries.list_messages(connection, session_id)
    return ChatSessionDetail(
        **dict(_session(row)),
        messages=[
            ChatMessage(
                id=message.id,
                task_id=message.task_id,
                role="user" if message.role == "user" else "assistant",
                content=message.content,
                tool_calls=message.tool_calls,
                created_at=message.created_at,
                last_event_id=message.last_event_id,
            )
            for message in messages
        ],
        running_task_id=await queries.running_task(connection, session_id),
        last_event_id=await queries.last_event_id(connection, session_id),
    )


async def delete_session(connection: Connection, session_id: UUID, *, actor: Principal) -> None:
    """Raises NotFound, and WrongState while a turn runs or waits."""
    row = await find_session(connection, session_id, actor=actor)
    if await queries.count_unfinished(connection, row.id):
        raise WrongState("A turn of this session has not ended; cancel it first.")
    await queries.delete_session(connection, row.id)
    await audit.record(
        connection,
        actor=actor,
        action="session.deleted",
        subject_kind="session",
        subject_id=session_id,
    )


def _session(row: SessionRow) -> ChatSession:
    return ChatSession(
        id=row.id,
        agent_id=row.agent_id,
        title=row.title,
        created_at=row.created_at,
        last_active=row.last_active,
        message_count=row.message_count,
    )
