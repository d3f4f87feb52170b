"""One aiohttp session a process: its pool has no limit of its own and keeps no cookies."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import certifi
import orjson

from services.kit.errors import DependencyDown
from services.kit.supervision import Supervisor
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import Endpoint, JsonDict
from services.llm_gateway.upstream.errors import TRANSPORT_ERRORS, status_error, transport_error
from services.llm_gateway.upstream.events import EventSplitter

_CONNECT_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 60.0
_READ_BUFFER = 256 * 1024
_ERROR_STATUS, _LOWEST_STATUS = 300, 200  # a redirect is no answer: it would take the key elsewhere
_LONGEST_ERROR = 64 * 1024
_DONE = b"[DONE]"
_SHORT_CALL_SECONDS = 3.0
_END_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """A short answer, read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Upstream:
    """Enter it in the app's lifespan.

    Every method raises ProviderDown where nothing was sent, else UpstreamError.
    """

    def __init__(self, *, silence_seconds: float = 600.0) -> None:
        self._silence_seconds = silence_seconds
        self._open: aiohttp.ClientSession | None = None
        self._endings = Supervisor()

    async def __aenter__(self) -> Self:
        trusted = ssl.create_default_context()
        trusted.load_verify_locations(certifi.where())  # a small image has no store of its own
        self._open = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS, ssl=trusted
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=_READ_BUFFER,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
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
            await self._endings.stop()
            await self._open.close()
            self._open = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            raise DependencyDown("The gateway is starting.")
        return self._open

    async def open(self, slug: str, endpoint: Endpoint, body: bytes) -> aiohttp.ClientResponse:
        """Send `body` and wait for a good answer's headers. The caller releases or closes it."""
        try:
            response = await self._session.post(
                endpoint.url, data=body, headers=_headers(endpoint), allow_redirects=False
            )
        except TRANSPORT_ERRORS as error:
            raise transport_error(slug, endpoint.url, error) from error
        if _LOWEST_STATUS <= response.status < _ERROR_STATUS:
            return response
        try:
            content = await response.content.read(_LONGEST_ERROR)
        except TRANSPORT_ERRORS:
            content = b""  # its status says what the client needs to know
        finally:
            response.close()
        raise status_error(slug, response.status, response.headers, content)

    async def post(self, slug: str, endpoint: Endpoint, body: JsonDict | bytes) -> bytes:
        """The whole of a good answer."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        response = await self.open(slug, endpoint, data)
        try:
            return await response.read()
        except TRANSPORT_ERRORS as error:
            raise transport_error(slug, endpoint.url, error) from error
        finally:
            response.release()

    async def events(
        self, slug: str, endpoint: Endpoint, body: JsonDict | bytes, *, end: bytes | None = _DONE
    ) -> AsyncGenerator[bytes, None]:
        """The data of each event of a good answer, up to the one that is `end`.

        UpstreamError too if the stream ends without it. With None, the end is the caller's to see.
        """
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        async with self.pieces(slug, endpoint, data) as pieces:
            splitter = EventSplitter()
            async for piece in pieces:
                for event in splitter.feed(piece):
                    if event == end:
                        return
                    yield event
        if end is not None:
            raise UpstreamError(slug, 0, "the stream ended before its end mark", reply_lost=True)

    @asynccontextmanager
    async def pieces(
        self, slug: str, endpoint: Endpoint, body: bytes
    ) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """A good answer's bytes, as they come in."""
        response = await self.open(slug, endpoint, body)
        try:
            yield _read(slug, endpoint.url, response)
        except BaseException:
            response.close()
            raise
        self.leave(response)

    def leave(self, response: aiohttp.ClientResponse) -> None:
        """Give the connection back, as its answer has ended or is about to."""
        if response.content.is_eof():
            response.release()
        else:
            # The end mark of an answer often comes a packet before the end of its transfer.
            self._endings.start(_read_out(response), name="end of an answer")

    async def get(
        self,
        slug: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = _SHORT_CALL_SECONDS,
    ) -> Answer:
        """A short answer of any status, for probes and lists."""
        return await self.request(slug, "GET", url, headers=headers, seconds=seconds)

    async def request(
        self,
        slug: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = _SHORT_CALL_SECONDS,
    ) -> Answer:
        """Any short request, its answer of any status."""
        wait = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, _CONNECT_SECONDS))
        given = {"Accept-Encoding": "identity", **(headers or {})}
        try:
            async with self._session.request(
                method, url, headers=given, data=body, timeout=wait, allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await response.read())
        except TRANSPORT_ERRORS as error:
            raise transport_error(slug, url, error) from error


async def _read(
    slug: str, url: str, response: aiohttp.ClientResponse
) -> AsyncGenerator[bytes, None]:
    try:
        while piece := await response.content.readany():
            yield piece
    except TRANSPORT_ERRORS as error:
        raise transport_error(slug, url, error) from error


async def _read_out(response: aiohttp.ClientResponse) -> None:
    try:
        async with asyncio.timeout(_END_SECONDS):
            while await response.content.readany():
                continue
    except TRANSPORT_ERRORS:
        pass
    finally:
        response.close()  # of one that has ended this changes nothing


def _headers(endpoint: Endpoint) -> dict[str, str]:
    # Bytes are passed on as they come, so they must come uncompressed.
    return {
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        **endpoint.headers,
    }
