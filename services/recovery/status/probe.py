"""Asks the services' health routes, all at once and with a short limit."""

import asyncio
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ValidationError

from contracts.health import Readiness

PROBE_SECONDS = 1.5
_LONGEST_ANSWER = 64 * 1024

State = Literal["up", "starting", "down"]


@dataclass(frozen=True, slots=True)
class Health:
    """`state` is one word for a screen, `text` the service's own words."""

    state: State
    text: str


async def probe_all(urls: dict[str, str]) -> dict[str, Health]:
    """Every service's health; takes PROBE_SECONDS at most, however many hang."""
    found = await asyncio.gather(*(probe(url) for url in urls.values()))
    return dict(zip(urls, found, strict=True))


async def probe(url: str) -> Health:
    """One service's readiness. Any failure to answer is an answer here."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            answer = await _get(f"{url}/health/ready")
    except TimeoutError:
        return Health("down", f"no answer within {PROBE_SECONDS} s")
    except OSError:
        return Health("down", "not reachable")
    body = answer.partition(b"\r\n\r\n")[2]
    try:
        readiness = Readiness.model_validate_json(body)
    except ValidationError:
        status_line = answer.partition(b"\r\n")[0].decode("latin-1")
        return Health("down", f"unexpected answer: {status_line[:100]}")
    reasons = [f"{name}: {text}" for name, text in readiness.checks.items() if text != "ok"]
    text = "; ".join([readiness.status, *reasons])
    return Health("starting" if readiness.status == "starting" else "up", text)


async def probe_port(url: str) -> Health:
    """Whether anybody accepts connections at the URL's host and port."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 6379)
    except TimeoutError:
        return Health("down", f"no answer within {PROBE_SECONDS} s")
    except OSError:
        return Health("down", "not reachable")
    writer.close()
    return Health("up", "accepts connections")


async def _get(url: str) -> bytes:
    """One GET over a fresh connection. By hand: an HTTP client would be a seventh of this
    process's memory, for a request to our own services that never varies.
    """
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write(f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode("latin-1"))
        await writer.drain()
        return await reader.read(_LONGEST_ANSWER)
    finally:
        writer.close()
