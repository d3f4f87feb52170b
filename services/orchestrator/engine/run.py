"""One attempt at one task: the only way in which a holder writes, always behind the lease's fence."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.db import Connection, Database
from services.kit.errors import DatabaseDown
from services.kit.failpoints import Failpoints
from services.kit.log import get_logger
from services.orchestrator.engine.errors import LeaseLost
from services.orchestrator.engine.fence import queries as fence_queries
from services.orchestrator.engine.fence.queries import Change
from services.orchestrator.engine.journal import queries as journal_queries
from services.orchestrator.engine.journal.entries import Entry
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.journal.waiting import Deferred, Waiting, as_one
from services.orchestrator.engine.leases.queries import ClaimedTask
from services.orchestrator.engine.limits.budgets import TaskBudgets
from services.orchestrator.engine.open_step import OpenStep
from services.orchestrator.engine.record import RunRecord
from services.orchestrator.engine.stream import queries as stream_queries
from services.orchestrator.engine.stream.numbering import (
    BLOCK,
    Event,
    EventRecord,
    Numbering,
    as_record,
    store,
)
from services.orchestrator.engine.stream.publisher import LiveCall, Publisher
from services.orchestrator.tools.lease import ToolLease

_log = get_logger(__name__)
_RETRY_SECONDS = 0.2
_LOW_WATER = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a worker lends to each of its runs."""

    database: Database
    publisher: Publisher
    gateway: LlmGatewayClient
    failpoints: Failpoints


@dataclass(frozen=True, slots=True)
class StepPlace:
    """Where a call stands in its task: the stage's name and the step's number."""

    stage: str
    step: int


@dataclass
class TaskRun:
    """A claimed task, its journal so far, and its place in the event stream."""

    context: RunContext
    task: ClaimedTask
    numbering: Numbering
    steps: dict[int, StepRow]
    lease: ToolLease
    # No step starts with less of the lease left: what it would do could outlive it.
    lease_margin: float = 10.0
    open_steps: dict[tuple[str, int], OpenStep] = field(
        default_factory=dict[tuple[str, int], OpenStep]
    )
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    lost: bool = False
    # The folder that its tools see, where that is one of its own.
    folder: Path | None = None
    # Keeps what there is of its work when it is ended from outside.
    on_interruption: Callable[[], Awaitable[None]] | None = None
    budgets: TaskBudgets = field(init=False)
    record: RunRecord = field(default_factory=RunRecord)
    _waiting: Waiting = field(default_factory=Waiting)

    def __post_init__(self) -> None:
        self.budgets = TaskBudgets(self.context.database, self.task)

    def journalled(
        self, place: StepPlace, *, kind: str, name: str, request: BaseModel | None
    ) -> StepRow | None:
        """What the journal has of the call that is about to be made; None if nothing.

        `request` is None where only the call itself finds out what it asks.
        """
        del kind, name, request  # what a replay compares
        return self.steps.get(place.step)

    async def write(
        self,
        work: Callable[[Connection], Awaitable[T]],
        events: Sequence[BaseModel] = (),
    ) -> T:
        """Do `work` in one transaction behind the fence, with `events` numbered and stored in it
        and published after it.

        A database that goes away is waited for while the lease lasts: `work` may run more than
        once and must be such that the second time changes nothing. Raises LeaseLost.
        """
        await self.flush()
        async with self.lock:
            numbered = await self._number(events)
            answer = await self._commit(work, numbered)
        self._publish(numbered)
        return answer

    async def put(self, change: Change | Entry, events: Sequence[BaseModel] = ()) -> None:
        """As `write` for what is one statement: all of it in one round trip, one commit."""
        if isinstance(change, Entry):
            own = Deferred(change, events)
            await self._add(own)
            try:
                await self.flush()
            finally:
                # Cut off, nobody goes on from it: a later write must not begin it after all.
                self._waiting.forget(own)
            return
        await self.flush()
        async with self.lock:
            numbered = await self._number(events)
            await self._commit_change(change, [as_record(event) for event in numbered])
        self._publish(numbered)

    async def defer(
        self,
        entry: Entry,
        events: Sequence[BaseModel] = (),
        *,
        text: EventRecord | None = None,
        held: LiveCall | None = None,
        passed: str | None = None,
    ) -> None:
        """As `put`, but together with the next write, in the same commit.

        For what is followed by another write at once: whoever does something slow, or something
        that acts, has to flush before it. `text` is the record of a finished model call, whose
        events have been published already and are `held` until the commit; `passed` is the
        failpoint behind it.
        """
        await self._add(Deferred(entry, events, text, held, passed))

    async def flush(self) -> None:
        """Write what was deferred. Raises LeaseLost."""
        async with self.lock:
            waiting = self._waiting.all()
            if not waiting:
                return
            is_cut_off = False
            try:
                for each in waiting:
                    if each.numbered is None:
                        each.numbered = await self._number(each.events)
                await self._commit_change(*as_one(waiting))
            except asyncio.CancelledError:
                # Written or not: the next write does it again, with the same ids.
                is_cut_off = True
                raise
            finally:
                if not is_cut_off:
                    self._waiting.remove(waiting, self.context.publisher)
        for each in waiting:
            self._publish(each.numbered or [])
        for each in waiting:
            if each.passed is not None:
                self.context.failpoints.reach(each.passed)

    async def _add(self, deferred: Deferred) -> None:
        if self._waiting.clashes(deferred):
            await self.flush()
        self._waiting.add(deferred)

    def _publish(self, events: Sequence[Event]) -> None:
        for event in events:
            self.context.publisher.publish(self.task.stream_id, event)

    async def apply(
        self, connection: Connection, change: Change | Entry, records: Sequence[EventRecord] = ()
    ) -> None:
        """Make the change on this connection. Raises LeaseLost."""
        task = self.task
        if isinstance(change, Entry):
            change = journal_queries.write([change])
        if not await change.statement.one(
            connection, task.id, task.attempt, task.stream_id, records, *change.parameters
        ):
            self.lost = True
            raise LeaseLost(f"task {task.id} attempt {task.attempt}")

    async def emit(self, *events: BaseModel) -> None:
        await self.put(Entry(), events)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection, None]:
        """A transaction in which the task's row is locked and surely ours. Raises LeaseLost."""
        async with self.context.database.transaction() as connection:
            if not await fence_queries.lock_held(
                connection, self.task.id, attempt=self.task.attempt
            ):
                self.lost = True
                raise LeaseLost(f"task {self.task.id} attempt {self.task.attempt}")
            yield connection

    async def abandon_steps(self, stage: str, *, reason: str) -> None:
        """Settle what a stage whose time is up has left open; a resumed task then replays it so.

        Raises PersonNeeded, with the call left open, when a person has to be asked first.
        """
        for key in [key for key in self.open_steps if key[0] == stage]:
            if (need := self.open_steps[key].question()) is not None:
                raise need
            await self.open_steps.pop(key).abandon(reason)

    async def abandon_all(self, *, reason: str) -> None:
        """Settle whatever is open, so that the journal tells how far a cancelled task had come."""
        while self.open_steps:
            _, step = self.open_steps.popitem()
            await step.abandon(reason)

    def drop_steps(self) -> None:
        """At the run's end, however it came."""
        for step in self.open_steps.values():
            step.drop()
        self.open_steps.clear()
        self._waiting.remove(self._waiting.all(), self.context.publisher)

    async def ensure_ids(self, count: int) -> None:
        """See to it that at least `count` event ids are left in the reserved block."""
        if self.numbering.left >= max(count, _LOW_WATER):
            return

        async def extend(connection: Connection) -> int:
            position = await stream_queries.lock_position(connection, self.task.stream_id)
            # Reserving twice, after a commit that was not heard of, must not give two blocks.
            end = max(position.reserved_to, self.numbering.highest_used + count + BLOCK)
            await stream_queries.set_reserved(connection, self.task.stream_id, reserved_to=end)
            return end

        self.numbering.extend(await self._commit(extend, []))

    async def wait_for_lease(self) -> None:
        """Return when the lease lasts long enough to start a step. Raises LeaseLost."""
        while self.lease.remaining < self.lease_margin:
            if self.lost:
                raise LeaseLost(f"task {self.task.id} attempt {self.task.attempt}")
            await asyncio.sleep(_RETRY_SECONDS)

    async def _number(self, events: Sequence[BaseModel]) -> list[Event]:
        if events:
            await self.ensure_ids(len(events))
        return [
            self.numbering.take(self.task.id, orjson.dumps(event.model_dump(mode="json")).decode())
            for event in events
        ]

    async def _commit(self, work: Callable[[Connection], Awaitable[T]], events: list[Event]) -> T:
        async def attempt() -> T:
            async with self.transaction() as connection:
                answer = await work(connection)
                for event in events:
                    await store(connection, self.task.stream_id, event)
            return answer

        return await self._until_heard(attempt)

    async def _commit_change(self, change: Change, records: list[EventRecord]) -> None:
        async def attempt() -> None:
            # Without BEGIN and COMMIT: a statement is a transaction.
            async with self.context.database.connection() as connection:
                await self.apply(connection, change, records)

        await self._until_heard(attempt)

    async def _until_heard(self, attempt: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await attempt()
            except DatabaseDown as error:
                if self.lost or self.lease.remaining < 0:
                    raise LeaseLost("the database was away for longer than the lease") from error
                _log.warning("waiting for the database", task_id=str(self.task.id))
                await asyncio.sleep(_RETRY_SECONDS)


def as_json(value: BaseModel) -> Any:
    """A model as JSON-able Python, without what is unset by default."""
    return value.model_dump(mode="json", exclude_none=True)
