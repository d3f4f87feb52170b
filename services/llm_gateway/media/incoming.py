"""A request's body as it comes in, and the moment at which its client leaves."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import Request

from services.kit.errors import TooLarge
from services.llm_gateway.completions.disconnection import ClientGone

T = TypeVar("T")
_GONE = "The client closed the connection."


class Incoming:
    """One reader for both, since only one may ask for a request's messages."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._read = asyncio.Event()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body. Raises ClientGone if the client leaves in its middle."""
        while not self._read.is_set():
            message = await self._request.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone(_GONE)
            if not message.get("more_body", False):
                self._read.set()
            if body := message.get("body", b""):
                yield body

    async def whole(self) -> bytes:
        return b"".join([chunk async for chunk in self.chunks()])

    async def drain(self) -> None:
        """Read what is left of the body, which has its limit, and forget it."""
        with suppress(ClientGone, TooLarge):
            async for _ in self.chunks():
                continue

    async def while_there(self, work: Awaitable[T]) -> T:
        """The work's result; when the client leaves, the work is cancelled and ClientGone raised."""
        working = asyncio.ensure_future(work)
        leaving = asyncio.ensure_future(self._left())
        tasks: tuple[asyncio.Future[Any], ...] = (working, leaving)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise ClientGone(_GONE)
            return working.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _left(self) -> None:
        await self._read.wait()
        while (await self._request.receive())["type"] != "http.disconnect":
            continue
