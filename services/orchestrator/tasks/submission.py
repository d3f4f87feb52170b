"""Submitting a turn to an agent: session, task, message and audit row in one transaction."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from contracts.chat import Message
from services.kit.auth import Principal
from services.kit.db import Connection
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.agents import service as agents
from services.orchestrator.audit import service as audit
from services.orchestrator.deps import State
from services.orchestrator.engine.stream import queries as stream_queries
from services.orchestrator.sessions import queries as session_queries
from services.orchestrator.tasks import queries
from services.orchestrator.tasks.queries import NewTask, TaskRow

INTERACTIVE_QUEUE = "interactive"
_TITLE_LENGTH = 80
_TRIES = 3


class IdempotencyRace(WrongState):
    """Two submissions with one key at once; the first has just won: look again, it is there."""

    code = "idempotency_race"


@dataclass(frozen=True, slots=True)
class ChildOf:
    """What a task that another one starts has from it; `input` is added to the child's own."""

    task_id: UUID
    parent_task_id: UUID
    root_task_id: UUID
    depth: int
    queue: str
    priority: int
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked of an agent; `kind` is chat or agent."""

    kind: str
    agent_id: UUID
    messages: list[Message]
    session_id: UUID | None
    model: str | None
    metadata: dict[str, Any]
    idempotency_key: str | None = None
    new_session_id: UUID | None = None
    child_of: ChildOf | None = None


async def submit(state: State, turn: Turn, *, actor: Principal) -> TaskRow:
    """Queue the turn and wake a worker; with a known idempotency key the task of the first time."""
    for attempt in range(_TRIES):
        try:
            async with state.database.transaction() as connection:
                task, _ = await submit_turn(connection, turn, actor=actor)
        except IdempotencyRace:
            if attempt == _TRIES - 1:
                raise
        else:
            await state.waker.wake(INTERACTIVE_QUEUE)
            return task
    raise AssertionError("unreachable")


async def submit_turn(
    connection: Connection, turn: Turn, *, actor: Principal
) -> tuple[TaskRow, bool]:
    """Queue the turn; the task, and whether it is new (not a repeated idempotency key).

    Raises NotFound for an unknown agent or session, WrongState for another agent's session.
    """
    if turn.idempotency_key is not None:
        known = await queries.find_by_idempotency_key(
            connection, turn.idempotency_key, key_id=actor.key_id
        )
        if known is not None:
            return known, False
    await agents.hold_agent(connection, turn.agent_id)
    question = _question(turn.messages)
    session_id = await _open_session(connection, turn, actor=actor, title=question[:_TITLE_LENGTH])
    # Under this lock the tasks of a session are numbered in the order in which they commit.
    position = await stream_queries.lock_position(connection, session_id)
    task = _new_task(turn, session_id, actor=actor, after=position.reserved_to)
    if await queries.insert_task(connection, task) is None:
        raise IdempotencyRace("This Idempotency-Key is being used right now.")
    await session_queries.insert_message(
        connection,
        new_id(),
        session_id=session_id,
        task_id=task.id,
        role="user",
        content=question,
        tool_calls=[],
        last_event_id=None,
    )
    await audit.record(
        connection,
        actor=actor,
        action="task.submitted",
        subject_kind="task",
        subject_id=task.id,
        detail={"kind": turn.kind, "agent_id": str(turn.agent_id)},
    )
    stored = await queries.find_task(connection, task.id)
    if stored is None:
        raise LookupError("the task that was just stored is gone")
    return stored, True


def _new_task(turn: Turn, session_id: UUID, *, actor: Principal, after: int) -> NewTask:
    link = turn.child_of
    return NewTask(
        id=new_id() if link is None else link.task_id,
        kind=turn.kind,
        queue=INTERACTIVE_QUEUE if link is None else link.queue,
        stream_id=session_id,
        stream_after=after,
        session_id=session_id,
        agent_id=turn.agent_id,
        pod_id=None,
        pod_name=None,
        key_id=actor.key_id,
        user_input=_question(turn.messages),
        input={
            "messages": [
                message.model_dump(mode="json", exclude_defaults=True) | {"role": message.role}
                for message in turn.messages
            ],
            "model": turn.model,
            **({} if link is None else link.input),
        },
        metadata=turn.metadata,
        goal_id=None,
        idempotency_key=turn.idempotency_key,
        parent_task_id=None if link is None else link.parent_task_id,
        root_task_id=None if link is None else link.root_task_id,
        depth=0 if link is None else link.depth,
        priority=0 if link is None else link.priority,
    )


async def _open_session(
    connection: Connection, turn: Turn, *, actor: Principal, title: str
) -> UUID:
    wanted = turn.session_id or turn.new_session_id
    session = wanted and await session_queries.find_session(connection, wanted)
    if turn.session_id is None and session is None:
        session_id = wanted or new_id()
        try:
            await stream_queries.create_stream(connection, session_id, kind="session")
        except asyncpg.UniqueViolationError as error:
            raise IdempotencyRace("That session is being opened right now.") from error
        await session_queries.insert_session(
            connection,
            session_id,
            agent_id=turn.agent_id,
            kind=turn.kind,
            key_id=actor.key_id,
            title=title,
        )
        return session_id
    if session is None or (actor.kind == "key" and session.key_id != actor.key_id):
        raise NotFound(f"There is no session {wanted}.", code="unknown_session")
    if session.agent_id != turn.agent_id:
        raise WrongState("That session belongs to another agent.", code="other_agent")
    await session_queries.touch_session(connection, session.id, title=title)
    return session.id


def fresh_messages(messages: list[Message]) -> list[Message]:
    """Those after the last answer: what a client adds that sends its whole history each time."""
    for index in range(len(messages) - 1, -1, -1):
        if messages[index].role == "assistant":
            return messages[index + 1 :]
    return messages


def _question(messages: list[Message]) -> str:
    texts = [message.text() for message in fresh_messages(messages) if message.role == "user"]
    question = "\n\n".join(text for text in texts if text.strip())
    if not question:
        raise Invalid("The last message must be the user's and have text.", code="no_question")
    return question
