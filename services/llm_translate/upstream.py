"""The way to the providers: one aiohttp session, without a limit of its own and without cookies."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import certifi

from services.kit.errors import DependencyDown
from services.llm_translate.failures import LOWEST_ERROR, answered_with, lost, unreachable

_CONNECT_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 60.0
_READ_BUFFER = 256 * 1024
_LONGEST_ERROR = 64 * 1024
_LOWEST_STATUS = 200
_DRAIN_SECONDS = 0.25
_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as the provider wants it; the credential is in its headers, never in its URL."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Upstream:
    """Enter it in the app's lifespan. Every method raises Failure."""

    def __init__(self, *, silence_seconds: float) -> None:
        self._silence_seconds = silence_seconds
        self._open: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        trusted = ssl.create_default_context()
        trusted.load_verify_locations(certifi.where())  # a small image has no store of its own
        self._open = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS, ssl=trusted
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            read_bufsize=_READ_BUFFER,
            # Small pieces are not worth packing; what comes packed all the same is unpacked.
            headers={"Accept-Encoding": "identity"},
            skip_auto_headers=("User-Agent",),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=_CONNECT_SECONDS, sock_read=self._silence_seconds
            ),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open is not None:
            await self._open.close()
            self._open = None

    async def read(self, request: Outgoing) -> bytes:
        """The whole of a good answer."""
        async with self.answer(request) as response:
            return await response.read()

    @asynccontextmanager
    async def answer(self, request: Outgoing) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """A good answer, its body unread. The connection is closed unless that is read whole."""
        if self._open is None:
            raise DependencyDown("llm-translate is starting.")
        try:
            response = await self._open.post(
                request.url, data=request.body, headers=request.headers, allow_redirects=False
            )
            try:
                if not _LOWEST_STATUS <= response.status < LOWEST_ERROR:
                    content = await response.content.read(_LONGEST_ERROR)
                    raise answered_with(response.status, response.headers, content)
                yield response
            finally:
                response.close()
        except _BROKEN as error:
            if isinstance(error, _NEVER_SENT):
                raise unreachable(f"it can't be reached ({_reason(error)})") from error
            if isinstance(error, TimeoutError):
                raise lost("it stayed silent for too long") from error
            raise lost(f"the connection broke ({type(error).__name__})") from error


async def drain(response: aiohttp.ClientResponse) -> None:
    """Read the end of a body that has said all, so that its connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while await response.content.readany():
                pass


def _reason(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or type(error.os_error).__name__
    return type(error).__name__
