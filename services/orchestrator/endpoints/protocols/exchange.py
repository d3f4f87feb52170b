"""One bounded HTTP exchange with an external agent: deadline, size, no redirect, no token elsewhere."""

import asyncio
from typing import Any

import httpx
import orjson

from services.kit.http import HttpClient
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
_TIMEOUT = httpx.Timeout(None, connect=5.0, pool=10.0)
_REFUSED = frozenset({401, 403})
_NOT_FOUND = 404
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


async def exchange(
    client: HttpClient,
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
                client,
                method,
                url,
                content=None if body is None else orjson.dumps(body),
                headers=sent,
            )
    except _NOT_SENT as error:
        raise NotSent(f"{target.name} can't be reached ({type(error).__name__}).") from error
    except TimeoutError as error:
        raise Unclear(f"{target.name} did not answer within {seconds:g} seconds.") from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise Unclear(f"{target.name} broke off ({type(error).__name__}).") from error
    except httpx.InvalidURL as error:
        raise NotSent(f"{target.name}: {error}") from error
    return _content(target, status, content)


async def _receive(
    client: HttpClient, method: str, url: str, *, content: bytes | None, headers: dict[str, str]
) -> tuple[int, bytes]:
    async with client.stream(
        method, url, content=content, headers=headers, follow_redirects=False, timeout=_TIMEOUT
    ) as response:
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise RemoteError(f"The answer is larger than {_LARGEST_ANSWER >> 20} MiB.")
            parts.append(part)
        return response.status_code, b"".join(parts)


def _content(target: Target, status: int, content: bytes) -> Any:
    if httpx.codes.is_redirect(status):
        raise RemoteError(f"{target.name} redirects; give the endpoint the address it leads to.")
    if status in _REFUSED:
        raise Refused(f"{target.name} refuses the credential ({status}).")
    shown = content[:_SHOWN].decode(errors="replace").strip()
    if status == _NOT_FOUND:
        raise Forgotten(f"{target.name} answered 404: {shown}")
    if httpx.codes.is_error(status):
        raise RemoteError(f"{target.name} answered {status}: {shown}")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise RemoteError(f"{target.name} answered no JSON: {shown}") from error
