"""The route of the WebSocket."""

from fastapi import APIRouter, WebSocket

from services.chat_api.deps import StateDep
from services.chat_api.sessions.authentication import authenticate
from services.chat_api.sessions.connection import Connection
from services.kit.supervision import Supervisor

router = APIRouter()


@router.websocket("/ws/chat")
async def chat(socket: WebSocket, state: StateDep) -> None:
    await socket.accept()
    credential = await authenticate(socket, state)
    if credential is None:
        return
    async with Supervisor() as work:
        await Connection(socket, state, credential, work=work).run()
