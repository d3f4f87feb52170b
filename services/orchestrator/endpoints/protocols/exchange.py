"""One bounded HTTP exchange with an external agent: deadline, size, no redirect, no token elsewhere."""

import asyncio
from typing import Any

import aiohttp
import orjson
from yarl import URL

from services.kit.http_pool import NEVER_SENT, HttpPool
from services.orchestrator.endpoints.protocols.base import (
    Forgotten,
    NotSent,
    Refused,
    RemoteError,
    Target,
    Unclear,
)

_LARGEST_ANSWER = 4 << 20
_SECONDS = 30.0
_SHOWN = 300
_CONNECT_SECONDS = 5.0
_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404
_REDIRECT = 300
_ERROR = 400


async def exchange(
    pool: HttpPool,
    target: Target,
    method: str,
    url: str,
    *,
    body: Any = None,
    headers: dict[str, str] | None = None,
    seconds: float = _SECONDS,
) -> Any:
    """The answer's JSON. Raises NotSent, Unclear, Forgotten (404) or RemoteError (an error status,
    a redirect, too much, no JSON).
    """
    sent = {"Accept": "application/json", **(headers or {})}
    if target.token is not None:
        sent["Authorization"] = f"Bearer {target.token}"
    if body is not None:
        sent["Content-Type"] = "application/json"
    try:
        async with asyncio.timeout(seconds):
            status, content = await _receive(
                pool,
                method,
                url,
                content=None if body is None else orjson.dumps(body),
                headers=sent,
                seconds=seconds,
            )
    except NEVER_SENT as error:
        raise NotSent(f"{target.name} can't be reached ({type(error).__name__}).") from error
    except TimeoutError as error:
        raise Unclear(f"{target.name} did not answer within {seconds:g} seconds.") from error
    except aiohttp.ClientError as error:
        raise Unclear(f"{target.name} broke off ({type(error).__name__}).") from error
    return _content(target, status, content)


async def _receive(
    pool: HttpPool,
    method: str,
    url: str,
    *,
    content: bytes | None,
    headers: dict[str, str],
    seconds: float,
) -> tuple[int, bytes]:
    try:
        address = URL(url)
    except ValueError as error:
        raise NotSent(f"{url[:_SHOWN]!r} is no address: {error}") from error
    answer = await pool.send(
        method,
        address,
        content=content,
        headers=headers,
        connect_seconds=_CONNECT_SECONDS,
        read_seconds=seconds,
    )
    async with answer as response:
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise RemoteError(f"The answer is larger than {_LARGEST_ANSWER >> 20} MiB.")
            parts.append(part)
        return response.status, b"".join(parts)


def _content(target: Target, status: int, content: bytes) -> Any:
    if _REDIRECT <= status < _ERROR:
        raise RemoteError(f"{target.name} redirects; give the endpoint the address it leads to.")
    if status in _REFUSED:
        raise Refused(f"{target.name} refuses the credential ({status}).")
    shown = content[:_SHOWN].decode(errors="replace").strip()
    if status == _NOT_FOUND:
        raise Forgotten(f"{target.name} answered 404: {shown}")
    if status >= _ERROR:
        raise RemoteError(f"{target.name} answered {status}: {shown}")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise RemoteError(f"{target.name} answered no JSON: {shown}") from error
