"""Refuses JSON bodies that Python's parser takes and nothing behind it can hold.

These are lone surrogates (no UTF-8, so neither PostgreSQL nor an answer takes them), NaN and
Infinity (no JSON at all, RFC 8259), and encodings other than UTF-8.
"""

import json
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.errors import BadRequest, Invalid

# Possessive, so that each byte is looked at once, however the body is made.
_WITHOUT_LONE_SURROGATE = re.compile(
    rb"""(?:[^\\]++
    |\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
    |\\(?!u[dD][89a-fA-F]).
    )*+""",
    re.DOTALL | re.VERBOSE,
)
_UP_TO_A_CONSTANT = re.compile(rb'(?:[^"NI]++|"(?:[^"\\]++|\\.)*+"?)*+', re.DOTALL)


class JsonBodyMiddleware:
    """Reads a JSON body whole before the app sees it, and raises BadRequest or Invalid for a hopeless one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_json(Headers(scope=scope).get("Content-Type", "")):
            await self._app(scope, receive, send)
            return
        whole = [await _whole(receive)]
        check_json(whole[0].get("body", b""))

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)


def check_json(body: bytes) -> None:
    """Raises BadRequest or Invalid for what is named above; other mistakes are left to the parser."""
    if json.detect_encoding(body) not in {"utf-8", "utf-8-sig"}:
        raise BadRequest("The body is not UTF-8.", code="malformed_json")
    if b"\\u" in body and _reach(_WITHOUT_LONE_SURROGATE, body) < len(body):
        raise Invalid("The body's text holds half a surrogate pair.", code="validation_failed")
    end = _reach(_UP_TO_A_CONSTANT, body) if b"NaN" in body or b"Infinity" in body else len(body)
    if body[end:].startswith((b"NaN", b"Infinity")):
        raise BadRequest("JSON has no NaN and no Infinity.", code="malformed_json")


def _reach(pattern: re.Pattern[bytes], body: bytes) -> int:
    match = pattern.match(body)
    return 0 if match is None else match.end()


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("application/") and kind.endswith(("/json", "+json"))


async def _whole(receive: Receive) -> Message:
    """The body as one message, or the disconnect that came instead of its rest."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return {"type": "http.request", "body": b"".join(parts), "more_body": False}
