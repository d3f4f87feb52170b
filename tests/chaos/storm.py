"""Runs faults over a field on which tasks are at work, and checks what is left of them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from services.kit.supervision import cancel_and_wait
from tests.chaos.checks import Findings, check, check_reading, source_of
from tests.chaos.faults import Fault
from tests.chaos.field import Field, Planted
from tests.chaos.reading import Reading, read
from tests.chaos.watch import Watch

_KINDS = ("pipeline", "chat")
_SETTLING_SECONDS = 120.0
_READING_SECONDS = 60.0


@dataclass
class Storm:
    """One storm. `say` is told of each fault; in the end `findings` and `watch` have the figures."""

    ground: Field
    source: random.Random
    say: Callable[[str], None] = print
    in_flight: int = 8
    faults: Counter[str] = field(default_factory=Counter[str])
    _readings: dict[str, "asyncio.Task[Reading]"] = field(
        default_factory=dict[str, "asyncio.Task[Reading]"]
    )

    def __post_init__(self) -> None:
        self.watch = Watch(self.ground)
        self._enough = asyncio.Event()

    async def run(self, faults: Iterable[Fault]) -> Findings:
        """Let the faults strike one after the other while tasks run; then check everything."""
        watching = asyncio.ensure_future(self.watch.run())
        planting = asyncio.ensure_future(self._keep_planting())
        try:
            for fault in faults:
                await asyncio.sleep(self.source.uniform(0.1, 1.0))
                self.say(fault.name)
                await fault.strike(self.ground, self.watch)
                self.faults[fault.name.split(" at ")[0]] += 1
                if planting.done():
                    break
            self._enough.set()
            await planting
            self.say("the storm is over; waiting for its tasks")
            await self.ground.until_settled(seconds=_SETTLING_SECONDS)
        finally:
            await cancel_and_wait([planting, watching])
        findings = await check(self.ground)
        await self._check_readings(findings)
        return findings

    async def _keep_planting(self) -> None:
        while not self._enough.is_set():
            for kind in _KINDS:
                if await self._unfinished(kind) < self.in_flight:
                    self._watch_stream(await self.ground.plant(kind))
            await asyncio.sleep(0.1)

    async def _unfinished(self, kind: str) -> int:
        ((count,),) = await self.ground.sql(
            "SELECT count(*) FROM tasks WHERE status NOT IN ('complete', 'failed', 'cancelled')"
            " AND (kind = 'pipeline') = $1",
            kind == "pipeline",
        )
        return count

    def _watch_stream(self, planted: Planted) -> None:
        """Every second task has a reader all the while, whose connection is cut."""
        if self.source.random() < 0.5:
            cuts = random.Random(planted.mark)
            self._readings[planted.mark] = asyncio.ensure_future(
                read(source_of(self.ground, planted), cuts=cuts, seconds=600)
            )

    async def _check_readings(self, findings: Findings) -> None:
        rows = await self.ground.sql(
            "SELECT task_id, string_agg(payload ->> 'text', '' ORDER BY first_id) AS text"
            " FROM stream_events WHERE kind = 'text' GROUP BY 1"
        )
        stored = {row["task_id"]: row["text"] for row in rows}
        for planted in self.ground.planted:
            reading = self._readings.get(planted.mark)
            if reading is None:
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(reading), _READING_SECONDS)
            if not reading.done():
                findings.add(f"{planted.mark}: its live stream has not ended")
                await cancel_and_wait([reading])
                continue
            findings.counts["connections cut"] += reading.result().connections - 1
            check_reading(planted, reading.result(), stored.get(planted.id, ""), findings)
