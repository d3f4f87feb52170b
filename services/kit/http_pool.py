"""The connections that a process keeps to others: one pool, every silence bounded, errors told apart."""

import asyncio
import select
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

_POOL_SECONDS = 10.0
_KEPT_SECONDS = 5.0
_TRIES = 4
# What aiohttp would say of itself: peers ask for none of it, and encoded answers cost more time
# than they save on the way between two processes.
_UNSAID = ("Accept", "Accept-Encoding", "User-Agent")


class ConnectionGone(aiohttp.ClientConnectionError):
    """The kept connection had ended before anything was sent on it."""


NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    ConnectionGone,
)
"""The errors after which a request has surely not been seen by anybody."""


class HttpPool:
    """Connections that open when they are first needed and are kept for a while.

    Args:
        connect_seconds: for each connection; a full pool is waited for some seconds more.
        read_seconds: bounds the silence between two pieces of an answer.
        connections: how many may be open at once.
    """

    def __init__(
        self,
        *,
        connect_seconds: float = 2.0,
        read_seconds: float = 60.0,
        connections: int = 200,
    ) -> None:
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._timeout = _timeout(connect_seconds, read_seconds)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        connect_seconds: float | None = None,
        read_seconds: float | None = None,
    ) -> aiohttp.ClientResponse:
        """The answer as soon as its head is there, to be read and left as a context manager.

        Left before its end, or cancelled, it closes its connection. Raises aiohttp.ClientError;
        reading may do that too.
        """
        timeout = self._timeout
        if connect_seconds is not None or read_seconds is not None:
            timeout = _timeout(
                connect_seconds or self._connect_seconds, read_seconds or self._read_seconds
            )
        if self._session is None:
            self._session = self._open()
        tries = 0
        while True:
            tries += 1
            try:
                return await self._session.request(
                    method,
                    url,
                    data=content,
                    headers=headers,
                    timeout=timeout,
                    allow_redirects=False,
                )
            except ConnectionGone:
                if tries == _TRIES:
                    raise
                await asyncio.sleep(0)  # the loop takes note of all that have ended

    def _open(self) -> aiohttp.ClientSession:
        # Not before a loop runs.
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=_KEPT_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            request_class=_Request,
            skip_auto_headers=_UNSAID,
            timeout=self._timeout,
        )


def _timeout(connect_seconds: float, read_seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None,
        connect=_POOL_SECONDS + connect_seconds,
        sock_connect=connect_seconds,
        sock_read=read_seconds,
    )


class _Request(aiohttp.ClientRequest):
    """Looks once more whether the peer has closed the connection, before anything is sent.

    The loop may not have come round to hearing of it; and afterwards nobody could tell whether the
    peer has seen the request.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        socket = None if conn.transport is None else conn.transport.get_extra_info("socket")
        if socket is not None:
            poll = select.poll()
            poll.register(socket.fileno(), select.POLLIN)
            # An answer that is there before its question can only be the end.
            if poll.poll(0):
                raise ConnectionGone("the peer had closed the connection")
        return await super().send(conn)
