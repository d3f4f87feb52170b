"""All that the gateway sends to providers."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from services.kit.errors import DependencyDown
from services.kit.supervision import Supervisor
from services.llm_gateway.errors import ProviderDown, UpstreamError
from services.llm_gateway.providers.base import Endpoint, JsonDict
from services.llm_gateway.telemetry import trace_headers
from services.llm_gateway.upstream.errors import TRANSPORT_ERRORS, status_error, transport_error
from services.llm_gateway.upstream.events import EventSplitter
from services.llm_gateway.upstream.pool import Place, Pool, UnreachableError
from services.llm_gateway.upstream.reply import LOST, Reply, lost

_ERROR_STATUS = 300  # a redirect is no answer: it would take the key elsewhere
_DONE = b"[DONE]"
_SHORT_CALL_SECONDS = 3.0
_CONNECT_SECONDS = 5.0
_READ_BUFFER = 256 * 1024
_LONGEST_ERROR = 64 * 1024
_MOST_HEADS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A short answer, read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Upstream:
    """Enter it in the app's lifespan.

    Every method raises ProviderDown where nothing was sent, else UpstreamError. Long calls go over
    connections of its own (`pool`), the short ones and bodies that are sent as they come over
    aiohttp.
    """

    def __init__(self, *, silence_seconds: float = 600.0) -> None:
        self._silence_seconds = silence_seconds
        self.pool = Pool(silence_seconds=silence_seconds)
        self._endings = Supervisor()
        self._open: aiohttp.ClientSession | None = None
        self._heads: dict[int, tuple[Endpoint, Place, bytes]] = {}

    async def __aenter__(self) -> Self:
        self.pool.open()
        self._open = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self.pool.trusted),
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
        await self._endings.stop()
        self.pool.close()
        if self._open is not None:
            await self._open.close()
            self._open = None

    async def ask(self, slug: str, endpoint: Endpoint, body: bytes) -> Reply:
        """Send `body` and wait for a good answer's headers."""
        place, head = self._head(slug, endpoint)
        try:
            connection = await self.pool.take(place)
        except UnreachableError as error:
            raise ProviderDown(f"{slug} at {endpoint.url} can't be reached ({error}).") from error
        reply = Reply(self.pool, self._endings, slug, place, connection)
        try:
            connection.send(b"%b%d\r\n%b\r\n%b" % (head, len(body), _trace_lines(), body))
            await connection.answered()
            if connection.status < _ERROR_STATUS:
                return reply
            content = await connection.read()
        except LOST as error:
            reply.close()
            if connection.status:  # that of an error says what the client needs to know
                raise status_error(slug, connection.status, connection.headers, b"") from error
            raise lost(slug, error) from error
        except BaseException:
            reply.close()
            raise
        failure = status_error(slug, connection.status, connection.headers, content)
        reply.leave()
        raise failure

    async def post(self, slug: str, endpoint: Endpoint, body: JsonDict | bytes) -> bytes:
        """The whole of a good answer."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        reply = await self.ask(slug, endpoint, data)
        try:
            content = await reply.read()
        except BaseException:
            reply.close()
            raise
        reply.leave()
        return content

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
        reply = await self.ask(slug, endpoint, body)
        try:
            yield _pieces(reply)
        except BaseException:
            reply.close()
            raise
        reply.leave()

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

    async def open(
        self, slug: str, endpoint: Endpoint, body: bytes | AsyncIterable[bytes]
    ) -> aiohttp.ClientResponse:
        """Send a body as it comes, and wait for a good answer's headers. The caller closes it."""
        headers = {
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            **trace_headers(),
            **endpoint.headers,
        }
        try:
            response = await self._session.post(
                endpoint.url, data=body, headers=headers, allow_redirects=False
            )
        except TRANSPORT_ERRORS as error:
            raise transport_error(slug, endpoint.url, error) from error
        if response.status < _ERROR_STATUS:
            return response
        try:
            content = await response.content.read(_LONGEST_ERROR)
        except TRANSPORT_ERRORS:
            content = b""  # its status says what the client needs to know
        finally:
            response.close()
        raise status_error(slug, response.status, response.headers, content)

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

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open is None:
            raise DependencyDown("The gateway is starting.")
        return self._open

    def _head(self, slug: str, endpoint: Endpoint) -> tuple[Place, bytes]:
        """A request's first lines up to its length; made once for an endpoint that is kept."""
        known = self._heads.get(id(endpoint))
        if known is not None and known[0] is endpoint:
            return known[1], known[2]
        try:
            place = Place.of(endpoint.url)
        except UnreachableError as error:
            raise ProviderDown(f"{slug} at {endpoint.url} can't be reached ({error}).") from error
        headers = {
            "Host": place.authority,
            # Bytes are passed on as they come, so they must come uncompressed.
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            **endpoint.headers,
        }
        lines = [f"POST {place.path} HTTP/1.1"]
        for name, value in headers.items():
            if "\n" in value or "\r" in value or not value.isascii():
                raise ProviderDown(f"{slug}: the header {name} has characters that no header has.")
            lines.append(f"{name}: {value}")
        head = ("\r\n".join(lines) + "\r\nContent-Length: ").encode()
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        self._heads[id(endpoint)] = (endpoint, place, head)
        return place, head


def _trace_lines() -> bytes:
    found = trace_headers()
    return (
        "".join(f"{name}: {value}\r\n" for name, value in found.items()).encode() if found else b""
    )


async def _pieces(reply: Reply) -> AsyncGenerator[bytes, None]:
    while True:
        piece = await reply.some()
        if piece:
            yield piece
        elif reply.ended:
            return
