"""A task forked off at a step: what was before is taken over for nothing, from there on it runs."""

import json
import random
from typing import Any
from uuid import UUID

import pytest

from contracts.orchestrator import ClarifyRequest
from services.kit.errors import Invalid, NotFound, WrongState
from services.kit.ids import new_id
from services.orchestrator.pipeline.tasks import service
from services.orchestrator.tasks.queries import TaskRow
from services.orchestrator.tools.base import Effect
from tests.fixtures.engine import ADMIN, ScriptedGateway, counting_tool
from tests.fixtures.pipeline import AFTERWARDS, QUARTET, Model, PipelineRig, role_of, tool_then
from tests.fixtures.replays import assert_identical, fork_and_run, forked, step_of
from tests.fixtures.scanner_corpus import provider_keys

BLOCKED = {"blocked": True}
ASKS = {"summary": "unclear", "questions": ["Which?"]}
LOOP = [{"verdict": "needs_refactor", "summary": "Once more"}, {"verdict": "pass"}]


async def finished(pipeline: PipelineRig, **says: Any) -> TaskRow:
    with ScriptedGateway(Model(**says)) as gateway:
        return await pipeline.run(gateway)


def asked(gateway: ScriptedGateway) -> list[str]:
    return [role_of(body) for body in gateway.bodies]


def told(gateway: ScriptedGateway, role: str) -> dict[str, Any]:
    return next(body for body in gateway.bodies if role_of(body) == role)


class TestFromAStep:
    async def test_a_changed_prompt(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        step = await step_of(pipeline, task.id, "guardrail")
        with ScriptedGateway(Model()) as gateway:
            fork = await fork_and_run(pipeline, gateway, task.id, step, system_prompt="Be strict.")
        assert (fork.status, fork.output) == ("complete", "done")
        assert (fork.forked_from, fork.forked_step) == (task.id, step)
        assert sorted(asked(gateway)) == sorted(["guardrail", "code_review", *AFTERWARDS])
        assert told(gateway, "guardrail")["messages"][0]["content"].startswith("Be strict.")
        assert [stage for stage, _, _ in await pipeline.stages(fork.id)] == QUARTET
        # Only what was called anew is paid for.
        assert fork.total_cost_usd == pytest.approx(6 * 0.25)
        assert (fork.total_input_tokens, fork.total_output_tokens) == (18, 12)
        stages = await pipeline.rig.sql(
            "SELECT stage, cost_usd::float8 AS cost FROM task_stages WHERE task_id = $1", fork.id
        )
        costs = {row["stage"]: row["cost"] for row in stages}
        assert costs["context"] == costs["task"] == 0
        assert len(await pipeline.events(fork.id, "meta")) == 1
        assert await pipeline.rig.task(task.id) == task

    async def test_everything_can_be_changed_for_the_stage_of_the_step(
        self, pipeline: PipelineRig
    ) -> None:
        task = await finished(pipeline)
        step = await step_of(pipeline, task.id, "task")
        changes = {
            "task_description": "Rhyme.",
            "model": "other",
            "temperature": 1.5,
            "max_tokens": 7,
        }
        with ScriptedGateway(Model(task={"output": "rhymed"})) as gateway:
            fork = await fork_and_run(
                pipeline, gateway, task.id, step, user_input="In verse", **changes
            )
        assert (fork.output, fork.user_input) == ("rhymed", "In verse")
        body = told(gateway, "task")
        assert "Rhyme." in body["messages"][0]["content"]
        assert "In verse" in body["messages"][1]["content"]
        assert (body["model"], body["temperature"], body["max_tokens"]) == ("other", 1.5, 7)
        assert told(gateway, "guardrail")["model"] == "auto"

    async def test_another_stage_than_the_steps(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        step = await step_of(pipeline, task.id, "task")
        with ScriptedGateway(Model()) as gateway:
            await fork_and_run(
                pipeline, gateway, task.id, step, stage="code_review", system_prompt="Be kind."
            )
        assert told(gateway, "code_review")["messages"][0]["content"].startswith("Be kind.")
        assert "Be kind." not in told(gateway, "task")["messages"][0]["content"]

    async def test_a_model_wins_over_the_tasks_own(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway, metadata={"model_override": "mine", "x": 1})
            gateway.bodies.clear()
            step = await step_of(pipeline, task.id, "guardrail")
            fork = await fork_and_run(pipeline, gateway, task.id, step, model="strict")
        assert fork.metadata == {"x": 1}
        models = {role_of(body): body["model"] for body in gateway.bodies}
        assert models.pop("guardrail") == "strict"
        assert set(models.values()) == {"mine"}

    async def test_from_the_first_step_on_all_is_new(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        with ScriptedGateway(Model()) as gateway:
            fork = await fork_and_run(pipeline, gateway, task.id, 0)
        assert fork.status == "complete"
        assert len(gateway.bodies) == 8
        assert len(await pipeline.events(fork.id, "meta")) == 1

    async def test_what_the_stages_before_left_behind_comes_along(
        self, pipeline: PipelineRig
    ) -> None:
        finding = {"category": "pii", "severity": "low", "title": "Round", "evidence": "e"}
        task = await finished(
            pipeline,
            code_review=LOOP,
            guardrail=[
                {"blocked": False, "findings": [{**finding, "title": f"Round {n}"}]} for n in (1, 2)
            ],
        )
        step = await step_of(pipeline, task.id, "guardrail", number=1)
        with ScriptedGateway(Model(code_review={"verdict": "pass"})) as gateway:
            fork = await fork_and_run(pipeline, gateway, task.id, step)
        assert fork.status == "complete"
        assert sorted(asked(gateway)) == sorted(["guardrail", "code_review", *AFTERWARDS])
        findings = await pipeline.rig.sql(
            "SELECT title FROM guardrail_findings WHERE task_id = $1", fork.id
        )
        assert [row["title"] for row in findings] == ["Round 1"]
        reviews = await pipeline.rig.sql(
            "SELECT round, verdict FROM code_reviews WHERE task_id = $1 ORDER BY round", fork.id
        )
        assert [tuple(row) for row in reviews] == [(1, "needs_refactor"), (2, "pass")]
        last = await step_of(pipeline, task.id, "memory_extraction")
        with ScriptedGateway(Model()) as gateway:
            late = await fork_and_run(pipeline, gateway, task.id, last)
        assert asked(gateway) == ["memory_extraction"]
        kinds = await pipeline.rig.sql("SELECT kind FROM artifacts WHERE task_id = $1", late.id)
        assert sorted(row["kind"] for row in kinds) == ["diagram", "documentation"]

    async def test_what_a_scan_found_comes_with_its_step(self, pipeline: PipelineRig) -> None:
        key = provider_keys(random.Random(3))["github"]
        task = await finished(pipeline, task={"output": f"The token is {key}."})
        assert task.status == "pending_human_review"
        counted = "SELECT scanner FROM guardrail_findings WHERE task_id = $1"
        with ScriptedGateway(Model()) as gateway:
            step = await step_of(pipeline, task.id, "guardrail")
            fork = await fork_and_run(pipeline, gateway, task.id, step)
            found = await pipeline.rig.sql(counted, fork.id)
            assert [row["scanner"] for row in found] == ["provider_keys"]
            assert fork.status == "pending_human_review"
            await pipeline.review(fork.id, "approve")
            await assert_identical(pipeline, await pipeline.go_on(fork.id, gateway))
            # Scanned anew, since the work before it is another one.
            step = await step_of(pipeline, task.id, "task")
            fork = await fork_and_run(pipeline, gateway, task.id, step)
        assert (fork.status, fork.output) == ("complete", "done")
        assert await pipeline.rig.sql(counted, fork.id) == []

    async def test_a_fork_of_a_fork(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        with ScriptedGateway(Model(task={"output": "second"})) as gateway:
            step = await step_of(pipeline, task.id, "task")
            second = await fork_and_run(pipeline, gateway, task.id, step)
            later = await step_of(pipeline, second.id, "documentation")
            third = await fork_and_run(pipeline, gateway, second.id, later)
        assert (third.output, third.forked_from) == ("second", second.id)
        await assert_identical(pipeline, third)


class TestAnswer:
    async def test_of_a_tool(self, pipeline: PipelineRig) -> None:
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.IRREVERSIBLE)]
        says = tool_then("irreversible", note="pay")
        task = await finished(pipeline, task=says)
        step = await step_of(pipeline, task.id, "task", "tool")
        for answer, output in (
            ("never paid", "never paid"),
            ({"ok": False, "text": "no money"}, "[tool error] no money"),
        ):
            with ScriptedGateway(Model(task=says)) as gateway:
                fork = await fork_and_run(pipeline, gateway, task.id, step, answer=answer)
            assert fork.output == output
            await assert_identical(pipeline, fork)
        # The tool itself ran in the first task alone.
        assert (pipeline.rig.folder / "irreversible").read_text().splitlines() == ["pay"]

    async def test_of_a_model(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        step = await step_of(pipeline, task.id, "task")
        with ScriptedGateway(Model()) as gateway:
            answer = json.dumps({"output": "Better: 🐈"})
            fork = await fork_and_run(pipeline, gateway, task.id, step, answer=answer)
            assert fork.output == "Better: 🐈"
            assert "task" not in asked(gateway)
            assert fork.total_input_tokens == 18 + 0
            judge = await step_of(pipeline, task.id, "code_review")
            gateway.bodies.clear()
            repaired = await fork_and_run(pipeline, gateway, task.id, judge, answer="Fine by me")
        assert repaired.status == "complete"
        assert asked(gateway)[0] == "code_review"
        assert "could not be used" in gateway.bodies[0]["messages"][-1]["content"]

    async def test_of_a_failed_call(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline, task=lambda _body: [{"type": "error", "detail": "no"}])
        assert task.status == "failed"
        step = await step_of(pipeline, task.id, "task")
        with ScriptedGateway(Model()) as gateway:
            fork = await fork_and_run(pipeline, gateway, task.id, step, answer="By hand")
        assert (fork.status, fork.output) == ("complete", "By hand")

    async def test_of_a_memory_call_there_is_none(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        with pytest.raises(Invalid, match="memory call"):
            await forked(pipeline, task.id, 0, answer="I recall")
        step = await step_of(pipeline, task.id, "task")
        with pytest.raises(Invalid, match="is a text"):
            await forked(pipeline, task.id, step, answer={"text": "x"})


class TestPersons:
    async def answered(self, pipeline: PipelineRig) -> TaskRow:
        with ScriptedGateway(Model(context=ASKS, guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
            async with pipeline.rig.database.transaction() as connection:
                request = ClarifyRequest(answers=["The red one"])
                await service.clarify(connection, task.id, request, actor=ADMIN)
            await pipeline.go_on(task.id, gateway)
            await pipeline.review(task.id, "approve")
            return await pipeline.go_on(task.id, gateway)

    async def test_what_was_said_before_holds(self, pipeline: PipelineRig) -> None:
        task = await self.answered(pipeline)
        with ScriptedGateway(Model()) as gateway:
            step = await step_of(pipeline, task.id, "task")
            fork = await fork_and_run(pipeline, gateway, task.id, step)
            assert fork.status == "complete"
            assert "The red one" in told(gateway, "task")["messages"][1]["content"]
            await assert_identical(pipeline, fork)
            # The approval was of the result that the late fork has taken over, and of no other.
            late = await step_of(pipeline, task.id, "documentation")
            assert (await fork_and_run(pipeline, gateway, task.id, late)).status == "complete"
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            judged = await step_of(pipeline, task.id, "guardrail")
            again = await fork_and_run(pipeline, gateway, task.id, judged)
        assert again.status == "pending_human_review"

    async def test_who_asks_again_is_answered_again(self, pipeline: PipelineRig) -> None:
        task = await self.answered(pipeline)
        with ScriptedGateway(Model(context=ASKS)) as gateway:
            step = await step_of(pipeline, task.id, "context")
            fork = await fork_and_run(pipeline, gateway, task.id, step)
        assert fork.status == "clarification_needed"

    async def test_a_waiting_task_is_forked_and_waits_on(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline, guardrail=BLOCKED)
        assert task.status == "pending_human_review"
        step = await step_of(pipeline, task.id, "guardrail")
        with ScriptedGateway(Model()) as gateway:
            fork = await fork_and_run(pipeline, gateway, task.id, step)
        assert fork.status == "complete"
        assert (await pipeline.rig.task(task.id)).status == "pending_human_review"


class TestCrash:
    @pytest.mark.parametrize(
        "point", ["stage-begun-guardrail", "model-begun", "model-received", "model-settled:2"]
    )
    async def test_nothing_that_was_taken_over_is_called(
        self, pipeline: PipelineRig, point: str
    ) -> None:
        task = await finished(pipeline)
        answer = await forked(pipeline, task.id, await step_of(pipeline, task.id, "guardrail"))
        with ScriptedGateway(Model()) as gateway:
            fork = await pipeline.run_with_crash(gateway, point, task_id=answer.task_id)
        assert fork.status == "complete"
        assert not {"context", "task"} & set(asked(gateway))
        assert len(gateway.bodies) == (7 if point == "model-received" else 6)
        await assert_identical(pipeline, fork)


class TestRefused:
    async def test_a_task_or_step_that_is_not_there(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        with pytest.raises(NotFound, match="no pipeline task"):
            await forked(pipeline, new_id(), 0)
        with pytest.raises(NotFound, match="no step 7"):
            await forked(pipeline, task.id, 7)
        with pytest.raises(NotFound, match="no stage 'juggler'"):
            await forked(pipeline, task.id, 0, stage="juggler")
        with pytest.raises(NotFound, match="no stage 'recall'"):
            await forked(pipeline, task.id, 0, system_prompt="Recall better.")

    @pytest.mark.parametrize("status", ["queued", "running"])
    async def test_a_task_that_goes_on(self, pipeline: PipelineRig, status: str) -> None:
        task_id: UUID = await pipeline.submit()
        if status == "running":
            with ScriptedGateway(lambda *_: [60.0]) as gateway:
                await pipeline.engine(gateway).on_wake()
                await pipeline.rig.until("SELECT 1 FROM task_steps")
                with pytest.raises(WrongState):
                    await forked(pipeline, task_id, 0)
        else:
            with pytest.raises(WrongState, match="queued"):
                await forked(pipeline, task_id, 0)

    async def test_a_disabled_pod(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        await pipeline.rig.sql("UPDATE pods SET enabled = false")
        with pytest.raises(WrongState, match="disabled"):
            await forked(pipeline, task.id, 0)
        await pipeline.rig.sql("DELETE FROM pods")
        with ScriptedGateway(Model()) as gateway:
            step = await step_of(pipeline, task.id, "guardrail")
            assert (await fork_and_run(pipeline, gateway, task.id, step)).status == "complete"

    async def test_the_same_key_is_the_same_fork(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        step = await step_of(pipeline, task.id, "task")
        first = await forked(pipeline, task.id, step, key="k")
        assert await forked(pipeline, task.id, step, key="k") == first
        assert (await forked(pipeline, task.id, step)).task_id != first.task_id
        with pytest.raises(WrongState, match="another task"):
            await forked(pipeline, task.id, 0, key="k")
        await pipeline.rig.sql(
            "UPDATE tasks SET idempotency_key = 'other' WHERE id = $1", first.task_id
        )
        assert (await forked(pipeline, task.id, step, key="k")).task_id != first.task_id

    async def test_its_origin_may_go(self, pipeline: PipelineRig) -> None:
        task = await finished(pipeline)
        answer = await forked(pipeline, task.id, await step_of(pipeline, task.id, "task"))
        async with pipeline.rig.database.transaction() as connection:
            await service.delete_task(connection, task.id, actor=ADMIN)
        with ScriptedGateway(Model()) as gateway:
            fork = await pipeline.go_on(answer.task_id, gateway)
        assert (fork.status, fork.forked_from, fork.forked_step is None) == (
            "complete",
            None,
            False,
        )
        assert len(gateway.bodies) == 7
        await assert_identical(pipeline, fork)
