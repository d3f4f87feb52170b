"""What a run writes of its course: entries, of which those that stand side by side go as one write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

JsonDict = dict[str, Any]
"""A row of a table, by the names of its columns, without those that the statement fills in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows for the journal and what follows for the task; the empty entry changes nothing.

    Done again, after a commit that was not heard of, it changes nothing. `status` is the task's
    when it enters `stage`. Without `flags` and `snapshot` the task keeps its own.
    """

    begun: Sequence[JsonDict] = ()
    settled: Sequence[JsonDict] = ()
    stages: Sequence[JsonDict] = ()
    findings: Sequence[JsonDict] = ()
    reviews: Sequence[JsonDict] = ()
    artifacts: Sequence[JsonDict] = ()
    status: str | None = None
    stage: str | None = None
    flags: list[str] | None = None
    snapshot: str | None = None

    def clashes(self, other: "Entry") -> bool:
        """Whether both write one row, which one statement can't do twice."""
        return not self.rows().isdisjoint(other.rows())

    def rows(self) -> set[object]:
        """What tells the rows of steps and stages that it writes."""
        steps = {row["step"] for rows in (self.begun, self.settled) for row in rows}
        return steps | {(row["stage"], row["round"]) for row in self.stages}


def begin_step(*, step: int, stage: str, kind: str, name: str, digest: str, request: Any) -> Entry:
    """A call is about to be made, or made again after a crash."""
    row = {
        "step": step,
        "stage": stage,
        "kind": kind,
        "name": name,
        "status": "begun",
        "digest": digest,
        "request": request,
    }
    return Entry(begun=[row])


def settle_step(
    *,
    step: int,
    status: str,
    result: Any,
    input_tokens: int = 0,
    output_tokens: int = 0,
    cost_usd: float | None = None,
) -> Entry:
    """How a call ended; `status` is done, failed or unknown."""
    row = {
        "step": step,
        "status": status,
        "result": result,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cost_usd": cost_usd,
    }
    return Entry(settled=[row])
