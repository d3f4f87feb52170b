"""Connections to the services behind: they keep reading while they write.

httpcore's own backend reads only when asked. A service that refuses a large upload answers and
closes before it has read it all; by then the write has failed and the answer is lost with it.
Here the answer is already in memory, and a write that comes after it ends the upload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final, cast

import httpcore

_HIGH_WATER: Final = 256 * 1024


class _Socket(asyncio.Protocol):
    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received = bytearray()
        self.ended = False
        self.error: Exception | None = None
        self._changed = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:

        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.transport is not None and len(self.received) > _HIGH_WATER:
            self.transport.pause_reading()
        self._changed.set()

    def eof_received(self) -> None:
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _end(self, error: Exception | None) -> None:
        self.ended = True
        self.error = self.error or error
        self._changed.set()
        self._writable.set()

    async def readable(self) -> None:
        while not self.received and not self.ended:
            self._changed.clear()
            await self._changed.wait()

    async def writable(self) -> None:
        await self._writable.wait()

    def take(self, max_bytes: int) -> bytes:
        taken = bytes(self.received[:max_bytes])
        del self.received[:max_bytes]
        if self.transport is not None and not self.ended and len(self.received) <= _HIGH_WATER:
            self.transport.resume_reading()
        return taken


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, socket: _Socket, transport: asyncio.Transport) -> None:
        self._socket = socket
        self._transport = transport

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                await self._socket.readable()
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        if self._socket.received:
            return self._socket.take(max_bytes)
        if self._socket.error is not None:
            raise httpcore.ReadError(str(self._socket.error)) from self._socket.error
        return b""

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> None:
        if self._socket.ended or self._socket.received:
            raise httpcore.WriteError("the service has answered or closed already")
        self._transport.write(buffer)
        try:
            async with asyncio.timeout(timeout):
                await self._socket.writable()
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error

    async def aclose(self) -> None:
        self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return bool(self._socket.received) or self._socket.ended
        return None


class Backend(httpcore.AsyncNetworkBackend):
    """Plain TCP, nothing else: the services behind are reached over a trusted network."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del local_address, socket_options
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                transport, protocol = await loop.create_connection(_Socket, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return _Stream(protocol, transport)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
