"""A provider's answer while it is read."""

import asyncio
from collections.abc import Mapping

from services.kit.supervision import Supervisor
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.upstream.connection import BrokenError, Connection, SilentError
from services.llm_gateway.upstream.pool import Place, Pool

LOST = (BrokenError, SilentError)
"""What a Connection raises: it is not known what became of the call."""

_END_SECONDS = 0.5


class Reply:
    """A good answer whose headers have come. Its reader ends with `leave` or `close`."""

    __slots__ = ("_connection", "_endings", "_place", "_pool", "_slug")

    def __init__(
        self, pool: Pool, endings: Supervisor, slug: str, place: Place, connection: Connection
    ) -> None:
        self._pool = pool
        self._endings = endings
        self._slug = slug
        self._place = place
        self._connection = connection

    @property
    def status(self) -> int:
        return self._connection.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._connection.headers

    @property
    def ended(self) -> bool:
        return self._connection.ended

    async def read(self) -> bytes:
        """The rest of the body."""
        try:
            return await self._connection.read()
        except LOST as error:
            raise lost(self._slug, error) from error

    async def some(self) -> bytes:
        """What has come; b"" at the end (`ended`), or after some seconds in which nothing came."""
        try:
            return await self._connection.some()
        except LOST as error:
            raise lost(self._slug, error) from error

    def leave(self) -> None:
        """Give the connection back: its answer has ended, or is about to."""
        if self._connection.ended:
            self._pool.give_back(self._place, self._connection)
        else:
            # The end mark of an answer often comes a packet before the end of its transfer.
            self._endings.start(self._read_out(), name="end of an answer")

    def close(self) -> None:
        """Let the provider know that nobody reads on."""
        self._connection.close()
        self._pool.give_back(self._place, self._connection)

    async def _read_out(self) -> None:
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._connection.read()
        except (*LOST, TimeoutError):
            self._connection.close()
        finally:
            self._pool.give_back(self._place, self._connection)


def lost(slug: str, error: Exception) -> UpstreamError:
    """What became of the call is not known."""
    said = str(error) if isinstance(error, SilentError) else f"the connection broke ({error})"
    return UpstreamError(slug, 0, said, reply_lost=True)
