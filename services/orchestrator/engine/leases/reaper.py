"""Takes tasks from holders that have stopped answering, and nudges workers for what waits."""

import asyncio

from services.kit.db import Connection, Database
from services.kit.jobs import Waker
from services.kit.log import get_logger
from services.orchestrator.engine.leases import queries
from services.orchestrator.engine.leases.queries import DroppedTask
from services.orchestrator.engine.limits import queries as limit_queries
from services.orchestrator.engine.stream.numbering import append
from services.orchestrator.engine.stream.publisher import Publisher

_log = get_logger(__name__)
_GRACE_SECONDS = 2.0
_INTERVAL_SECONDS = 1.0
_QUEUED = '{"type":"status","status":"queued"}'
_FAILED = '{"type":"status","status":"failed"}'
_DEAD = (
    '{"type":"error","code":"retries_exhausted",'
    '"detail":"The task was given up after its last retry; it is in the dead letters."}'
)


class Reaper:
    """Runs in every worker; SKIP LOCKED keeps them out of each other's way."""

    def __init__(self, database: Database, publisher: Publisher, waker: Waker) -> None:
        self._database = database
        self._publisher = publisher
        self._waker = waker

    async def run(self) -> None:
        """Sweep without end; run it under Supervisor.keep_running."""
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            await self.sweep()

    async def sweep(self) -> None:
        """One round. Raises DatabaseDown."""
        async with self._database.transaction() as connection:
            dropped = await queries.reap(connection, grace_seconds=_GRACE_SECONDS)
            await announce_dropped(connection, self._publisher, dropped)
        async with self._database.transaction() as connection:
            woken = await queries.wake_waiting(connection)
            await queries.cancel_orphans(connection)
        resumed = await self._resume_due()
        for queue in {*(task.queue for task in dropped), *woken, *resumed}:
            await self._waker.wake(queue)

    async def _resume_due(self) -> set[str]:
        """Let tasks go on whose budgets may have enough again; the queues they are in."""
        async with self._database.transaction() as connection:
            resumed = await limit_queries.resume_due(connection)
            for task in resumed:
                events = await append(
                    connection, task.stream_id, task_id=task.id, payloads=[_QUEUED]
                )
                for event in events:
                    self._publisher.publish(task.stream_id, event)
        return {task.queue for task in resumed}


async def announce_dropped(
    connection: Connection, publisher: Publisher, dropped: list[DroppedTask]
) -> None:
    """Tell the readers of tasks that were given up for good."""
    for task in dropped:
        _log.warning("task dropped", task_id=str(task.id), dead=task.dead, tries=task.retry_count)
        if not task.dead:
            continue
        events = await append(
            connection, task.stream_id, task_id=task.id, payloads=[_DEAD, _FAILED]
        )
        for event in events:
            publisher.publish(task.stream_id, event)
