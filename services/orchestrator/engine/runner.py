"""A worker's engine: claims tasks, runs them side by side, keeps their leases, gives them back."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.kit.errors import DatabaseDown
from services.kit.ids import new_id
from services.kit.log import get_logger
from services.kit.supervision import Supervisor, cancel_and_wait
from services.orchestrator.engine.ending import service as ending
from services.orchestrator.engine.errors import (
    LeaseLost,
    LinksAwaited,
    PersonNeeded,
    RunEnded,
    TaskSuspended,
)
from services.orchestrator.engine.journal import queries as journal_queries
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.leases import queries as lease_queries
from services.orchestrator.engine.leases.backoff import retry_wait
from services.orchestrator.engine.leases.heartbeat import beat, end_as_lost
from services.orchestrator.engine.leases.reaper import announce_dropped
from services.orchestrator.engine.limits.interruptions import TIME_LIMIT, Interruptions
from services.orchestrator.engine.run import RunContext, TaskRun
from services.orchestrator.engine.stream.numbering import BLOCK, Event, Numbering, take_over_block
from services.orchestrator.tools.lease import ToolLease, now

_log = get_logger(__name__)
_CANCEL_POLL_SECONDS = 0.5
_CLAIM_SECONDS = 1.0
_LEASE_MARGIN_SECONDS = 10.0
# After a claim whose end was not heard of: how long it may take until the database shows it.
_DOUBT_SECONDS = 5.0


class Executor(Protocol):
    """Knows what one kind of task does; ends it through engine.ending or raises RunEnded."""

    async def __call__(self, run: TaskRun) -> None: ...


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`name` stays the same over restarts of this worker; times in seconds."""

    queue: str
    name: str
    slots: int = 8
    lease_seconds: float = 30.0
    heartbeat_seconds: float = 10.0

    @property
    def lease_margin(self) -> float:
        """What must be left of a lease for a step to start; a short lease has a short one."""
        return min(_LEASE_MARGIN_SECONDS, self.lease_seconds / 3)


class Engine:
    """Runs the tasks of one queue. Its limits are the slots; its truth is PostgreSQL."""

    def __init__(
        self, context: RunContext, settings: EngineSettings, executors: Mapping[str, Executor]
    ) -> None:
        self._context = context
        self._settings = settings
        self._executors = executors
        self.boot_id = new_id()
        self._runs: dict[UUID, tuple[TaskRun, asyncio.Task[None]]] = {}
        self._interruptions = Interruptions(context.database)
        self._supervisor = Supervisor()
        self._claiming = asyncio.Lock()
        self._stopping = False
        self._in_doubt_until = 0.0

    async def on_wake(self) -> None:
        """Claim as much as there are slots for. A database that is away ends it quietly."""
        try:
            async with self._claiming:
                if now() < self._in_doubt_until:
                    await self._give_back_unheld()
                while not self._stopping and len(self._runs) < self._settings.slots:
                    if not await self._claim_in_doubt():
                        return
        except DatabaseDown as error:
            _log.warning("nothing claimed", reason=error.detail)
        except asyncio.CancelledError:
            if not self._stopping:  # a nudge that Redis took with it
                self._supervisor.start(self.on_wake(), name="claim after a cancelled nudge")
            raise

    async def free_earlier_boots(self) -> None:
        """Queue what an earlier boot of this worker held. Raises DatabaseDown."""
        async with self._context.database.transaction() as connection:
            dropped = await lease_queries.free_earlier_boots(
                connection, self._settings.name, boot_id=self.boot_id
            )
            await announce_dropped(connection, self._context.publisher, dropped)

    async def keep_leases(self) -> None:
        """The heartbeat, without end; run it under Supervisor.keep_running."""
        while True:
            await asyncio.sleep(self._settings.heartbeat_seconds)
            await beat(
                self._context.database,
                self._runs,
                holder=self._settings.name,
                boot_id=self.boot_id,
                lease_seconds=self._settings.lease_seconds,
            )

    async def watch_cancellations(self) -> None:
        """End runs whose tasks were cancelled or are out of time, without end, in half a second."""
        while True:
            await asyncio.sleep(_CANCEL_POLL_SECONDS)
            await self._interruptions.look(self._runs)

    async def stop(self) -> None:
        """Give every lease back, so that another worker goes on at once."""
        self._stopping = True
        # A claim that is under way would give its task to nobody: let it become a run, the last.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._claiming.acquire(), _CLAIM_SECONDS)
        await cancel_and_wait(task for _, task in self._runs.values())
        await self._supervisor.stop()
        # A run that was cancelled before its first step has not given anything back.
        self._runs.clear()
        try:
            await self._give_back_unheld()
        except DatabaseDown as error:
            _log.warning("tasks not given back", reason=error.detail)

    async def wait_until_idle(self) -> None:
        """Return when no run is left that was there at the call."""
        await asyncio.gather(*(task for _, task in self._runs.values()), return_exceptions=True)

    async def _claim_in_doubt(self) -> bool:
        """Claim a task; if that is cut off, its commit may have gone through all the same."""
        try:
            return await self._claim_one()
        except (asyncio.CancelledError, DatabaseDown):
            self._in_doubt_until = now() + _DOUBT_SECONDS
            raise

    async def _give_back_unheld(self) -> None:
        """Queue what this boot holds and does not run; nobody else would for as long as a lease."""
        async with self._context.database.transaction() as connection:
            count = await lease_queries.give_back_unheld(
                connection, self._settings.name, boot_id=self.boot_id, held=list(self._runs)
            )
        if count:
            _log.warning("gave back tasks whose claim was cut off", count=count)

    async def _claim_one(self) -> bool:
        settings = self._settings
        before = now()
        async with self._context.database.connection() as connection:
            task = await lease_queries.claim(
                connection,
                settings.queue,
                holder=settings.name,
                boot_id=self.boot_id,
                lease_seconds=settings.lease_seconds,
                ids=BLOCK,
            )
        if task is None:
            return False
        numbering = Numbering.after(task.reserved_to, size=BLOCK, last_id=task.last_id)
        events: list[Event] = []
        steps: list[StepRow] = []
        if task.attempt > 1 or task.reserved_to != task.last_id:
            async with self._context.database.transaction() as connection:
                numbering, events = await take_over_block(
                    connection, task.stream_id, task_id=task.id, base=task.reserved_to
                )
                steps = await journal_queries.load_steps(connection, task.id)
        run = TaskRun(
            context=self._context,
            task=task,
            numbering=numbering,
            steps={step.step: step for step in steps},
            lease=ToolLease(before + settings.lease_seconds),
            lease_margin=settings.lease_margin,
        )
        self._start(run, events)
        return True

    def _start(self, run: TaskRun, events: list[Event]) -> None:
        for event in events:
            self._context.publisher.publish(run.task.stream_id, event)
        if (earlier := self._runs.get(run.task.id)) is not None:
            # Stopped for longer than its lease, this worker has lost the task to itself.
            end_as_lost(*earlier)
        work = self._supervisor.start(self._run(run), name=f"task {run.task.id}")
        self._runs[run.task.id] = (run, work)
        work.add_done_callback(lambda _: self._look_after(run))

    def _look_after(self, run: TaskRun) -> None:
        """Do for a run that was cancelled before its first step what it would have done itself."""
        if not self._stopping and self._runs.get(run.task.id, (None, None))[0] is run:
            self._supervisor.start(self._end_unbegun(run), name=f"end task {run.task.id}")

    async def _end_unbegun(self, run: TaskRun) -> None:
        try:
            await self._after_cancellation(run)
        finally:
            self._forget(run)

    async def _run(self, run: TaskRun) -> None:
        try:
            await self._run_to_end(run)
        finally:
            self._forget(run)

    def _forget(self, run: TaskRun) -> None:
        run.drop_steps()
        if (entry := self._runs.get(run.task.id)) is not None and entry[0] is run:
            del self._runs[run.task.id]
            self._interruptions.forget(run.task.id)
        if not self._stopping:
            self._supervisor.start(self.on_wake(), name="claim after a run")

    async def _run_to_end(self, run: TaskRun) -> None:
        """The job runner's edge: whatever happens is stored with the task."""
        task = run.task
        try:
            if task.cancel_requested:
                await ending.cancel(run)
            elif (reason := task.checkpoint.get(TIME_LIMIT)) is not None:
                await ending.fail(run, str(reason), code=TIME_LIMIT)
            else:
                await self._execute(run)
        except asyncio.CancelledError:
            await self._after_cancellation(run)
        except TaskSuspended:
            _log.info("task waits", task_id=str(task.id))
        except LeaseLost as error:
            _log.warning("lease lost", task_id=str(task.id), reason=str(error))
        except RunEnded as error:
            await self._finish(run, error)
        except DatabaseDown as error:
            _log.warning("run given up", task_id=str(task.id), reason=error.detail)
            await self._retry(run, error.detail)
        except Exception as error:  # noqa: BLE001 - the job runner's edge
            _log.exception("run failed", task_id=str(task.id))
            await self._retry(run, f"{type(error).__name__}: {error}")

    async def _execute(self, run: TaskRun) -> None:
        try:
            await self._executors[run.task.kind](run)
        except PersonNeeded as need:
            await ending.suspend(run, status=need.status, pending=need.pending, flags=need.flags)
        except LinksAwaited:
            await ending.await_links(run)

    async def _finish(self, run: TaskRun, error: RunEnded) -> None:
        try:
            await ending.fail(run, str(error), code=error.code)
        except (LeaseLost, DatabaseDown) as lost:
            _log.warning("failure not stored", task_id=str(run.task.id), reason=str(lost))

    async def _after_cancellation(self, run: TaskRun) -> None:
        """A person's cancel ends the task; a stopping worker or a lost lease does not."""
        try:
            if not await self._interruptions.end(run) and not run.lost:
                await self._hand_back(run)
        except (LeaseLost, DatabaseDown) as error:
            _log.warning("task not given back", task_id=str(run.task.id), reason=str(error))

    async def _hand_back(self, run: TaskRun) -> None:
        # What is settled need not be made again; a database that is away is not waited for.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(run.flush(), _CLAIM_SECONDS)
        async with self._context.database.transaction() as connection:
            await lease_queries.hand_back(connection, run.task.id, attempt=run.task.attempt)

    async def _retry(self, run: TaskRun, reason: str) -> None:
        task = run.task
        wait = retry_wait(task.retry_count)
        try:
            async with self._context.database.transaction() as connection:
                dropped = await lease_queries.retry_later(
                    connection, task.id, attempt=task.attempt, reason=reason, wait_seconds=wait
                )
                found = [] if dropped is None else [dropped]
                await announce_dropped(connection, self._context.publisher, found)
        except DatabaseDown as error:
            # The lease runs out and the reaper does the same.
            _log.warning("retry not stored", task_id=str(task.id), reason=error.detail)
