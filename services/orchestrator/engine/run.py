"""One attempt at one task: the only way in which a holder writes, always behind the lease's fence."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson
from pydantic import BaseModel

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.db import Connection, Database
from services.kit.errors import DatabaseDown
from services.kit.failpoints import Failpoints
from services.kit.log import get_logger
from services.orchestrator.engine.errors import LeaseLost, PersonNeeded
from services.orchestrator.engine.fence.queries import Change, no_change
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.leases import queries as lease_queries
from services.orchestrator.engine.leases.queries import ClaimedTask
from services.orchestrator.engine.limits.budgets import TaskBudgets
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
from services.orchestrator.engine.stream.publisher import Publisher
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


class OpenStep(Protocol):
    """A call that is begun and not settled."""

    async def abandon(self, reason: str) -> None:
        """Settle it as not ended, when its caller has stopped waiting for it."""
        ...

    def question(self) -> PersonNeeded | None:
        """What a person has to answer before the task can go on without the call's end."""
        ...

    def drop(self) -> None:
        """Let go of what it holds in this process, when the run ends before it."""
        ...


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
    _also: list[Callable[[Connection], Awaitable[None]]] = field(
        default_factory=list[Callable[[Connection], Awaitable[None]]]
    )

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

    def also(self, work: Callable[[Connection], Awaitable[None]]) -> None:
        """Do `work` in the transaction of the next write, which saves it one of its own."""
        self._also.append(work)

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
        async with self.lock:
            numbered = await self._number(events)
            answer = await self._commit(self._with_more(work), numbered)
            self._also.clear()
        for event in numbered:
            self.context.publisher.publish(self.task.stream_id, event)
        return answer

    async def put(
        self,
        change: Change,
        events: Sequence[BaseModel] = (),
        *,
        text: EventRecord | None = None,
    ) -> None:
        """As `write` for a change that is one statement: all of it in one round trip, one commit.

        `text` is the record of a finished model call, whose events have been published already.
        """
        async with self.lock:
            numbered = await self._number(events)
            records = [as_record(event) for event in numbered]
            await self._commit_change(change, records if text is None else [text, *records])
            self._also.clear()
        for event in numbered:
            self.context.publisher.publish(self.task.stream_id, event)

    async def apply(
        self, connection: Connection, change: Change, records: Sequence[EventRecord] = ()
    ) -> None:
        """Make the change on this connection. Raises LeaseLost."""
        task = self.task
        if not await change.statement.one(
            connection, task.id, task.attempt, task.stream_id, records, *change.parameters
        ):
            self.lost = True
            raise LeaseLost(f"task {task.id} attempt {task.attempt}")

    async def emit(self, *events: BaseModel) -> None:
        """Store and publish events."""
        await self.put(no_change(), events)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection, None]:
        """A transaction in which the task's row is locked and surely ours. Raises LeaseLost."""
        async with self.context.database.transaction() as connection:
            if not await lease_queries.lock_held(
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

    def _with_more(
        self, work: Callable[[Connection], Awaitable[T]]
    ) -> Callable[[Connection], Awaitable[T]]:
        if not self._also:
            return work

        async def both(connection: Connection) -> T:
            for more in self._also:
                await more(connection)
            return await work(connection)

        return both

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
            # Without BEGIN and COMMIT, if there is no more to do: a statement is a transaction.
            database = self.context.database
            scope = self.transaction() if self._also else database.connection()
            async with scope as connection:
                for more in self._also:
                    await more(connection)
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
