"""Runs that are ended from outside: a person has cancelled the task, or its time is used up."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.kit.db import Database
from services.orchestrator.engine.ending import queries as ending_queries
from services.orchestrator.engine.ending import service as ending
from services.orchestrator.engine.leases import queries as lease_queries
from services.orchestrator.engine.limits import queries
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.tools.lease import now

_ASK_AGAIN_SECONDS = 5.0
TIME_LIMIT = "time_limit"
"""The code of the failure, and in a task's checkpoint its text once the time is used up."""


@dataclass
class _Interruption:
    """`out_of_time` is the error that the task ends with; None: it was cancelled."""

    out_of_time: str | None
    asked_at: float


class Interruptions:
    """Which of a worker's runs are being ended, and why."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._of_task: dict[UUID, _Interruption] = {}

    async def look(self, runs: Mapping[UUID, tuple[TaskRun, asyncio.Task[None]]]) -> None:
        """Interrupt the runs that have to end. Raises DatabaseDown."""
        held = list(runs)
        if not held:
            return
        async with self._database.connection() as connection:
            cancelled = await lease_queries.cancelled_among(connection, held)
            out_of_time = await queries.out_of_time_among(connection, held)
        for task_id in cancelled:
            self._interrupt(runs, task_id, reason=None)
        for row in out_of_time:
            if row.id not in cancelled:
                self._interrupt(
                    runs,
                    row.id,
                    reason=f"The pod's limit of {row.limit_seconds} seconds is used up",
                )

    def forget(self, task_id: UUID) -> None:
        self._of_task.pop(task_id, None)

    async def end(self, run: TaskRun) -> bool:
        """End the task of an interrupted run; False if it was not interrupted by this.

        Raises LeaseLost or DatabaseDown.
        """
        found = self._of_task.get(run.task.id)
        if found is None:
            return False
        if found.out_of_time is None:
            await run.abandon_all(reason="the task was cancelled")
            await _keep_work(run)
            await ending.cancel(run)
        else:
            await self._end_out_of_time(run, found.out_of_time)
        return True

    async def _end_out_of_time(self, run: TaskRun, reason: str) -> None:
        # First of all: a run that is resumed in the middle of this has to end in the same way.
        await run.write(
            lambda connection: ending_queries.add_to_checkpoint(
                connection, run.task.id, name=TIME_LIMIT, text=reason
            )
        )
        run.context.failpoints.reach("time-limit-kept")
        await run.abandon_all(reason=reason)
        await _keep_work(run)
        await ending.fail(run, reason, code=TIME_LIMIT)

    def _interrupt(
        self,
        runs: Mapping[UUID, tuple[TaskRun, asyncio.Task[None]]],
        task_id: UUID,
        *,
        reason: str | None,
    ) -> None:
        entry, found = runs.get(task_id), self._of_task.get(task_id)
        if entry is None:
            return
        # Asked again if it goes on: a library may have swallowed the first time (kit.supervision).
        if found is None or now() - found.asked_at > _ASK_AGAIN_SECONDS:
            self._of_task[task_id] = _Interruption(
                reason if found is None else found.out_of_time, now()
            )
            entry[1].cancel()


async def _keep_work(run: TaskRun) -> None:
    if run.on_interruption is not None:
        await run.on_interruption()
