"""Counts which memories were used, and writes it down in batches."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from services.kit.db import Database
from services.memory_service.memories import queries

_FLUSH_SECONDS = 2.0


class Accesses:
    """Holds at most the uses of the last two seconds; a killed process loses no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._uses: Counter[UUID] = Counter()

    def record(self, memories: Iterable[UUID]) -> None:
        self._uses.update(memories)

    async def flush(self) -> None:
        """Write down what was counted. Raises DatabaseDown, and then keeps it."""
        if not self._uses:
            return
        uses, self._uses = self._uses, Counter()
        written = False
        try:
            async with self._database.connection() as connection:
                await queries.record_accesses(connection, dict(sorted(uses.items())))
            written = True
        finally:
            if not written:
                self._uses.update(uses)

    async def keep_flushing(self) -> None:
        """Flush until cancelled; run it under Supervisor.keep_running."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self.flush()
