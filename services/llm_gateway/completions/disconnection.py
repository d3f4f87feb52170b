"""Ends work whose client has gone: granian cancels a streaming answer then, but no plain handler."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from services.kit.errors import NovaError

T = TypeVar("T")

# Longer than llm-translate takes to start, shorter than a client's usual patience of 60 s.
FIRST_PIECE_SECONDS = 40.0


class ClientGone(NovaError):
    """Nobody reads this answer; the status is the one that nginx logs for it."""

    status = 499
    code = "client_gone"


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; when the client leaves, the work is cancelled and ClientGone raised."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone("The client closed the connection.")
        return working.result()
    finally:
        await _end(working, leaving)


async def begun(request: Request, pieces: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same pieces, after the first has come: an error before it still gets its status.

    After 40 s without one the answer begins all the same, so that heartbeats can be sent.
    """
    first = asyncio.ensure_future(_first(pieces))
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait(
            {first, leaving}, timeout=FIRST_PIECE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if leaving.done() and not first.done():
            raise ClientGone("The client closed the connection.")  # noqa: TRY301 - cleaned up below
        if first.done():
            first.result()
    except BaseException:
        await _end(first)
        await pieces.aclose()
        raise
    finally:
        await _end(leaving)
    return _chained(first, pieces)


async def _first(pieces: AsyncGenerator[T, None]) -> tuple[T, ...]:
    async for piece in pieces:
        return (piece,)
    return ()


async def _chained(
    first: "asyncio.Future[tuple[T, ...]]", pieces: AsyncGenerator[T, None]
) -> AsyncGenerator[T, None]:
    try:
        for piece in await first:
            yield piece
        async for piece in pieces:
            yield piece
    finally:
        await _end(first)
        await pieces.aclose()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _end(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
