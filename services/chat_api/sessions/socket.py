"""The WebSocket below the messages: receiving either kind of frame, and the close codes."""

from starlette.websockets import WebSocket

CLOSE_UNAUTHENTICATED = 4001
CLOSE_TRY_AGAIN = 1013  # RFC 6455's registry: try again later


async def receive(socket: WebSocket) -> str | bytes | None:
    """The next message, of a text or a binary frame; None when the client has gone."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return None
    text: str | None = message.get("text")
    return message.get("bytes", b"") if text is None else text
