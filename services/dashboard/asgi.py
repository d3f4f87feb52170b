"""ASGI's types, and the two ways this service answers: a whole response or one error."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The first value of a header; ASGI gives names in lower case."""
    return next((value for key, value in headers if key == name), None)


async def respond(
    send: Send, status: int, *, body: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


async def respond_json(
    send: Send,
    status: int,
    content: Mapping[str, object],
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    body = json.dumps(content).encode()
    await respond(
        send,
        status,
        body=body,
        headers=[
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ],
    )


async def respond_error(
    send: Send,
    status: int,
    *,
    code: str,
    detail: str,
    request_id: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """An error in the shape that every Nova service uses."""
    await respond_json(
        send,
        status,
        {"detail": detail, "code": code, "request_id": request_id},
        headers=[(b"x-request-id", request_id.encode()), *headers],
    )
