"""The sessions that a connection follows, each by one reader at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from services.chat_api.stream.reader import Send, SessionReader
from services.kit.clients.orchestrator import Credential, OrchestratorClient, SubmittedTurn
from services.kit.errors import LimitExceeded, NovaError
from services.kit.supervision import Supervisor

_MOST_SESSIONS = 16

Complain = Callable[[NovaError], Awaitable[None]]


class FollowedSessions:
    """Readers by session; those that have nothing to read are kept for their place."""

    def __init__(
        self,
        orchestrator: OrchestratorClient,
        credential: Credential,
        *,
        send: Send,
        complain: Complain,
        work: Supervisor,
    ) -> None:
        self._orchestrator = orchestrator
        self._credential = credential
        self._send = send
        self._complain = complain
        self._work = work
        self._readers: dict[UUID, SessionReader] = {}
        self._running: dict[UUID, asyncio.Task[None]] = {}

    def follow(self, turn: SubmittedTurn, *, is_new_session: bool) -> None:
        """Read on until the turn has ended. Raises LimitExceeded."""
        reader = self._readers.get(turn.session_id)
        if reader is None:
            reader = self._add(turn.session_id, after=0 if is_new_session else None)
        if turn.session_id in self._running:
            reader.expect_more()
        else:
            self._start(turn.session_id, reader, turn.task_id)

    async def resume(self, session_id: UUID, *, after: int) -> None:
        """Begin again after a place that the client names. Raises LimitExceeded."""
        if (task := self._running.get(session_id)) is not None:
            task.cancel()
            await asyncio.wait({task})
        self._readers.pop(session_id, None)
        self._start(session_id, self._add(session_id, after=after), None)

    def _add(self, session_id: UUID, *, after: int | None) -> SessionReader:
        if len(self._readers) >= _MOST_SESSIONS:
            self._forget_an_idle_one()
        reader = SessionReader(
            self._orchestrator, session_id, self._credential, send=self._send, after=after
        )
        self._readers[session_id] = reader
        return reader

    def _forget_an_idle_one(self) -> None:
        for session_id in self._readers:
            if session_id not in self._running:
                del self._readers[session_id]
                return
        raise LimitExceeded(
            f"A connection may follow {_MOST_SESSIONS} running sessions; open another one.",
            code="too_many_sessions",
        )

    def _start(self, session_id: UUID, reader: SessionReader, turn: UUID | None) -> None:
        task = self._work.start(self._read(session_id, reader, turn), name="session reader")
        self._running[session_id] = task

    async def _read(self, session_id: UUID, reader: SessionReader, turn: UUID | None) -> None:
        try:
            await reader.run(turn)
        except NovaError as error:
            await self._complain(error)
        finally:
            del self._running[session_id]
