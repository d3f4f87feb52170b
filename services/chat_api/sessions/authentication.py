"""Finds out who a new connection belongs to."""

import asyncio

import orjson
from starlette.websockets import WebSocket

from contracts.chat import SocketAuth
from services.chat_api.deps import State
from services.chat_api.sessions.credentials import check, offered_credential, token_credential
from services.chat_api.sessions.messages import parse
from services.chat_api.sessions.socket import CLOSE_TRY_AGAIN, CLOSE_UNAUTHENTICATED, receive
from services.kit.clients.orchestrator import Credential
from services.kit.errors import NovaError, Unauthenticated

_AUTH_SECONDS = 10.0


async def authenticate(socket: WebSocket, state: State) -> Credential | None:
    """The credential, or None after closing the connection, with the reason sent before."""
    try:
        credential = offered_credential(socket, state)
        if credential is None and not state.settings.require_auth:
            return {}
        if credential is None:
            credential = await _told_credential(socket)
            if credential is None:
                return None
        await check(credential, state)
    except NovaError as error:
        unauthenticated = isinstance(error, Unauthenticated)
        body = {"type": "error", "content": error.detail, "code": error.code}
        await socket.send_text(orjson.dumps(body).decode())
        code = CLOSE_UNAUTHENTICATED if unauthenticated else CLOSE_TRY_AGAIN
        await socket.close(code, error.detail[:100])
        return None
    return credential


async def _told_credential(socket: WebSocket) -> Credential | None:
    """From the first message; None if the client went before it sent one."""
    try:
        async with asyncio.timeout(_AUTH_SECONDS):
            raw = await receive(socket)
    except TimeoutError as error:
        raise Unauthenticated("No token came.", code="credential_missing") from error
    if raw is None:
        return None
    try:
        message = parse(raw)
    except NovaError as error:
        raise Unauthenticated(f"The first message must be auth. {error.detail}") from error
    if not isinstance(message, SocketAuth):
        raise Unauthenticated("The first message must be auth.", code="credential_missing")
    return token_credential(message.token)
