"""Writes usage rows and settles reservations; what the database can't take now is kept for later."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import asyncpg
import orjson

from services.kit.db import Database
from services.kit.errors import DatabaseDown, Invalid
from services.kit.log import get_logger
from services.llm_gateway.limits import queries
from services.llm_gateway.limits.batching import Batches
from services.llm_gateway.limits.journal import Journal
from services.llm_gateway.limits.queries import UsageRow

_log = get_logger(__name__)
_MOST_KEPT = 50_000
_RETRY_SECONDS = 1.0
_BATCH = 500
# A commit costs more than a row: what is left to the loop is free of charge and can wait for others.
_GATHER_SECONDS = 0.1


@dataclass(slots=True)
class Entry:
    """A call to be recorded; `charge` settles its reservations, None if it has none."""

    usage: UsageRow
    charge: Decimal | None

    def encoded(self) -> bytes:
        """As record_calls takes it."""
        charge = b"null" if self.charge is None else b'"%b"' % str(self.charge).encode()
        data = orjson.dumps(self.usage, default=str)[:-1] + b',"charge":' + charge + b"}"
        # PostgreSQL holds no NUL in a text.
        return data.replace(b"\\u0000", b"") if b"\\u0000" in data else data


class Recorder:
    """`record` waits for the commit; `later` leaves it to the background loop, and the row to the
    journal until then.
    """

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._waiting: list[bytes] = []
        self._wake = asyncio.Event()
        self._batches = Batches(self._write, most=_BATCH)

    def open(self) -> None:
        """Take up what processes that were killed have left. Before the first call."""
        self._waiting.extend(self._journal.left_behind())
        if self._waiting:
            _log.warning("usage of a gateway that was killed", rows=len(self._waiting))
            self._wake.set()
        self._journal.open()

    def close(self) -> None:
        self._journal.close()

    async def record(self, entry: Entry) -> None:
        row = entry.encoded()
        try:
            await self._batches.put(row)
        except DatabaseDown as error:
            _log.warning("usage is kept until the database is back", reason=error.detail)
            self._keep(row)
        except asyncio.CancelledError:
            # The client left in the middle of the commit; a second one changes nothing.
            self._keep(row)
            raise

    def later(self, entry: Entry) -> None:
        self._keep(entry.encoded())

    def _keep(self, row: bytes) -> None:
        if len(self._waiting) >= _MOST_KEPT:
            _log.error("usage is lost: the database has been away too long")
            del self._waiting[0]
        self._waiting.append(row)
        self._journal.append(row)
        self._wake.set()

    async def keep_flushing(self) -> None:
        """Write what waits; run it under Supervisor.keep_running."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._wake.clear()
            try:
                await self.flush()
            except DatabaseDown:
                await asyncio.sleep(_RETRY_SECONDS)
                self._wake.set()

    async def flush(self) -> None:
        """Write all that waits. Raises DatabaseDown; then nothing is lost."""
        files = self._journal.turn()
        rows, self._waiting = self._waiting, []
        try:
            while rows:
                await self._write(rows[:_BATCH])
                del rows[:_BATCH]
        except BaseException:
            self._waiting = rows + self._waiting
            raise
        self._journal.forget(files)

    async def _write(self, rows: list[bytes]) -> list[None]:
        try:
            async with self._database.connection() as connection:
                await queries.record(connection, rows)
        except (Invalid, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
            if len(rows) == 1:
                _log.error("a usage row can't be stored", reason=str(error))
            else:  # one that can't be stored must not keep the others from it
                for row in rows:
                    await self._write([row])
        return [None] * len(rows)
