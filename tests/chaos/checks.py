"""What must be true after a storm. Each check gives its violations as texts."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.chaos.field import Field, Planted
from tests.chaos.plot import Call
from tests.chaos.reading import Reading, Source, read

_RESERVATION_SECONDS = 40.0
_READERS = 20
_LEAST_COST = Decimal("1e-9")


@dataclass
class Findings:
    """`violations` end a run badly; `counts` say what the storm went over."""

    violations: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])

    def add(self, violation: str) -> None:
        self.violations.append(violation)


async def check(ground: Field) -> Findings:
    """Look at everything, once no task runs any more."""
    found = Findings()
    tasks = {row["id"]: row for row in await ground.sql("SELECT * FROM tasks")}
    steps: dict[UUID, list[Any]] = defaultdict(list)
    for row in await ground.sql("SELECT * FROM task_steps ORDER BY task_id, step"):
        steps[row["task_id"]].append(row)
    for planted in ground.planted:
        task = tasks.get(planted.id)
        found.counts[f"{planted.kind} tasks"] += 1
        if task is None:
            found.add(f"{planted.mark}: accepted, and gone")
            continue
        _check_end(planted, task, found)
        _check_repeats(ground, planted, steps[planted.id], found)
        _check_effects(ground, planted, steps[planted.id], found)
        _check_sums(planted, task, steps[planted.id], found)
    await _check_leases(ground, found)
    await _check_audit(ground, found)
    await _check_memories(ground, found)
    await _check_events(ground, found)
    await _check_reservations(ground, found)
    return found


def _check_end(planted: Planted, task: Any, found: Findings) -> None:
    status = task["status"]
    found.counts[f"ended {status}"] += 1
    if status not in {"complete", "failed", "cancelled"} and task["pending"] is None:
        found.add(f"{planted.mark}: lost as {status} (attempt {task['attempt']})")
    elif status == "failed":
        kind = "dead letters" if task["dead_lettered_at"] else "failed otherwise"
        found.counts[kind] += 1
        if not task["dead_lettered_at"]:
            found.add(f"{planted.mark}: failed: {task['error']}")
    elif status == "complete" and task["output"] != planted.plot.text:
        found.add(f"{planted.mark}: its output is {str(task['output'])[:80]!r}")


def _check_repeats(ground: Field, planted: Planted, steps: list[Any], found: Findings) -> None:
    """No model call reached the provider after the journal had its result."""
    settled: dict[tuple[str, int], float] = {}
    for stage in {step["stage"] for step in steps if step["kind"] == "model"}:
        results = 0
        for step in (step for step in steps if step["stage"] == stage):
            if step["kind"] == "tool":
                results += 1
            elif step["kind"] == "model" and step["status"] == "done":
                found.counts["settled model calls"] += 1
                key = (stage, results)
                settled[key] = max(settled.get(key, 0.0), step["ended_at"].timestamp())
    for seen in ground.provider.seen:
        if seen.mark != planted.mark:
            continue
        found.counts["model calls made"] += 1
        end = settled.get((seen.role, seen.results))
        if end is not None and seen.at > end:
            found.add(f"{planted.mark}: {seen.role} after {seen.results} results was asked again")


def _check_effects(ground: Field, planted: Planted, steps: list[Any], found: Findings) -> None:
    file = planted.folder / "effects.txt"
    lines = Counter(file.read_text().splitlines() if file.exists() else [])
    rows = {step["request"]["id"]: step for step in map(_decoded, steps) if step["kind"] == "tool"}
    told = {
        call
        for seen in ground.provider.seen
        if seen.mark == planted.mark
        for call in seen.told_unknown
    }
    for call in planted.plot.calls:
        if call.token is not None:
            _check_effect(planted, call, rows.get(call.id), lines[call.token], found)
        row = rows.get(call.id)
        if row is not None and row["status"] == "unknown":
            found.counts["ambiguous calls reported"] += 1
            if call.id not in told:
                found.add(f"{call.id}: its unknown outcome was not told to the model")


def _check_effect(planted: Planted, call: Call, row: Any, times: int, found: Findings) -> None:
    found.counts["counted effects"] += times
    if times > 1:
        found.add(f"{call.id}: had its effect {times} times")
    if row is None or row["status"] == "begun":
        if times or row is not None:
            found.add(f"{call.id}: had its effect {times} times and is not settled")
        return
    done = row["status"] == "done" and row["result"]["ok"]
    if done and times != 1:
        found.add(f"{call.id}: reported as done, had its effect {times} times")
    if row["status"] == "done" and not done:
        found.counts["calls that failed"] += 1
        found.add(f"{call.id}: {row['result']['text'][:100]}")


def _check_sums(planted: Planted, task: Any, steps: list[Any], found: Findings) -> None:
    if task["total_input_tokens"] != sum(step["input_tokens"] for step in steps):
        found.add(f"{planted.mark}: its tokens are not the sum of its steps'")
    # Sums of prices are not exact in binary; a call counted twice would cost 10⁻⁵ USD more.
    if abs(task["total_cost_usd"] - sum(step["cost_usd"] or 0 for step in steps)) > _LEAST_COST:
        found.add(f"{planted.mark}: its cost is not the sum of its steps'")


async def _check_leases(ground: Field, found: Findings) -> None:
    rows = await ground.sql(
        "SELECT id, holder FROM tasks WHERE holder IS NOT NULL"
        " AND boot_id NOT IN (SELECT boot_id FROM workers)"
    )
    for row in rows:
        found.add(f"task {row['id']} is held by a dead boot of {row['holder']}")


async def _check_audit(ground: Field, found: Findings) -> None:
    rows = await ground.sql(
        "SELECT tasks.id, count(audit_log.id) AS times FROM tasks LEFT JOIN audit_log"
        " ON subject_id = tasks.id::text AND action = 'task.submitted'"
        " GROUP BY tasks.id HAVING count(audit_log.id) <> 1"
    )
    for row in rows:
        found.add(f"task {row['id']} has {row['times']} audit rows of its submission")
    planted = {planted.id for planted in ground.planted}
    for row in await ground.sql("SELECT id FROM tasks WHERE key_id = $1", ground.key_id):
        if row["id"] not in planted:
            found.add(f"task {row['id']} was made by nobody")


async def _check_memories(ground: Field, found: Findings) -> None:
    rows = await ground.sql(
        "SELECT metadata ->> 'task_id' AS task, metadata ->> 'step' AS step, count(*) AS times"
        " FROM memories WHERE metadata ? 'step' GROUP BY 1, 2"
    )
    for row in rows:
        found.counts["memories"] += row["times"]
        if row["times"] != 1:
            found.add(f"task {row['task']} stored its memory {row['times']} times")


async def _check_events(ground: Field, found: Findings) -> None:
    """Everything is read again from the start, by readers that come afterwards."""
    stored: dict[UUID, str] = defaultdict(str)
    rows = await ground.sql(
        "SELECT task_id, payload ->> 'text' AS text FROM stream_events WHERE kind = 'text'"
        " ORDER BY stream_id, first_id"
    )
    for row in rows:
        stored[row["task_id"]] += row["text"]
    limit = asyncio.Semaphore(_READERS)

    async def one(planted: Planted) -> None:
        async with limit:
            reading = await read(source_of(ground, planted), cuts=None, seconds=60)
        check_reading(planted, reading, stored[planted.id], found)

    await asyncio.gather(*(one(planted) for planted in ground.planted))


def source_of(ground: Field, planted: Planted) -> Source:
    place = "pipeline/tasks" if planted.kind == "pipeline" else "tasks"
    path = f"/api/v1/{place}/{planted.id}/events"
    return Source(ground.nova.url("orchestrator"), ground.headers, None, path)


def check_reading(planted: Planted, reading: Reading, stored: str, found: Findings) -> None:
    """The text that a client has put together, and the events around it."""
    found.counts["streams read"] += 1
    found.counts["events read"] += len(reading.events)
    found.violations += [f"{planted.mark}: {wrong}" for wrong in reading.wrong]
    if reading.text != stored:
        found.add(f"{planted.mark}: {len(reading.text)} characters read, {len(stored)} stored")
    if not reading.ended:
        found.add(f"{planted.mark}: its stream does not say how it ended")
    once = Counter(
        json.dumps(event, sort_keys=True)
        for event in reading.parsed
        if event.get("type") in {"meta", "tool_call", "tool_result", "stage", "artifact", "usage"}
    )
    for event, times in once.items():
        if times > 1:
            found.add(f"{planted.mark}: {times} times {event[:100]}")
    kinds = Counter(event.get("type") for event in reading.parsed)
    if kinds["tool_call"] != kinds["tool_result"]:
        found.add(f"{planted.mark}: {kinds['tool_call']} calls, {kinds['tool_result']} results")


async def _check_reservations(ground: Field, found: Findings) -> None:
    """What a killed gateway had reserved is freed once its reservation's lease has ended."""
    deadline = time.monotonic() + _RESERVATION_SECONDS
    while True:
        ((held, reserved),) = await ground.sql(
            "SELECT (SELECT count(*) FROM budget_reservations WHERE state = 'held'),"
            " (SELECT coalesce(sum(reserved_usd), 0) FROM budgets)"
        )
        if not held and not reserved:
            return
        if time.monotonic() > deadline:
            found.add(f"{held} reservations are still held, {reserved} USD are reserved")
            return
        await asyncio.sleep(0.5)


def _decoded(row: Any) -> dict[str, Any]:
    """The row with its JSON read."""
    values = dict(row)
    for name in ("request", "result"):
        if isinstance(values[name], str):
            values[name] = json.loads(values[name])
    return values
