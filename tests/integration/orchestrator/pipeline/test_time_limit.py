"""How long a task may run: its pod's max_execution_seconds, over all attempts, without its waiting."""

from services.orchestrator.engine.runner import Engine
from services.orchestrator.tools.base import Effect
from tests.fixtures.engine import ScriptedGateway, counting_tool
from tests.fixtures.pipeline import Model, PipelineRig, chunks, tool_then

USED_UP = "The pod's limit of 1 seconds is used up"
SILENT = chunks({"delta": "I am "}, 60.0)


def watched(pipeline: PipelineRig, gateway: ScriptedGateway, *, failpoint: str = "") -> Engine:
    """An engine that looks at the clock, as a worker's does."""
    engine = pipeline.engine(gateway, failpoint=failpoint)
    pipeline.rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
    return engine


class TestTimeLimit:
    async def test_a_call_is_cut_off(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 1")
        with ScriptedGateway(Model(task=SILENT)) as gateway:
            task_id = await pipeline.submit()
            await watched(pipeline, gateway).on_wake()
            task = await pipeline.settled(task_id)
        assert (task.status, task.error) == ("failed", USED_UP)
        steps = await pipeline.steps(task_id, "model")
        assert [step["status"] for step in steps] == ["done", "failed"]
        assert steps[-1]["result"]["error"] == USED_UP
        (error,) = await pipeline.events(task_id, "error")
        assert (error["code"], error["detail"]) == ("time_limit", USED_UP)
        # What the readers saw of it is void.
        assert len(await pipeline.events(task_id, "rewind")) == 1

    async def test_a_running_tool_is_reported(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 1")
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.EFFECT, seconds=60)]
        model = Model(task=tool_then(Effect.EFFECT.value))
        with ScriptedGateway(model) as gateway:
            task_id = await pipeline.submit()
            await watched(pipeline, gateway).on_wake()
            task = await pipeline.settled(task_id)
        assert task.error == USED_UP
        (call,) = await pipeline.steps(task_id, "tool")
        assert call["status"] == "unknown"

    async def test_an_edit_holds_in_the_middle_of_a_call(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(task=SILENT)) as gateway:
            task_id = await pipeline.submit()
            await watched(pipeline, gateway).on_wake()
            await pipeline.rig.until("SELECT 1 FROM tasks WHERE status = 'task_running'")
            await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 1")
            task = await pipeline.settled(task_id)
        assert task.error == USED_UP

    async def test_the_clock_goes_on_after_a_crash(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 100")
        with ScriptedGateway(Model(task=[{"output": "a"}, SILENT])) as gateway:
            task_id = await pipeline.submit()
            first = watched(pipeline, gateway, failpoint="stage-ended-task:raise")
            async with pipeline.killed():
                await first.on_wake()
                await first.wait_until_idle()
            # As if it had run for 99.9 s before.
            await pipeline.rig.sql("UPDATE tasks SET ran_seconds = 99.9")
            second = watched(pipeline, gateway)
            await second.free_earlier_boots()
            (row,) = await pipeline.rig.sql("SELECT ran_seconds, counted_at FROM tasks")
            assert row["ran_seconds"] > 99.9
            assert row["counted_at"] is None
            gateway.script = Model(guardrail=SILENT)
            await second.on_wake()
            task = await pipeline.settled(task_id)
        assert task.error == "The pod's limit of 100 seconds is used up"

    async def test_waiting_for_a_person_does_not_count(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 2")
        model = Model(guardrail={"blocked": True}, code_review={"verdict": "reject"})
        with ScriptedGateway(model) as gateway:
            task_id = await pipeline.submit()
            engine = watched(pipeline, gateway)
            await engine.on_wake()
            assert (await pipeline.settled(task_id)).status == "pending_human_review"
            # The clock stands, however long that takes.
            (before,) = await pipeline.rig.sql("SELECT ran_seconds, counted_at FROM tasks")
            assert 0 < before["ran_seconds"] < 2
            assert before["counted_at"] is None
            await pipeline.review(task_id, "approve")
            (after,) = await pipeline.rig.sql("SELECT ran_seconds FROM tasks")
            assert after["ran_seconds"] == before["ran_seconds"]
            await engine.on_wake()
            assert (await pipeline.settled(task_id)).status == "complete"

    async def test_a_crash_in_the_middle_of_its_end(self, pipeline: PipelineRig) -> None:
        """Who goes on ends it in the same way, whatever limit the pod has by then."""
        await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 1")
        with ScriptedGateway(Model(task=SILENT)) as gateway:
            task_id = await pipeline.submit()
            first = watched(pipeline, gateway, failpoint="time-limit-kept:raise")
            async with pipeline.killed():
                await first.on_wake()
                await first.wait_until_idle()
            await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 300")
            second = watched(pipeline, gateway)
            await second.free_earlier_boots()
            await second.on_wake()
            task = await pipeline.settled(task_id)
        assert (task.status, task.error) == ("failed", USED_UP)
        assert len(gateway.bodies) == 2

    async def test_a_cancel_is_no_failure(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_execution_seconds = 60")
        with ScriptedGateway(Model(task=SILENT)) as gateway:
            task_id = await pipeline.submit()
            await watched(pipeline, gateway).on_wake()
            await pipeline.rig.until("SELECT 1 FROM tasks WHERE status = 'task_running'")
            await pipeline.rig.sql("UPDATE tasks SET cancel_requested_at = now()")
            task = await pipeline.settled(task_id)
        assert task.status == "cancelled"
