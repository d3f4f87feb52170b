"""One client's connection after its authentication: what it says and what that leads to."""

import asyncio
import hashlib
from typing import assert_never
from uuid import UUID

import orjson
from starlette.websockets import WebSocket

from contracts.chat import (
    ChatRequest,
    Message,
    SocketAuth,
    SocketCancel,
    SocketMessage,
    SocketPing,
    SocketResume,
    SocketUser,
)
from services.chat_api.deps import State
from services.chat_api.sessions.followed import FollowedSessions
from services.chat_api.sessions.messages import parse
from services.chat_api.sessions.socket import CLOSE_UNAUTHENTICATED, receive
from services.chat_api.stream.translation import SocketAnswer
from services.kit.clients.orchestrator import Credential, SubmittedTurn
from services.kit.errors import LimitExceeded, NovaError, WrongState
from services.kit.http import PeerDown, PeerError
from services.kit.ids import new_id
from services.kit.supervision import Supervisor

_MOST_WAITING = 32  # messages that the orchestrator has not taken yet
_SUBMIT_SECONDS = 30.0
_SUBMIT_PAUSE = 0.5
_UNAUTHENTICATED, _UNKNOWN = 401, 404


class Connection:
    """Messages are taken as they come; turns are submitted in their order; sessions are read beside
    that. Everything ends with the connection, except the turns themselves.
    """

    def __init__(
        self, socket: WebSocket, state: State, credential: Credential, *, work: Supervisor
    ) -> None:
        self._socket = socket
        self._orchestrator = state.orchestrator
        self._credential = credential
        self._session_id = new_id()  # where a message without a session goes
        self._is_new = True
        self._waiting: asyncio.Queue[SocketUser | SocketCancel] = asyncio.Queue(_MOST_WAITING)
        self._writing = asyncio.Lock()
        self._refused = asyncio.Event()
        self._work = work
        self._sessions = FollowedSessions(
            self._orchestrator, credential, send=self._send, complain=self._complain, work=work
        )
        work.start(self._work_off(), name="submitter")

    async def run(self) -> None:
        """Returns when the client has gone, or closes the connection when its credential fails."""
        await self._send({"type": "system", "session_id": str(self._session_id)})
        listening = self._work.start(self._listen(), name="listener")
        refused = self._work.start(self._refused.wait(), name="refusal")
        await asyncio.wait({listening, refused}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            # The server closes nothing while it is still being asked for the next message.
            listening.cancel()
            await asyncio.wait({listening})
            await self._socket.close(CLOSE_UNAUTHENTICATED, "The credential is no longer valid.")

    async def _listen(self) -> None:
        while (raw := await receive(self._socket)) is not None:
            try:
                await self._take(parse(raw))
            except NovaError as error:
                await self._complain(error)

    async def _take(self, message: SocketMessage) -> None:
        match message:
            case SocketUser() | SocketCancel():
                try:
                    self._waiting.put_nowait(message)
                except asyncio.QueueFull as error:
                    raise LimitExceeded("Too many messages are waiting.") from error
            case SocketResume(session_id=session_id, after=after):
                self._use(session_id)
                await self._sessions.resume(session_id, after=after)
            case SocketPing():
                await self._send({"type": "pong"})
            case SocketAuth():
                raise WrongState("The connection is authenticated already.")
            case _:
                assert_never(message)

    def _use(self, session_id: UUID) -> None:
        if session_id != self._session_id:
            self._session_id, self._is_new = session_id, False

    async def _work_off(self) -> None:
        while True:
            message = await self._waiting.get()
            try:
                if isinstance(message, SocketUser):
                    await self._submit(message)
                else:
                    await self._cancel()
            except NovaError as error:
                told = message.client_msg_id if isinstance(message, SocketUser) else None
                await self._complain(error, client_msg_id=told)

    async def _submit(self, message: SocketUser) -> None:
        if message.session_id is not None:
            self._use(message.session_id)
        request = ChatRequest(
            messages=[Message(role="user", content=message.content)],
            new_session_id=self._session_id,
        )
        turn = await self._submit_surely(request, self._idempotency_key(message))
        accepted = {"type": "system", "session_id": str(turn.session_id), "status": "accepted"}
        told = {"task_id": str(turn.task_id), "client_msg_id": message.client_msg_id}
        await self._send({**accepted, **told})
        self._sessions.follow(turn, is_new_session=self._is_new)
        self._is_new = False

    def _idempotency_key(self, message: SocketUser) -> str:
        """The client's own id counts within its session; without one, for this sending alone."""
        name = message.client_msg_id or str(new_id())
        digest = hashlib.sha256(name.encode(errors="replace")).hexdigest()
        return f"chat-{self._session_id}-{digest}"

    async def _submit_surely(self, request: ChatRequest, key: str) -> SubmittedTurn:
        """Tries until the orchestrator is back: the key makes a second try harmless."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _SUBMIT_SECONDS
        while True:
            try:
                return await self._orchestrator.submit(
                    request, self._credential, idempotency_key=key
                )
            except PeerDown:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_SUBMIT_PAUSE)

    async def _cancel(self) -> None:
        try:
            session = await self._orchestrator.session(self._session_id, self._credential)
        except PeerError as error:
            if error.peer_status != _UNKNOWN:
                raise
            running = None
        else:
            running = session.running_task_id
        if running is None:
            raise WrongState("No turn is running.", code="nothing_to_cancel")
        await self._orchestrator.cancel(running, self._credential)

    async def _send(self, answer: SocketAnswer) -> None:
        async with self._writing:
            await self._socket.send_text(orjson.dumps(answer).decode())

    async def _complain(self, error: NovaError, *, client_msg_id: str | None = None) -> None:
        answer: SocketAnswer = {"type": "error", "content": error.detail, "code": error.code}
        if client_msg_id is not None:
            answer["client_msg_id"] = client_msg_id
        await self._send(answer)
        if isinstance(error, PeerError) and error.peer_status == _UNAUTHENTICATED:
            self._refused.set()
