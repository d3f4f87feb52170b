"""The loop that fires schedules, in every orchestrator; PostgreSQL's clock and locks rule it."""

import asyncio
import time
from uuid import UUID

from services.kit.db import Database
from services.kit.errors import DependencyDown
from services.kit.failpoints import Failpoints
from services.kit.jobs import Waker
from services.kit.log import get_logger
from services.orchestrator.pipeline.tasks.service import PIPELINE_QUEUE
from services.orchestrator.schedules import queries
from services.orchestrator.schedules.runs import service

_log = get_logger(__name__)
# A schedule that is made or changed meanwhile may be due sooner than the one that is waited for.
_LOOK_AGAIN_SECONDS = 0.5
_TAKEN_SECONDS = 0.05
_REST_SECONDS = 30.0
_LONGEST_ERROR = 500


class Firing:
    """Fires what is due. One schedule that can't be fired for a bug keeps none of the others."""

    def __init__(self, database: Database, waker: Waker, failpoints: Failpoints) -> None:
        self._database = database
        self._waker = waker
        self._failpoints = failpoints
        self._resting: dict[UUID, float] = {}

    async def run(self) -> None:
        """Wait for the next slot, at most for half a second, and fire it. To be called for ever."""
        async with self._database.connection() as connection:
            seconds = await queries.seconds_until_due(connection, self._left_alone())
        if seconds is None or seconds > 0:
            await asyncio.sleep(min(seconds or _LOOK_AGAIN_SECONDS, _LOOK_AGAIN_SECONDS))
        elif not await self.fire():
            await asyncio.sleep(_TAKEN_SECONDS)

    async def fire(self) -> bool:
        """Fire one schedule; False if none is due, or another process is firing it."""
        async with self._database.transaction() as connection:
            schedule = await queries.lock_due(connection, self._left_alone())
            if schedule is None:
                return False
            try:
                async with connection.transaction():
                    tasks = await service.fire(connection, schedule)
            except DependencyDown:
                raise
            except Exception as error:  # noqa: BLE001 - the job runner's edge: log, note it, go on
                await queries.note_error(
                    connection, schedule.id, error=repr(error)[:_LONGEST_ERROR]
                )
                _log.exception("a schedule can't be fired", schedule=str(schedule.id))
                self._resting[schedule.id] = time.monotonic() + _REST_SECONDS
                tasks = 0
            self._failpoints.reach("schedule.before_commit")
        self._failpoints.reach("schedule.after_commit")
        if tasks:
            await self._waker.wake(PIPELINE_QUEUE)
        return True

    def _left_alone(self) -> list[UUID]:
        """The schedules that are left alone for now."""
        now = time.monotonic()
        self._resting = {name: until for name, until in self._resting.items() if until > now}
        return list(self._resting)
