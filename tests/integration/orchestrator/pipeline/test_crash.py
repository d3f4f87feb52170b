"""A worker dies at every point of a pipeline task: it completes, and nothing finished is made again."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from services.orchestrator.tools.base import Effect
from tests.fixtures.engine import ScriptedGateway, counting_tool
from tests.fixtures.pipeline import FACT, FAILING, QUARTET, Model, PipelineRig, tool_then

RAN = [name for name in QUARTET if name != "decision"]
# Nine model calls, one tool call and two memory calls: each of their points, as often as it comes.
MODEL_POINTS = [
    f"model-{point}:{number}"
    for point in ("begun", "received", "settled")
    for number in range(1, 10)
]
OTHER_POINTS = [
    *(f"tool-{point}" for point in ("begun", "started", "executed", "settled")),
    *(f"memory-{point}:{n}" for point in ("begun", "answered", "settled") for n in (1, 2)),
]
STAGE_POINTS = [f"stage-{point}-{name}" for point in ("begun", "ended") for name in RAN]


async def each_stage_told_once(pipeline: PipelineRig, task_id: UUID) -> None:
    told = Counter(
        (event["stage"], event["status"]) for event in await pipeline.events(task_id, "stage")
    )
    expected = {(name, status) for name in RAN for status in ("started", "completed")}
    assert told == Counter(expected | {("decision", "skipped")})
    assert len(await pipeline.events(task_id, "meta")) == 1
    for kind in ("tool_call", "tool_result", "artifact"):
        events = await pipeline.events(task_id, kind)
        assert len(events) == (2 if kind == "artifact" else 1)
    assert [event["status"] for event in await pipeline.events(task_id, "status")] == ["complete"]


class TestCrash:
    @pytest.mark.parametrize("point", [*STAGE_POINTS, *MODEL_POINTS, *OTHER_POINTS])
    async def test_it_completes_and_no_finished_step_is_made_again(
        self, pipeline: PipelineRig, point: str
    ) -> None:
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.IDEMPOTENT)]
        model = Model(task=tool_then("idempotent", note="x"))
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, point)
        assert (task.status, task.output) == ("complete", "counted")
        again = 1 if point.startswith("model-received") else 0
        assert len(gateway.bodies) == 9 + again
        counted = (pipeline.rig.folder / "idempotent").read_text().splitlines()
        assert len(counted) == (2 if point == "tool-executed" else 1)
        await each_stage_told_once(pipeline, task.id)
        assert await pipeline.memories() == [FACT]
        assert task.total_input_tokens == 8 * 3 + 1

    async def test_an_abort_is_one_after_a_crash_too(self, pipeline: PipelineRig) -> None:
        """The stage's failure is stored, the task's is not: nobody may go on as if it were well."""
        await pipeline.change_agent("guardrail", max_retries=0, on_failure="abort")
        task_id = await pipeline.submit()
        with ScriptedGateway(Model(guardrail=FAILING)) as gateway:
            await pipeline.rig.sql(
                """
                CREATE FUNCTION no_end() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not now'; END $$
                """
            )
            await pipeline.rig.sql(
                """
                CREATE TRIGGER no_end BEFORE UPDATE ON tasks FOR EACH ROW
                WHEN (NEW.status = 'failed') EXECUTE FUNCTION no_end()
                """
            )
            first = pipeline.engine(gateway)
            await first.on_wake()
            await first.wait_until_idle()
            await pipeline.rig.sql("DROP TRIGGER no_end ON tasks")
            second = pipeline.engine(gateway)
            await second.free_earlier_boots()
            task = await pipeline.go_on(task_id, gateway)
        assert (task.status, task.error) == ("failed", "guardrail: no such model")

    async def test_a_question_is_asked_after_a_crash_too(self, pipeline: PipelineRig) -> None:
        model = Model(context={"summary": "unclear", "questions": ["Which?"]})
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, "stage-ended-context")
        assert task.status == "clarification_needed"
        assert model.asked == ["context"]

    @pytest.mark.parametrize("point", ["stage-ended-code_review:1", "stage-ended-code_review:2"])
    async def test_rounds_go_on_where_they_were(self, pipeline: PipelineRig, point: str) -> None:
        model = Model(code_review=[{"verdict": "needs_refactor"}, {"verdict": "pass"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, point)
        assert task.status == "complete"
        assert model.asked.count("task") == model.asked.count("code_review") == 2


class TestUnknownOutcome:
    """An irreversible call that was interrupted: a person says what becomes of the task."""

    async def interrupted(self, pipeline: PipelineRig, gateway: ScriptedGateway) -> Any:
        task = await pipeline.run_with_crash(gateway, "tool-executed")
        assert task.status == "pending_human_review"
        assert task.pending is not None
        assert task.pending["kind"] == "unknown_outcome"
        assert task.pending["options"] == ["approve", "reject"]
        assert 'irreversible {"note":"pay"}' in task.pending["prompt"]
        return task

    def paying(self, pipeline: PipelineRig, **says: Any) -> ScriptedGateway:
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.IRREVERSIBLE)]
        return ScriptedGateway(Model(task=tool_then("irreversible", note="pay"), **says))

    def paid(self, pipeline: PipelineRig) -> int:
        return len((pipeline.rig.folder / "irreversible").read_text().splitlines())

    async def test_approved_it_goes_on_and_the_model_is_told(self, pipeline: PipelineRig) -> None:
        with self.paying(pipeline) as gateway:
            task = await self.interrupted(pipeline, gateway)
            await pipeline.review(task.id, "approve", comment="It was paid")
            ended = await pipeline.go_on(task.id, gateway)
        assert ended.status == "complete"
        assert "Outcome unknown" in (ended.output or "")
        assert "It was paid" in (ended.output or "")
        assert self.paid(pipeline) == 1
        (step,) = await pipeline.steps(task.id, "tool")
        assert step["status"] == "unknown"

    async def test_approval_is_none_of_the_result(self, pipeline: PipelineRig) -> None:
        with self.paying(pipeline, guardrail={"blocked": True}) as gateway:
            task = await self.interrupted(pipeline, gateway)
            await pipeline.review(task.id, "approve")
            again = await pipeline.go_on(task.id, gateway)
        assert again.status == "pending_human_review"
        assert (again.pending or {})["kind"] == "decision"

    async def test_begun_and_not_started_it_is_simply_made(self, pipeline: PipelineRig) -> None:
        with self.paying(pipeline) as gateway:
            task = await pipeline.run_with_crash(gateway, "tool-begun")
        assert (task.status, task.output) == ("complete", "counted")
        assert self.paid(pipeline) == 1

    async def test_rejected_it_fails(self, pipeline: PipelineRig) -> None:
        with self.paying(pipeline) as gateway:
            task = await self.interrupted(pipeline, gateway)
            await pipeline.review(task.id, "reject")
        assert (await pipeline.rig.task(task.id)).status == "failed"
        assert self.paid(pipeline) == 1

    async def test_cancelled_in_the_middle_of_it_the_task_ends(self, pipeline: PipelineRig) -> None:
        gateway = self.paying(pipeline)
        pipeline.tools = [
            counting_tool(pipeline.rig.folder, effect=Effect.IRREVERSIBLE, seconds=60)
        ]
        with gateway:
            engine = pipeline.engine(gateway)
            pipeline.rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
            task_id = await pipeline.submit()
            await engine.on_wake()
            await pipeline.rig.until("SELECT 1 FROM task_steps WHERE kind = 'tool'")
            await pipeline.rig.sql("UPDATE tasks SET cancel_requested_at = now()")
            assert (await pipeline.settled(task_id, seconds=20)).status == "cancelled"

    async def test_a_stage_out_of_time_in_the_middle_of_it_waits_too(
        self, pipeline: PipelineRig
    ) -> None:
        await pipeline.change_agent("task", timeout_seconds=1)
        gateway = self.paying(pipeline)
        pipeline.tools = [
            counting_tool(pipeline.rig.folder, effect=Effect.IRREVERSIBLE, seconds=30)
        ]
        with gateway:
            task = await pipeline.run(gateway)
            assert task.pending is not None
            assert task.pending["kind"] == "unknown_outcome"
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"
        assert self.paid(pipeline) == 1
