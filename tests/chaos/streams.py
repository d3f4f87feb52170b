"""Many streams at once whose connections are cut, while what serves them is killed."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.kit.supervision import cancel_and_wait
from tests.chaos.checks import Findings, check_reading
from tests.chaos.faults import Fault, Flush, Kill, Restart
from tests.chaos.field import Field, Planted
from tests.chaos.plot import Plot
from tests.chaos.reading import Reading, Source, read
from tests.chaos.watch import Watch

AT_ONCE = 24
FAULTS: tuple[Fault, ...] = (
    Kill(("orchestrator",)),
    Kill(("chat-worker",)),
    Kill(("redis",)),
    Flush(),
    Kill(("redis", "worker")),
    Restart("orchestrator"),
    Kill(("redis", "chat-worker")),
    Kill(("worker",)),
)


@dataclass
class Streams:
    """`count` streams, every third of a pipeline task, the others of chats with the primary agent."""

    ground: Field
    count: int
    source: random.Random
    say: Callable[[str], None] = print
    faults: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        self.watch = Watch(self.ground)

    async def run(self, faults: Iterable[Fault]) -> Findings:
        """Read all of them to their ends; faults strike as long as there are streams."""
        findings = Findings()
        limit = asyncio.Semaphore(AT_ONCE)
        watching = asyncio.ensure_future(self.watch.run())
        striking = asyncio.ensure_future(self._strike(faults))
        try:
            read_ones = await asyncio.gather(*(self._one(n, limit) for n in range(self.count)))
        finally:
            await cancel_and_wait([striking, watching])
        await self.ground.until_settled(seconds=60)
        rows = await self.ground.sql(
            "SELECT tasks.id, tasks.output, tasks.status, tasks.error, string_agg(payload ->> 'text', '' ORDER BY first_id)"
            " AS text FROM tasks JOIN stream_events ON task_id = tasks.id AND stream_events.kind = 'text'"
            " GROUP BY 1, 2, 3, 4"
        )
        stored = {row["id"]: row for row in rows}
        for planted, reading in read_ones:
            findings.counts["connections"] += reading.connections
            row = stored.get(planted.id)
            check_reading(planted, reading, "" if row is None else row["text"], findings)
            if row is None or row["output"] != planted.plot.text:
                ended = "no text" if row is None else f"{row['status']}, {row['error']}"
                findings.add(
                    f"{planted.mark}: its answer is not the one that the model gave ({ended})"
                )
            elif planted.kind == "chat" and not reading.text.endswith(row["output"]):
                findings.add(f"{planted.mark}: what was read is not its answer")
        return findings

    async def _strike(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            await asyncio.sleep(self.source.uniform(0.5, 2.0))
            self.say(fault.name)
            await fault.strike(self.ground, self.watch)
            self.faults[fault.name] += 1

    async def _one(self, number: int, limit: asyncio.Semaphore) -> tuple[Planted, Reading]:
        mark = self.ground.next_mark()
        cuts = random.Random(mark)
        async with limit:
            if number % 3 == 0:
                return await self._pipeline(mark, cuts)
            return await self._chat(mark, cuts)

    async def _chat(self, mark: str, cuts: random.Random) -> tuple[Planted, Reading]:
        """The request that starts the turn is the stream; cut off, it is made again with its key."""
        body = {
            "messages": [{"role": "user", "content": f"[[{mark}]] please"}],
            "metadata": {"workspace": mark},
        }
        headers = {**self.ground.headers, "Idempotency-Key": mark}
        source = Source(
            self.ground.nova.url("orchestrator"),
            headers,
            ("/api/v1/chat/stream", json.dumps(body).encode()),
        )
        reading = await read(source, cuts=cuts, seconds=300)
        ((task,),) = await self.ground.sql("SELECT id FROM tasks WHERE idempotency_key = $1", mark)
        return self._planted(mark, "chat", task), reading

    async def _pipeline(self, mark: str, cuts: random.Random) -> tuple[Planted, Reading]:
        planted = await self.ground.plant("pipeline", mark=mark, pod="Quick Reply")
        path = f"/api/v1/pipeline/tasks/{planted.id}/events"
        source = Source(self.ground.nova.url("orchestrator"), self.ground.headers, None, path)
        return planted, await read(source, cuts=cuts, seconds=300)

    def _planted(self, mark: str, kind: str, task: UUID) -> Planted:
        planted = Planted(mark, kind, task, Plot(mark), self.ground.nova.workspace / mark)
        self.ground.planted.append(planted)
        return planted
