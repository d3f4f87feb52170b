"""A run that has nothing but the journal: it writes nothing, and makes no call that is not there."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Never, TypeVar, cast

from pydantic import BaseModel

from contracts.events import StageEvent
from contracts.orchestrator import ReplayDifference
from services.kit.db import Connection
from services.orchestrator.engine.errors import RunEnded
from services.orchestrator.engine.fence.queries import Change
from services.orchestrator.engine.journal.entries import Entry
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.model_calls import digest_of
from services.orchestrator.engine.run import StepPlace, TaskRun, as_json

T = TypeVar("T")


class NotJournalled(RunEnded):
    """The run would make a call of which the journal has no end."""

    def __init__(self, difference: ReplayDifference) -> None:
        super().__init__(difference.what)
        self.difference = difference


@dataclass
class ReplayRun(TaskRun):
    """`given`: steps up to this one were taken over from another task, which asked otherwise.

    `asked` keeps the requests that are not those of the journal, by step.
    """

    given: int = -1
    used: set[int] = field(default_factory=set[int])
    ended: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    differences: list[ReplayDifference] = field(default_factory=list[ReplayDifference])
    asked: dict[int, Any] = field(default_factory=dict[int, Any])
    latest: int | None = None

    def journalled(
        self, place: StepPlace, *, kind: str, name: str, request: BaseModel | None
    ) -> StepRow | None:
        """The finished call at this place. Raises NotJournalled if there is none."""
        row = self.steps.get(place.step)
        digest = None if request is None else digest_of(request)

        def difference(what: str) -> ReplayDifference:
            return ReplayDifference(
                stage=place.stage,
                step=place.step,
                kind=kind,
                name=name,
                expected_digest=None if row is None else row.digest,
                actual_digest=digest,
                what=what,
            )

        if row is None:
            raise NotJournalled(difference("The journal has no such call."))
        self.used.add(place.step)
        self.latest = place.step
        if row.status == "begun":
            raise NotJournalled(difference("The journal has no end of this call."))
        if (row.kind, row.stage) != (kind, place.stage) or (kind != "model" and row.name != name):
            journalled = f"the {row.kind} call {row.name} of the stage {row.stage}"
            raise NotJournalled(difference(f"In the journal this is {journalled}."))
        # Each time that a person was asked, the run came here again.
        known = place.step in self.asked or place.step <= self.given
        if request is not None and digest != row.digest and not known:
            self.asked[place.step] = as_json(request)
            self.differences.append(difference("The request is not the one in the journal."))
        return row

    async def write(
        self,
        work: Callable[[Connection], Awaitable[T]],
        events: Sequence[BaseModel] = (),
    ) -> T:
        """Write nothing. What a run writes gives nothing back that it goes on from."""
        del work
        await self._note(events)
        return cast("T", None)

    async def put(self, change: Change | Entry, events: Sequence[BaseModel] = ()) -> None:
        """Write nothing."""
        del change
        await self._note(events)

    async def defer(
        self, entry: Entry, events: Sequence[BaseModel] = (), **_with_it: object
    ) -> None:
        """Write nothing."""
        del entry
        await self._note(events)

    async def flush(self) -> None:
        """Nothing was deferred."""

    async def _note(self, events: Sequence[BaseModel]) -> None:
        for event in events:
            if isinstance(event, StageEvent) and event.status != "started":
                self.ended.add((event.stage, event.round))
        # A long journal does not hold up the other requests of the process.
        await asyncio.sleep(0)

    async def ensure_ids(self, count: int) -> None:
        """No event of a replay has an id."""

    async def wait_for_lease(self) -> Never:
        raise AssertionError("a replay came to make a call")
