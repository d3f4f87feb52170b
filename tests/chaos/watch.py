"""Measures how long tasks lie still after their worker died."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from tests.chaos.field import AWAY, Field

_EVERY_SECONDS = 0.025


@dataclass
class Watch:
    """`resumed` are seconds from a worker's death to the next claim of what it held, where it came
    back; `taken_over`, where another worker had to.
    """

    ground: Field
    resumed: list[float] = field(default_factory=list[float])
    taken_over: list[float] = field(default_factory=list[float])
    _held: dict[UUID, tuple[str, int]] = field(default_factory=dict[UUID, tuple[str, int]])
    _died: Exception | None = None
    _expected: dict[UUID, tuple[float, int, bool]] = field(
        default_factory=dict[UUID, tuple[float, int, bool]]
    )

    async def run(self) -> None:
        """Look until cancelled; a database that is away is waited for."""
        while True:
            try:
                await self._look_on()
            except AWAY:
                await asyncio.sleep(0.1)
            except Exception as error:
                self._died = error
                raise

    def expect(self, process: str, *, stays_away: bool = False) -> None:
        """`process` is about to be killed: what it holds has to be claimed again."""
        now = time.monotonic()
        if self._died is not None:
            raise self._died
        for task, (holder, attempt) in self._held.items():
            if holder.startswith(f"{process}@"):
                self._expected[task] = (now, attempt, stays_away)

    async def until_resumed(self, *, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while self._expected:  # noqa: ASYNC110 - it looks into the database
                await asyncio.sleep(0.05)

    async def _look_on(self) -> None:
        connection = await asyncpg.connect(self.ground.nova.database_url, timeout=3)
        try:
            while True:
                rows = await connection.fetch(
                    "SELECT id, holder, attempt FROM tasks"
                    " WHERE status NOT IN ('complete', 'failed', 'cancelled')",
                    timeout=5,
                )
                self._compare({row["id"]: (row["holder"] or "", row["attempt"]) for row in rows})
                await asyncio.sleep(_EVERY_SECONDS)
        finally:
            connection.terminate()

    def _compare(self, now: dict[UUID, tuple[str, int]]) -> None:
        self._held = now
        for task, (since, attempt, stays_away) in list(self._expected.items()):
            current = now.get(task)
            if current is None:
                del self._expected[task]  # it had ended just before
            elif current[1] > attempt:
                del self._expected[task]
                figures = self.taken_over if stays_away else self.resumed
                figures.append(time.monotonic() - since)
