"""Who makes each transition of the task machine: the real code, seen by a log in the database."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from contracts.orchestrator import ClarifyRequest
from services.kit.jobs import Waker
from services.orchestrator.engine.leases.reaper import Reaper
from services.orchestrator.pipeline.tasks import service
from services.orchestrator.tasks import service as task_service
from tests.fixtures.engine import ADMIN, ScriptedGateway
from tests.fixtures.pipeline import FAILING, Model, PipelineRig, chunks

BLOCKED = {"blocked": True}
ASKS = {"summary": "unclear", "questions": ["Which?"]}
SILENT = chunks(60.0)
QUARTET = ["context_running", "task_running", "guardrail_running", "review_running", "completing"]
_LOG = """
    CREATE TABLE walked (number serial, task_id uuid, status text);
    CREATE FUNCTION walk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO walked (task_id, status) VALUES (NEW.id, NEW.status); RETURN NULL; END $$;
    CREATE TRIGGER walk AFTER INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION walk();
"""


class Walk:
    """The statuses that a task goes through."""

    def __init__(self, pipeline: PipelineRig) -> None:
        self._pipeline = pipeline

    async def of(self, task_id: UUID) -> list[str]:
        rows = await self._pipeline.rig.sql(
            "SELECT status FROM walked WHERE task_id = $1 ORDER BY number", task_id
        )
        found: list[str] = []
        for row in rows:
            if not found or found[-1] != row["status"]:
                found.append(row["status"])
        return found


@pytest.fixture
async def walk(pipeline: PipelineRig) -> Walk:
    async with pipeline.rig.database.connection() as connection:
        await connection.execute(_LOG)
    return Walk(pipeline)


async def cancel(pipeline: PipelineRig, task_id: UUID) -> None:
    async with pipeline.rig.database.transaction() as connection:
        await task_service.cancel_task(connection, task_id, actor=ADMIN)


async def running(pipeline: PipelineRig, gateway: ScriptedGateway) -> tuple[UUID, Any]:
    """A task in the middle of a model call, and its worker's engine."""
    engine = pipeline.engine(gateway)
    task_id = await pipeline.submit()
    await engine.on_wake()
    await pipeline.rig.until("SELECT 1 FROM task_steps WHERE kind = 'model'")
    return task_id, engine


class TestRun:
    async def test_a_run_goes_from_stage_to_stage(self, pipeline: PipelineRig, walk: Walk) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        assert await walk.of(task.id) == ["queued", *QUARTET, "complete"]

    async def test_the_review_loop_goes_back(self, pipeline: PipelineRig, walk: Walk) -> None:
        model = Model(code_review=[{"verdict": "needs_refactor"}, {"verdict": "pass"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        loop = ["task_running", "guardrail_running", "review_running"]
        walked = await walk.of(task.id)
        assert walked == ["queued", "context_running", *loop, *loop, "completing", "complete"]

    async def test_a_failed_stage_ends_it(self, pipeline: PipelineRig, walk: Walk) -> None:
        await pipeline.change_agent("task", max_retries=0)
        with ScriptedGateway(Model(task=FAILING)) as gateway:
            task = await pipeline.run(gateway)
        assert await walk.of(task.id) == ["queued", "context_running", "task_running", "failed"]


class TestPerson:
    @pytest.mark.parametrize(
        ("decision", "then"), [("approve", ["queued", "review_running"]), ("reject", ["failed"])]
    )
    async def test_a_review(
        self, pipeline: PipelineRig, walk: Walk, decision: str, then: list[str]
    ) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.review(task.id, decision)
            if decision == "approve":
                await pipeline.go_on(task.id, gateway)
        walked = await walk.of(task.id)
        before = ["queued", *QUARTET[:-1], "pending_human_review"]
        assert walked[: len(before) + len(then)] == [*before, *then]

    async def test_answers(self, pipeline: PipelineRig, walk: Walk) -> None:
        with ScriptedGateway(Model(context=ASKS)) as gateway:
            task = await pipeline.run(gateway)
            async with pipeline.rig.database.transaction() as connection:
                request = ClarifyRequest(answers=["This"])
                await service.clarify(connection, task.id, request, actor=ADMIN)
            await pipeline.go_on(task.id, gateway)
        walked = await walk.of(task.id)
        asked = ["queued", "context_running", "clarification_needed", "queued", "context_running"]
        assert walked[:5] == asked

    @pytest.mark.parametrize("says", [{"guardrail": BLOCKED}, {"context": ASKS}])
    async def test_a_cancel_while_it_waits(
        self, pipeline: PipelineRig, walk: Walk, says: dict[str, Any]
    ) -> None:
        with ScriptedGateway(Model(**says)) as gateway:
            task = await pipeline.run(gateway)
            await cancel(pipeline, task.id)
        assert (await walk.of(task.id))[-2:] == [task.status, "cancelled"]

    async def test_a_cancel_in_the_queue(self, pipeline: PipelineRig, walk: Walk) -> None:
        task_id = await pipeline.submit()
        await cancel(pipeline, task_id)
        assert await walk.of(task_id) == ["queued", "cancelled"]

    async def test_a_cancel_of_a_run(self, pipeline: PipelineRig, walk: Walk) -> None:
        with ScriptedGateway(Model(context=SILENT)) as gateway:
            task_id, engine = await running(pipeline, gateway)
            pipeline.rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
            await cancel(pipeline, task_id)
            await pipeline.settled(task_id)
        assert await walk.of(task_id) == ["queued", "context_running", "cancelled"]


class TestWorker:
    async def test_one_that_stops_gives_it_back(self, pipeline: PipelineRig, walk: Walk) -> None:
        with ScriptedGateway(Model(context=SILENT)) as gateway:
            task_id, engine = await running(pipeline, gateway)
            await engine.stop()
        assert await walk.of(task_id) == ["queued", "context_running", "queued"]

    async def test_one_that_is_lost_and_the_dead_letter_tried_again(
        self, pipeline: PipelineRig, walk: Walk, redis_url: str
    ) -> None:
        waker = Waker(redis_url, database=2)
        reaper = Reaper(pipeline.rig.database, pipeline.rig.publisher, waker)

        async def lose(*walked: str) -> None:
            """Let the lease run out and sweep; a row that its run is writing is passed over."""
            async with asyncio.timeout(20):
                while await walk.of(task_id) != list(walked):
                    await pipeline.rig.sql(
                        "UPDATE tasks SET lease_until = now() - interval '1 minute'"
                        " WHERE holder IS NOT NULL"
                    )
                    await reaper.sweep()

        with ScriptedGateway(Model(context=SILENT)) as gateway:
            task_id, _ = await running(pipeline, gateway)
            await lose("queued", "context_running", "queued")
            await pipeline.engine(gateway).on_wake()
            await pipeline.rig.sql("UPDATE tasks SET retry_count = max_retries")
            await lose(*["queued", "context_running"] * 2, "failed")
        await waker.close()
        async with pipeline.rig.database.transaction() as connection:
            await service.retry_dead_letter(connection, task_id, actor=ADMIN)
        walked = await walk.of(task_id)
        assert walked == [*["queued", "context_running"] * 2, "failed", "queued"]


class TestRestore:
    async def restored(self, pipeline: PipelineRig) -> None:
        assert (await pipeline.rig.sql("SELECT hold_restored_tasks() AS held"))[0]["held"] == 1

    async def paused(self, pipeline: PipelineRig, gateway: ScriptedGateway, status: str) -> UUID:
        match status:
            case "submitted":
                # No product path of its own leads here without children.
                task_id = await pipeline.submit()
                await pipeline.rig.sql("ALTER TABLE tasks DISABLE TRIGGER tasks_guard")
                await pipeline.rig.sql("UPDATE tasks SET status = 'submitted'")
                await pipeline.rig.sql("ALTER TABLE tasks ENABLE TRIGGER tasks_guard")
                return task_id
            case "queued":
                return await pipeline.submit()
            case "context_running":
                gateway.script = Model(context=SILENT)
                return (await running(pipeline, gateway))[0]
            case "clarification_needed":
                gateway.script = Model(context=ASKS)
            case _:
                gateway.script = Model(guardrail=BLOCKED)
        return (await pipeline.run(gateway)).id

    @pytest.mark.parametrize("decision", ["approve", "reject"])
    @pytest.mark.parametrize(
        "status",
        ["submitted", "queued", "context_running", "clarification_needed", "pending_human_review"],
    )
    async def test_what_was_unfinished_waits_for_a_person(
        self, pipeline: PipelineRig, walk: Walk, status: str, decision: str
    ) -> None:
        with ScriptedGateway(Model()) as gateway:
            task_id = await self.paused(pipeline, gateway, status)
            (before,) = await pipeline.rig.sql("SELECT attempt FROM tasks")
            await self.restored(pipeline)
            task = await pipeline.rig.task(task_id)
            assert task.status == "pending_human_review"
            assert task.pending is not None
            assert task.pending["kind"] == "restored"
            (after,) = await pipeline.rig.sql("SELECT attempt, holder FROM tasks")
            assert (after["attempt"], after["holder"]) == (before["attempt"] + 1, None)
            await pipeline.review(task_id, decision)
            assert (await walk.of(task_id))[-1] == ("queued" if decision == "approve" else "failed")

    async def test_an_approved_one_goes_on_and_readers_are_told(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model(context=ASKS)) as gateway:
            task = await pipeline.run(gateway)
            (last,) = await pipeline.rig.sql("SELECT max(last_id) AS id FROM stream_events")
            await self.restored(pipeline)
            (rewind,) = await pipeline.events(task.id, "rewind")
            assert rewind["to"] == last["id"]
            told = (await pipeline.events(task.id, "status"))[-1]
            assert (told["status"], told["pending"]["kind"]) == ("pending_human_review", "restored")
            await pipeline.review(task.id, "approve")
            again = await pipeline.go_on(task.id, gateway)
        # The question that it waited with before is asked again, and no call was made for it.
        assert again.status == "clarification_needed"
        assert len(gateway.bodies) == 1
        # Beyond any id that a reader can have from after the backup.
        (far,) = await pipeline.rig.sql(
            "SELECT min(first_id) AS id FROM stream_events WHERE first_id > $1", last["id"]
        )
        assert far["id"] > last["id"] + 1_000_000

    async def test_a_turn_of_an_agent_ends_and_what_had_ended_stays(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model()) as gateway:
            complete = await pipeline.run(gateway)
        turn = await pipeline.rig.submit("Hello")
        await self.restored(pipeline)
        ended = await pipeline.rig.task(turn.id)
        assert ended.status == "failed"
        assert "ask again" in (ended.error or "")
        assert [event["code"] for event in await pipeline.events(turn.id, "error")] == ["restored"]
        assert await pipeline.rig.task(complete.id) == complete
