"""Writes usage rows and settles reservations; what the database can't take now is kept for later."""

import asyncio
from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.log import get_logger
from services.llm_gateway.limits import queries
from services.llm_gateway.limits.queries import UsageRow

_log = get_logger(__name__)
_MOST_KEPT = 50_000
_RETRY_SECONDS = 1.0
_BATCH = 200
# A commit costs more than a row: what is left to the loop is free of charge and can wait for others.
_GATHER_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Entry:
    """A call to be recorded; `charge` settles its reservations, None if it has none."""

    usage: UsageRow
    charge: Decimal | None


class Recorder:
    """`record` waits for the commit; `later` leaves it to the background loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Entry] = deque()
        self._wake = asyncio.Event()

    async def record(self, entry: Entry) -> None:
        try:
            await self._write([entry])
        except DatabaseDown as error:
            _log.warning("usage is kept until the database is back", reason=error.detail)
            self.later(entry)
        except asyncio.CancelledError:
            # The client left in the middle of the commit; a second one changes nothing.
            self.later(entry)
            raise

    def later(self, entry: Entry) -> None:
        if len(self._waiting) >= _MOST_KEPT:
            lost = self._waiting.popleft()
            _log.error("usage is lost: the database has been away too long", id=str(lost.usage.id))
        self._waiting.append(entry)
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
        while self._waiting:
            batch = [self._waiting[i] for i in range(min(_BATCH, len(self._waiting)))]
            await self._write(batch)
            for _ in batch:
                self._waiting.popleft()

    async def _write(self, entries: list[Entry]) -> None:
        async with self._database.connection() as connection:
            uncharged = [entry.usage for entry in entries if entry.charge is None]
            if uncharged:
                await queries.record_uncharged(connection, uncharged)
            # Each in a transaction of its own: one that held the budgets of several calls at once
            # could wait in a circle with another.
            for entry in entries:
                if entry.charge is not None:
                    await queries.record(connection, entry.usage, charge=entry.charge)
