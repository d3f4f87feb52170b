"""One HTTP/1.1 connection to a provider, on asyncio's transports with llhttp as its parser.

It carries one request after the other. aiohttp's client does the same at five times the processor
time (decision in ARCHITECTURE.md), so it is left the short calls beside the hot path.
"""

import asyncio
from collections.abc import Mapping
from typing import cast

import httptools

from services.llm_gateway.upstream.headers import Headers

_HIGH_WATER = 256 * 1024
_MOST_HEADERS = 128
_LONGEST_ANSWER = 128 * 1024 * 1024
_FIRST_FINAL_STATUS = 200


class BrokenError(ConnectionError):
    """The connection ended, or what came is no HTTP, before the answer was whole."""


class SilentError(TimeoutError):
    """Nothing came for longer than is allowed."""


class Connection(asyncio.Protocol):
    """`sent`: a request has gone out and its answer has not ended."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._paused = False
        self._is_kept = False
        self.sent = False
        self.last_use = self._loop.time()
        self._forget()

    def _forget(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._size = 0
        self._taken = 0
        self._raw_headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.ended = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.last_use = self._loop.time()
        if not self.sent:
            self.close()  # a server that speaks without being asked
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(BrokenError(f"what came is no HTTP ({error})"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.sent or self.ended:
            return
        if exc is None and self.status and self._ends_with_connection:
            self.on_message_complete()
        else:
            self._fail(BrokenError("the server closed the connection"))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._raw_headers) >= _MOST_HEADERS:
            raise BrokenError("the answer has too many headers")
        self._raw_headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < _FIRST_FINAL_STATUS:
            self._raw_headers = []
            return
        self.status = status
        self._wake()

    def on_body(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _HIGH_WATER and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def on_message_complete(self) -> None:
        if not self.status:
            return  # 100 Continue, 103 Early Hints
        self._is_kept = self._parser.should_keep_alive()
        self.ended = True
        self._wake()

    # What a call does with it.

    def send(self, request: bytes) -> None:
        self.sent = True
        self.last_use = self._loop.time()
        self._transport.write(request)

    async def answered(self) -> None:
        """Wait for the headers. Raises BrokenError or SilentError, as all here."""
        while not self.status:
            await self._news()

    async def read(self) -> bytes:
        """All of the body that has not been read."""
        while not self.ended:
            if self._paused:
                self._resume()
            if self._size > _LONGEST_ANSWER:
                raise BrokenError("the answer is too long")
            await self._news()
        return self._take()

    async def some(self) -> bytes:
        """What has come; b"" at the end, and after a `tick` while nothing has."""
        if not self._pieces and not self.ended:
            await self._news()
        return self._take()

    @property
    def headers(self) -> Mapping[str, str]:
        return Headers(self._raw_headers)

    @property
    def is_reusable(self) -> bool:
        return self.ended and self._is_kept and not self._transport.is_closing()

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def reuse(self) -> None:
        """Make it ready for the next request."""
        self.sent = False
        self.last_use = self._loop.time()
        self._forget()
        self._resume()

    def close(self) -> None:
        self._transport.abort()

    def tick(self) -> None:
        """Wake a reader that waits, so that it can send a heartbeat or see its deadline."""
        self._wake()

    def give_up(self) -> None:
        """It has been silent for too long."""
        self._fail(SilentError("it stayed silent for too long"))

    @property
    def _ends_with_connection(self) -> bool:
        headers = self.headers
        return "content-length" not in headers and "transfer-encoding" not in headers

    def _take(self) -> bytes:
        pieces = self._pieces
        if not pieces:
            return b""
        self._pieces, self._size = [], 0
        if self._paused:
            self._resume()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    async def _news(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
        if self._error is not None and not self._pieces:
            raise self._error

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        self._wake()
        self.close()
