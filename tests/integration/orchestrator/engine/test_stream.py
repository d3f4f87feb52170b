"""What readers are given: each event once, whatever is cut, flushed or begun again."""

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import pytest

from services.kit.redis import open_redis
from services.orchestrator.engine.stream.hub import EventHub
from services.orchestrator.engine.stream.numbering import Event, delta_payload, open_block
from services.orchestrator.engine.stream.publisher import LiveCall
from services.orchestrator.engine.stream.reader import StreamReader
from tests.fixtures.engine import REDIS_DATABASE, Rig, ScriptedGateway, text


class Reading:
    """What a client has put together, as api.md tells it to."""

    def __init__(self) -> None:
        self.last_id = 0
        self.ids: list[int] = []
        self.pieces: dict[int, str] = {}
        self.ended = False

    def take(self, event: Event) -> None:
        self.ids.append(event.id)
        self.last_id = event.id
        content = json.loads(event.payload or "{}")
        if "delta" in content:
            self.pieces[event.id] = content["delta"]
        elif content["type"] == "rewind":
            self.pieces = {key: text for key, text in self.pieces.items() if key <= content["to"]}
        elif content["type"] == "status":
            self.ended = content["status"] in {"complete", "failed"}

    @property
    def text(self) -> str:
        return "".join(self.pieces.values())


async def read(
    rig: Rig, hub: EventHub, task_id: UUID, *, cut: random.Random | None = None
) -> Reading:
    """Read to the end; with `cut`, in connections that break off after a random number of events."""
    reading = Reading()
    while not reading.ended:
        left = cut.randint(0, 12) if cut is not None else 10**9
        reader = StreamReader(
            rig.database,
            hub,
            (await rig.task(task_id)).stream_id,
            after=reading.last_id,
            task_id=task_id,
        )
        events = reader.events()
        async for event in events:
            reading.take(event)
            left -= 1
            if left <= 0:
                break
        await events.aclose()
        if cut is None:
            break
    return reading


def long_answer(seed: int, *, with_cuts: bool) -> Any:
    """A text of random pieces; the first tries break off in the middle if so wished."""
    source = random.Random(seed)
    words = [source.choice(["é ", "word ", "\u2028", '"q" ', "🙂 ", "x\n"]) for _ in range(120)]

    def script(_body: dict[str, Any], number: int) -> list[Any]:
        chunks: list[Any] = []
        for word in words:
            chunks += [{"delta": word}, 0.002]
        if with_cuts and number <= 2:
            return [*chunks[: 60 * number], "cut"]
        return [*chunks, *text()]

    return script


class TestReader:
    @pytest.mark.parametrize("seed", range(5))
    async def test_cut_connections_and_an_emptied_redis_lose_and_double_nothing(
        self, rig: Rig, seed: int
    ) -> None:
        cut = random.Random(seed)
        with ScriptedGateway(long_answer(seed, with_cuts=seed % 2 == 0)) as gateway:
            task = await rig.submit()
            readers = [
                asyncio.ensure_future(read(rig, rig.hub, task.id, cut=cut)) for _ in range(4)
            ]
            await rig.engine(gateway).on_wake()
            for _ in range(3):
                await asyncio.sleep(0.1)
                await rig.redis.flushall()
            ended = await rig.ended(task.id)
            async with asyncio.timeout(20):
                readings = await asyncio.gather(*readers)
        assert ended.output
        for reading in readings:
            assert reading.ids == sorted(set(reading.ids))
            assert reading.text == ended.output

    async def test_a_late_reader_sees_what_is_under_way(self, rig: Rig, redis_url: str) -> None:
        """A web process that has just started takes an unfinished call's deltas from Redis."""
        with ScriptedGateway(long_answer(7, with_cuts=False)) as gateway:
            task = await rig.submit()
            await rig.engine(gateway).on_wake()
            await rig.until("SELECT 1 FROM task_steps WHERE status = 'begun'")
            await asyncio.sleep(0.1)
            redis = open_redis(redis_url, database=REDIS_DATABASE, blocking=True)
            hub = EventHub(redis)
            running = asyncio.ensure_future(hub.run())
            first = Reading()
            reader = StreamReader(
                rig.database, hub, task.stream_id, after=task.stream_after, task_id=task.id
            )
            async with asyncio.timeout(10):
                async for event in reader.events():
                    first.take(event)
                    if first.pieces:
                        break
            still_running = (await rig.task(task.id)).status
            rest = await read(rig, hub, task.id)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await redis.aclose()
        assert still_running == "task_running"
        assert rest.text == (await rig.task(task.id)).output

    @pytest.mark.parametrize("joins", ["early", "late"])
    async def test_a_reader_far_behind_need_not_wait_for_the_call_s_end(
        self, rig: Rig, joins: str
    ) -> None:
        """More deltas of a call that still runs than anybody keeps for a reader: Redis has them."""
        task = await rig.submit()
        count = 12_000
        async with rig.database.transaction() as connection:
            numbering, _ = await open_block(connection, task.stream_id, task_id=task.id, size=count)
        call = LiveCall(task.stream_id)
        rig.publisher.hold(call)
        reader = StreamReader(
            rig.database, rig.hub, task.stream_id, after=task.stream_after, task_id=task.id
        )
        events = reader.events()
        reading = Reading()

        def publish(number: int) -> None:
            for _ in range(number):
                event = numbering.take(task.id, delta_payload(f"{numbering.highest_used} "))
                rig.publisher.publish_delta(call, event)

        publish(1)
        async with asyncio.timeout(30):
            if joins == "early":
                reading.take(await anext(events))
            publish(count - 1)
            late = StreamReader(
                rig.database, rig.hub, task.stream_id, after=task.stream_after, task_id=task.id
            )
            last = call.events[-1].id
            while (heard := rig.hub._recent.get(task.stream_id)) is None or heard[-1].id < last:  # noqa: ASYNC110 - it reads Redis
                await asyncio.sleep(0.01)
            async for event in events if joins == "early" else late.events():
                reading.take(event)
                if len(reading.ids) == count:
                    break
        await events.aclose()
        assert reading.ids == sorted({event.id for event in call.events})
        assert await rig.sql("SELECT 1 FROM stream_events WHERE kind = 'text'") == []
        rig.publisher.release(call)

    async def test_replay_gives_every_delta_its_own_id_again(self, rig: Rig) -> None:
        with ScriptedGateway(long_answer(3, with_cuts=False)) as gateway:
            task = await rig.submit()
            live = asyncio.ensure_future(read(rig, rig.hub, task.id))
            await rig.engine(gateway).on_wake()
            ended = await rig.ended(task.id)
            live_reading = await live
        replayed = await read(rig, EventHub(rig.redis), task.id)
        assert replayed.ids == live_reading.ids
        assert replayed.pieces == live_reading.pieces
        assert replayed.text == ended.output

    async def test_a_crashed_holder_is_followed_by_a_rewind(self, rig: Rig) -> None:
        with ScriptedGateway(long_answer(4, with_cuts=False)) as gateway:
            task = await rig.submit()
            reader = asyncio.ensure_future(read(rig, rig.hub, task.id))
            first = rig.engine(gateway)
            await first.on_wake()
            await rig.until("SELECT 1 FROM task_steps WHERE status = 'begun'")
            await asyncio.sleep(0.1)
            await first.stop()
            await rig.engine(gateway).on_wake()
            ended = await rig.ended(task.id)
            async with asyncio.timeout(10):
                reading = await reader
        events = await rig.sql("SELECT payload FROM stream_events ORDER BY first_id")
        assert events[0]["payload"] == {"type": "rewind", "to": 0}
        assert reading.text == ended.output

    async def test_a_session_goes_on_without_a_gap(self, rig: Rig) -> None:
        with ScriptedGateway(lambda _body, number: text(f"answer {number}")) as gateway:
            engine = rig.engine(gateway)
            first = await rig.submit("1")
            second = await rig.submit("2", session_id=first.session_id)
            await engine.on_wake()
            await rig.ended(first.id)
            await rig.ended(second.id)
        rows = await rig.sql("SELECT first_id, last_id, kind FROM stream_events ORDER BY first_id")
        ids = [number for row in rows for number in range(row["first_id"], row["last_id"] + 1)]
        assert ids == list(range(1, len(ids) + 1))
        assert {row["kind"] for row in rows} == {"event", "text"}
