"""Reads one session for one client: every event after its place exactly once, whatever breaks."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from uuid import UUID

from services.chat_api.stream.translation import SocketAnswer, Translation
from services.kit.clients.orchestrator import Credential, NumberedEvent, OrchestratorClient
from services.kit.http import PeerDown

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0

Send = Callable[[SocketAnswer], Awaitable[None]]
"""Returns when the client's connection has taken the message: reading waits for writing."""


class SessionReader:
    """Follows a session as long as turns run in it.

    Without a place (`after` None) it begins where the turn begins that made it start.
    """

    def __init__(
        self,
        orchestrator: OrchestratorClient,
        session_id: UUID,
        credential: Credential,
        *,
        send: Send,
        after: int | None,
    ) -> None:
        self._orchestrator = orchestrator
        self._session_id = session_id
        self._credential = credential
        self._send = send
        self._after = after
        self._translation = Translation(session_id)
        self._again = False

    def expect_more(self) -> None:
        """A turn was submitted that the source now read may not know of."""
        self._again = True

    async def run(self, turn: UUID | None) -> None:
        """Passes events on until no turn runs. Raises PeerError if the orchestrator refuses."""
        pause = _FIRST_PAUSE
        while True:
            self._again = False
            place = self._after
            try:
                await self._pass_on(turn)
            except PeerDown:
                if self._after != place:
                    pause = _FIRST_PAUSE
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            # The first turn's own events end with it; more turns may have come in meanwhile.
            if not self._again:
                break
        idle = {"type": "system", "status": "idle"}
        await self._send({**idle, "session_id": str(self._session_id), "seq": self._after or 0})

    async def _pass_on(self, turn: UUID | None) -> None:
        async with aclosing(self._source(turn)) as events:
            async for numbered in events:
                if self._after is not None and numbered.id <= self._after:
                    continue
                answer = self._translation.of(numbered)
                if answer is not None:
                    await self._send(answer)
                self._after = numbered.id

    def _source(self, turn: UUID | None) -> AsyncGenerator[NumberedEvent, None]:
        if self._after is None and turn is not None:
            return self._orchestrator.task_events(turn, self._credential)
        return self._orchestrator.session_events(
            self._session_id, self._credential, after=self._after or 0
        )
