"""Where two JSON values part, and what a replay came to beside what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from contracts.orchestrator import ReplayDifference
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.record import RunRecord
from services.orchestrator.pipeline.queries import StageRow

_LONGEST = 80


def first_difference(expected: Any, actual: Any, path: str = "") -> str | None:
    """The first place in which two JSON values differ, in words; None if they are equal."""
    if expected == actual:
        return None
    if isinstance(expected, dict) and isinstance(actual, dict):
        before, now = cast("dict[str, Any]", expected), cast("dict[str, Any]", actual)
        for name in sorted(before.keys() | now.keys()):
            found = first_difference(before.get(name), now.get(name), f"{path}.{name}".lstrip("."))
            if found is not None:
                return found
    if isinstance(expected, list) and isinstance(actual, list):
        former, latter = cast("list[Any]", expected), cast("list[Any]", actual)
        for index, (one, other) in enumerate(zip(former, latter, strict=False)):
            found = first_difference(one, other, f"{path}[{index}]")
            if found is not None:
                return found
        return f"{path or 'the list'} has {len(latter)} entries instead of {len(former)}"
    return f"{path or 'the value'}: {_short(expected, actual)}"


def stages_that_differ(
    record: RunRecord, stored: Mapping[tuple[str, int], StageRow]
) -> list[ReplayDifference]:
    """Stages whose end in the replay is not the stored one, those that only one side has included."""
    found: list[ReplayDifference] = []
    ended = {key for key, row in stored.items() if row.status != "running"}
    for key in sorted(ended | record.stages.keys(), key=lambda key: (key[1], key[0])):
        row, end = stored.get(key), record.stages.get(key)
        if row is None or row.status == "running":
            what = "The replay came to the end of this stage, the task did not."
        elif end is None:
            what = "The replay did not come to the end of this stage."
        else:
            before = {"status": row.status, "output": row.output, "error": row.error}
            now = {"status": end.status, "output": end.output, "error": end.error}
            place = first_difference(before, now)
            if place is None:
                continue
            what = f"The stage's end differs: {place}"
        found.append(ReplayDifference(stage=key[0], step=None, kind="stage", name=None, what=what))
    return found


def calls_not_made(
    steps: Sequence[StepRow], used: set[int], passed_over: set[int]
) -> list[ReplayDifference]:
    """What the journal has and the replay did not come to."""
    return [
        ReplayDifference(
            stage=row.stage,
            step=row.step,
            kind=row.kind,
            name=row.name,
            expected_digest=row.digest,
            what="The replay did not make this call.",
        )
        for row in steps
        if row.step not in used and row.step not in passed_over
    ]


def _short(expected: Any, actual: Any) -> str:
    if isinstance(expected, str) and isinstance(actual, str):
        start = next(
            (
                index
                for index, (one, other) in enumerate(zip(expected, actual, strict=False))
                if one != other
            ),
            min(len(expected), len(actual)),
        )
        begin = max(0, start - _LONGEST // 4)
        expected, actual = expected[begin:], actual[begin:]
    return f"{_cut(expected)} in the journal, {_cut(actual)} in the replay"


def _cut(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
