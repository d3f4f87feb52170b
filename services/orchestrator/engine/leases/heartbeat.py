"""The heartbeat of a worker: its leases last longer, and runs whose task another has taken end."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from services.kit.db import Database
from services.orchestrator.engine.leases import queries
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.workers import queries as worker_queries
from services.orchestrator.tools.lease import now


async def beat(
    database: Database,
    runs: Mapping[UUID, tuple[TaskRun, asyncio.Task[None]]],
    *,
    holder: str,
    boot_id: UUID,
    lease_seconds: float,
) -> None:
    """Extend the lease of every run by `lease_seconds` from now. Raises DatabaseDown."""
    before = now()
    held = list(runs)
    async with database.transaction() as connection:
        await worker_queries.worker_seen(connection, holder, boot_id=boot_id)
        kept = await queries.extend(
            connection, holder, boot_id=boot_id, lease_seconds=lease_seconds, task_ids=held
        )
    for task_id in held:
        entry = runs.get(task_id)
        if entry is None:
            continue
        run, work = entry
        if task_id in kept:
            run.lease.extend(before + lease_seconds)
        else:
            end_as_lost(run, work)


def end_as_lost(run: TaskRun, work: asyncio.Task[None]) -> None:
    """Another attempt holds the task: this one writes nothing more."""
    run.lost = True
    work.cancel()
