"""Stages that fail: repaired, tried again, skipped, handed to a person, out of time."""

from typing import Any

import pytest

from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import AFTERWARDS, FAILING, Model, PipelineRig, chunks, role_of

SILENT = chunks(60.0)


class TestRepair:
    async def test_a_malformed_reply_is_repaired_once(self, pipeline: PipelineRig) -> None:
        model = Model(code_review=["It looks fine.", {"verdict": "pass"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        first, second = [body for body in gateway.bodies if role_of(body) == "code_review"]
        assert len(second["messages"]) == len(first["messages"]) + 2
        assert "could not be used" in second["messages"][-1]["content"]

    async def test_malformed_twice_is_a_failure_of_the_stage(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("code_review", max_retries=1, on_failure="abort")
        model = Model(code_review="It looks fine.")
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "failed"
        assert "code_review: the reply is not what was asked for" in (task.error or "")
        assert model.asked.count("code_review") == 4


class TestOutputSchema:
    SCHEMA = {"properties": {"score": {"type": "integer"}}, "required": ["score"]}  # noqa: RUF012

    async def test_it_is_asked_for_repaired_once_and_kept(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", output_schema=self.SCHEMA)
        model = Model(task=[{"output": "done"}, {"output": "done", "score": 7}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "done")
        first, second = [body for body in gateway.bodies if role_of(body) == "task"]
        schema = first["response_format"]["json_schema"]["schema"]
        assert set(schema["required"]) == {"output", "score"}
        assert "'score' is a required property" in second["messages"][-1]["content"]
        (stage,) = await pipeline.rig.sql(
            "SELECT output, input_tokens FROM task_stages WHERE stage = 'task'"
        )
        assert stage["output"] == {"output": "done", "files_changed": [], "score": 7}
        assert stage["input_tokens"] == 6
        reviewed = next(body for body in gateway.bodies if role_of(body) == "code_review")
        assert '"score": 7' in reviewed["messages"][1]["content"]

    async def test_broken_twice_the_stage_fails(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", output_schema=self.SCHEMA, max_retries=0)
        with ScriptedGateway(Model(task={"output": "done"})) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "failed"
        assert "'score' is a required property" in (task.error or "")


class TestOnFailure:
    async def fail_guardrail(self, pipeline: PipelineRig, on_failure: str) -> Any:
        await pipeline.change_agent("guardrail", max_retries=0, on_failure=on_failure)
        with ScriptedGateway(Model(guardrail=FAILING)) as gateway:
            task = await pipeline.run(gateway)
        assert ("guardrail", 1, "failed") in await pipeline.stages(task.id)
        events = await pipeline.events(task.id, "stage")
        failed = [event["detail"] for event in events if event["status"] == "failed"]
        assert failed == ["no such model"]
        return task

    async def test_skip(self, pipeline: PipelineRig) -> None:
        assert (await self.fail_guardrail(pipeline, "skip")).status == "complete"

    async def test_abort(self, pipeline: PipelineRig) -> None:
        task = await self.fail_guardrail(pipeline, "abort")
        assert (task.status, task.error) == ("failed", "guardrail: no such model")

    async def test_escalate(self, pipeline: PipelineRig) -> None:
        task = await self.fail_guardrail(pipeline, "escalate")
        assert task.status == "pending_human_review"
        assert "escalated" in task.pending["prompt"]
        with ScriptedGateway(Model()) as gateway:
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"

    async def test_a_retry_may_succeed(self, pipeline: PipelineRig) -> None:
        model = Model(task=[FAILING, FAILING, {"output": "third time"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "third time")


class TestTimeout:
    async def test_a_stage_out_of_time_is_tried_again(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", timeout_seconds=1)
        model = Model(task=[chunks({"delta": "I am "}, 60.0), {"output": "quick"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "quick")
        steps = await pipeline.steps(task.id, "model")
        work = [step["status"] for step in steps if step["stage"] == "task"]
        assert work == ["failed", "done"]
        # What the readers saw of it is void.
        assert len(await pipeline.events(task.id, "rewind")) == 1

    async def test_a_stage_that_is_always_out_of_time_fails(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", timeout_seconds=1, max_retries=1)
        with ScriptedGateway(Model(task=SILENT)) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.error) == ("failed", "task: no result within 1 s")

    async def test_after_a_crash_it_is_not_waited_for_again(self, pipeline: PipelineRig) -> None:
        """The attempt that ran out of time counts, and the next one's steps are its own."""
        await pipeline.change_agent("task", timeout_seconds=1, fallback_models=["other"])
        model = Model(task=[SILENT, {"output": "quick"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, "stage-timed-out-task")
        assert (task.status, task.output) == ("complete", "quick")
        asked = [body["model"] for body in gateway.bodies if role_of(body) == "task"]
        assert asked == ["auto", "auto"]

    @pytest.mark.parametrize("point", ["stage-ended-task", "stage-begun-guardrail"])
    async def test_a_crash_after_the_second_attempt_makes_neither_again(
        self, pipeline: PipelineRig, point: str
    ) -> None:
        await pipeline.change_agent("task", timeout_seconds=1)
        model = Model(task=[SILENT, {"output": "quick"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, point)
        assert (task.status, task.output) == ("complete", "quick")
        assert model.asked.count("task") == 2


class TestParallel:
    @pytest.mark.parametrize("fails", AFTERWARDS)
    async def test_one_that_fails_does_not_disturb_the_others(
        self, pipeline: PipelineRig, fails: str
    ) -> None:
        with ScriptedGateway(Model(**{fails: FAILING})) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "done")
        ended = {stage: status for stage, _, status in await pipeline.stages(task.id)}
        assert {name: ended[name] for name in AFTERWARDS} == {
            name: "failed" if name == fails else "completed" for name in AFTERWARDS
        }

    async def test_one_that_aborts_lets_the_others_end_first(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("diagramming", on_failure="abort")
        slow = chunks(0.3, {"delta": '{"content": "late"}'}, {"finish_reason": "stop"})
        with ScriptedGateway(Model(diagramming=FAILING, documentation=slow)) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.error) == ("failed", "diagramming: no such model")
        assert ("documentation", 1, "completed") in await pipeline.stages(task.id)

    async def test_they_run_side_by_side(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        told = [
            event["status"]
            for event in await pipeline.events(task.id, "stage")
            if event["stage"] in AFTERWARDS
        ]
        assert told[: len(AFTERWARDS)] == ["started"] * len(AFTERWARDS)
