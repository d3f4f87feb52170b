"""Several agents of one role in a pod, side by side and one after the other."""

from typing import Any

import pytest

from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import FAILING, Model, PipelineRig, role_of


def by_model(**says: Any) -> Any:
    """An answer that depends on the agent's model, which tells the agents of one role apart."""
    return lambda body: says[body["model"]]


async def two_of(pipeline: PipelineRig, role: str, **fields: Any) -> None:
    """The role's agent as `one`, and a second one named `two`, side by side."""
    fields = {"parallel_group": role, **fields}
    await pipeline.change_agent(role, model="one", name="One", **fields)
    await pipeline.add_agent(role, name="Two", model="two", max_retries=0, **fields)


class TestWorkers:
    async def test_side_by_side_both_answers_count(self, pipeline: PipelineRig) -> None:
        await two_of(pipeline, "task")
        model = Model(task=by_model(one={"output": "first"}, two={"output": "second"}))
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        assert task.output == "## One\n\nfirst\n\n## Two\n\nsecond"
        reviewed = next(body for body in gateway.bodies if role_of(body) == "code_review")
        assert "first" in reviewed["messages"][1]["content"]
        assert "second" in reviewed["messages"][1]["content"]

    async def test_one_after_the_other_the_second_sees_the_first(
        self, pipeline: PipelineRig
    ) -> None:
        await two_of(pipeline, "task", parallel_group=None)
        model = Model(task=by_model(one={"output": "draft"}, two={"output": "polished"}))
        with ScriptedGateway(model) as gateway:
            await pipeline.run(gateway)
        first, second = [
            body["messages"][1]["content"] for body in gateway.bodies if role_of(body) == "task"
        ]
        assert "<work>" not in first
        assert "draft" in second.partition("<work>")[2]

    @pytest.mark.parametrize("point", ["model-settled:2", "model-settled:3"])
    async def test_after_a_crash_the_same(self, pipeline: PipelineRig, point: str) -> None:
        await two_of(pipeline, "task")
        model = Model(task=by_model(one={"output": "first"}, two={"output": "second"}))
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, point)
        assert task.output == "## One\n\nfirst\n\n## Two\n\nsecond"
        assert model.asked.count("task") == 2


class TestJudges:
    async def test_one_guardrail_that_blocks_is_enough(self, pipeline: PipelineRig) -> None:
        await two_of(pipeline, "guardrail")
        says = by_model(one={"blocked": True}, two={"blocked": False})
        with ScriptedGateway(Model(guardrail=says)) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "pending_human_review"
        assert "guardrail" in (task.pending or {})["prompt"]

    @pytest.mark.parametrize("worst", ["one", "two"])
    async def test_the_worst_verdict_counts(self, pipeline: PipelineRig, worst: str) -> None:
        await two_of(pipeline, "code_review")
        verdicts = {"one": {"verdict": "pass"}, "two": {"verdict": "pass"}}
        verdicts[worst] = {"verdict": "needs_refactor"}
        model = Model(code_review=by_model(**verdicts))
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "pending_human_review"
        assert model.asked.count("task") == 3
        assert model.asked.count("code_review") == 6

    async def test_guardrail_and_review_side_by_side(self, pipeline: PipelineRig) -> None:
        """The review's wish for another round is heard though it is not the group's first."""
        await pipeline.change_agent("guardrail", parallel_group="judges")
        await pipeline.change_agent("code_review", parallel_group="judges")
        model = Model(code_review=[{"verdict": "needs_refactor"}, {"verdict": "pass"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        assert model.asked.count("task") == 2

    async def test_a_failed_second_guardrail_leaves_the_firsts_verdict(
        self, pipeline: PipelineRig
    ) -> None:
        await two_of(pipeline, "guardrail", on_failure="skip")
        says = by_model(one={"blocked": True}, two=FAILING)
        with ScriptedGateway(Model(guardrail=says)) as gateway:
            assert (await pipeline.run(gateway)).status == "pending_human_review"


class TestQuestions:
    async def test_those_of_all_are_put_at_once(self, pipeline: PipelineRig) -> None:
        await two_of(pipeline, "context")
        says = by_model(
            one={"summary": "a", "questions": ["Which cat?"]},
            two={"summary": "b", "questions": ["Which hat?"]},
        )
        with ScriptedGateway(Model(context=says)) as gateway:
            task = await pipeline.run(gateway)
            assert (task.pending or {})["prompt"] == "Which cat?\nWhich hat?"
            await pipeline.clarify(task.id, "Tom", "The red one")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"

    async def test_a_later_stage_may_ask_as_well_and_no_answer_is_lost(
        self, pipeline: PipelineRig
    ) -> None:
        await two_of(pipeline, "context", parallel_group=None)
        says = by_model(
            one={"summary": "a", "questions": ["Which cat?"]},
            two={"summary": "b", "questions": ["Which hat?"]},
        )
        model = Model(context=says)
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.clarify(task.id, "Tom")
            again = await pipeline.go_on(task.id, gateway)
            assert (again.pending or {})["prompt"] == "Which hat?"
            await pipeline.clarify(task.id, "The red one")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"
        assert model.asked.count("context") == 2
        work = next(body for body in gateway.bodies if role_of(body) == "task")
        for part in ("Which cat?", "Tom", "Which hat?", "The red one"):
            assert part in work["messages"][1]["content"]
