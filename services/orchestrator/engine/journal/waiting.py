"""The entries that a run has still to write: what stands side by side goes in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from services.orchestrator.engine.fence.queries import Change
from services.orchestrator.engine.journal.entries import Entry
from services.orchestrator.engine.journal.queries import write
from services.orchestrator.engine.stream.numbering import Event, EventRecord, as_record
from services.orchestrator.engine.stream.publisher import LiveCall, Publisher


@dataclass(eq=False, slots=True)
class Deferred:
    """An entry with its events, which are numbered once.

    `text` and `held`: of a finished model call, whose events readers have already; `passed`: the
    failpoint that is reached when it is written.
    """

    entry: Entry
    events: Sequence[BaseModel] = ()
    text: EventRecord | None = None
    held: LiveCall | None = None
    passed: str | None = None
    numbered: list[Event] | None = None


@dataclass(slots=True)
class Waiting:
    """In the order in which they came, which is the order of their events."""

    _entries: list[Deferred] = field(default_factory=list[Deferred])

    def all(self) -> list[Deferred]:
        return list(self._entries)

    def clashes(self, deferred: Deferred) -> bool:
        return any(deferred.entry.clashes(other.entry) for other in self._entries)

    def add(self, deferred: Deferred) -> None:
        self._entries.append(deferred)

    def forget(self, deferred: Deferred) -> None:
        """Whether or not it still waits."""
        if deferred in self._entries:
            self._entries.remove(deferred)

    def remove(self, written: Sequence[Deferred], publisher: Publisher) -> None:
        """They are written, or never will be."""
        for deferred in written:
            self.forget(deferred)
            if deferred.held is not None:
                publisher.release(deferred.held)


def as_one(waiting: Sequence[Deferred]) -> tuple[Change, list[EventRecord]]:
    """The change that writes all of them, which have been numbered, and their events."""
    records: list[EventRecord] = []
    for each in waiting:
        records += [] if each.text is None else [each.text]
        records += map(as_record, each.numbered or [])
    return write([each.entry for each in waiting]), records
