"""Whose connection it is, as the headers under which the orchestrator is asked."""

from starlette.websockets import WebSocket

from services.chat_api.deps import State
from services.kit import session_tokens
from services.kit.auth import ADMIN_HEADER, CSRF_HEADER, KEY_HEADER, SESSION_COOKIE
from services.kit.clients.orchestrator import Credential
from services.kit.errors import Unauthenticated
from services.kit.http import PeerError

_UNAUTHENTICATED = 401


def offered_credential(socket: WebSocket, state: State) -> Credential | None:
    """What came with the request: `?token=`, a header, or the dashboard's session; None if nothing."""
    if token := socket.query_params.get("token"):
        return token_credential(token)
    for name in (ADMIN_HEADER, "Authorization", KEY_HEADER):
        if value := socket.headers.get(name):
            return {name: value}
    return _session_credential(socket.cookies.get(SESSION_COOKIE), state)


def token_credential(token: str) -> Credential:
    """An API key, or the admin secret in its place."""
    return {KEY_HEADER: token}


async def check(credential: Credential, state: State) -> None:
    """Raises Unauthenticated for a worthless credential, PeerDown if that cannot be known now."""
    if not all(value.isprintable() and value.isascii() for value in credential.values()):
        raise Unauthenticated("The token is malformed.")
    try:
        await state.orchestrator.validate(credential)
    except PeerError as error:
        if error.peer_status == _UNAUTHENTICATED:
            raise Unauthenticated(error.detail, code=error.code) from error
        raise


def _session_credential(cookie: str | None, state: State) -> Credential | None:
    """The cookie with its CSRF token: the middleware has checked that the page is our own."""
    if cookie is None:
        return None
    secret_key = state.settings.nova_secret_key.get_secret_value()
    session = session_tokens.read_session_token(secret_key, cookie)
    if session is None:
        return None
    return {
        "Cookie": f"{SESSION_COOKIE}={cookie}",
        CSRF_HEADER: session_tokens.csrf_token(secret_key, session),
    }
