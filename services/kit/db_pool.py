"""The database connections of a process: made when they are needed, kept while they are used.

asyncpg's own pool takes three times as long to lend a connection as a small statement takes to run:
a proxy, a task and two time-outs for each. The statements of a task are many and small.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]
else:  # generic in the stubs only
    Connection = asyncpg.Connection

_WAIT_SECONDS = 10.0


class ConnectionPool:
    """At most `size` connections; one that nobody uses for `idle_seconds` is closed.

    The one that was used last is lent first, so that as few as possible stay open.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], *, size: int, idle_seconds: float
    ) -> None:
        self._connect = connect
        self._idle_seconds = idle_seconds
        self._room = asyncio.Semaphore(size)
        self._lent: set[Connection] = set()
        self._free: list[tuple[Connection, float]] = []
        self._looking: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def take(self) -> Connection:
        """A connection, to be given back. Raises TimeoutError when none gets free for long, and
        whatever connecting raises.
        """
        if self._room.locked():
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._room.acquire()
        else:
            await self._room.acquire()
        try:
            connection = self._kept() or await self._connect()
        except BaseException:
            self._room.release()
            raise
        self._lent.add(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Nobody leaves anything in a session but, cut off in the middle, a transaction."""
        self._lent.discard(connection)
        self._room.release()
        if connection.is_closed():
            return
        if self._is_closed or connection.is_in_transaction():
            connection.terminate()
            return
        loop = asyncio.get_running_loop()
        self._free.append((connection, loop.time()))
        if self._looking is None:
            self._looking = loop.call_later(self._idle_seconds, self._close_idle)

    def close(self) -> None:
        """End all of them, also those that are lent."""
        self._is_closed = True
        if self._looking is not None:
            self._looking.cancel()
        for connection in [*self._lent, *(connection for connection, _ in self._free)]:
            connection.terminate()
        self._free.clear()

    def _kept(self) -> Connection | None:
        while self._free:
            connection, _ = self._free.pop()
            if not connection.is_closed():
                return connection
        return None

    def _close_idle(self) -> None:
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._idle_seconds
        # Lent from the end, the longest unused come first.
        while self._free and (self._free[0][1] <= oldest or self._free[0][0].is_closed()):
            self._free.pop(0)[0].terminate()
        wait = self._free[0][1] - oldest if self._free else None
        self._looking = None if wait is None else loop.call_later(wait, self._close_idle)
