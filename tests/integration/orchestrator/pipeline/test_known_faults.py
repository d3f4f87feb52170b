"""Faults that another system of this kind was found to have: none of them is here."""

from typing import Any

import pytest

from services.kit.errors import NotFound
from tests.fixtures.engine import ScriptedGateway, calls
from tests.fixtures.pipeline import FAILING, Model, PipelineRig, chunks, role_of, tool_then

REFACTOR = {"verdict": "needs_refactor", "summary": "Mend it"}


class TestEscalation:
    async def test_it_waits_for_a_person_and_then_completes(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("code_review", max_retries=0)  # escalates, as shipped
        with ScriptedGateway(Model(code_review=FAILING)) as gateway:
            task = await pipeline.run(gateway)
            assert task.status == "pending_human_review"
            await pipeline.review(task.id, "approve")
            ended = await pipeline.go_on(task.id, gateway)
        assert (ended.status, ended.output) == ("complete", "done")


class TestRefactorLoop:
    @pytest.mark.parametrize("pod_name", ["Quartet", "Code Generation"])
    async def test_it_fires_with_the_shipped_pods(
        self, pipeline: PipelineRig, pod_name: str
    ) -> None:
        # This rig has no sandbox, in which alone git is run: test_git_work.py has one.
        await pipeline.rig.sql("UPDATE pods SET metadata = metadata - 'git_worktree'")
        model = Model(code_review=[REFACTOR, {"verdict": "pass"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway, pod_name=pod_name)
        assert task.status == "complete"
        assert model.asked.count("task") == 2

    @pytest.mark.parametrize("blocked", [False, True])
    async def test_work_that_is_never_good_enough_is_never_complete_by_itself(
        self, pipeline: PipelineRig, *, blocked: bool
    ) -> None:
        """Whether or not the guardrail objects as well, which alone brings the decision in."""
        model = Model(code_review=REFACTOR, guardrail={"blocked": blocked})
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "pending_human_review"
        assert model.asked.count("task") == 3
        assert "review has rejected" in (task.pending or {})["prompt"]
        assert model.asked.count("decision") == blocked


class TestCosts:
    async def test_a_tasks_tokens_and_cost_are_those_of_its_calls(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        assert len(gateway.bodies) == 8
        assert task.total_cost_usd == pytest.approx(8 * 0.25)
        assert (task.total_input_tokens, task.total_output_tokens) == (24, 16)
        stages = await pipeline.rig.sql(
            "SELECT sum(cost_usd)::float8 AS cost, sum(input_tokens) AS tokens FROM task_stages"
        )
        assert stages[0]["cost"] == pytest.approx(8 * 0.25)
        assert stages[0]["tokens"] == 24


class TestTimeouts:
    async def test_an_agents_time_is_enforced(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("guardrail", timeout_seconds=1, max_retries=0)
        with ScriptedGateway(Model(guardrail=chunks(60.0))) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "pending_human_review"
        assert "no result within 1 s" in (task.pending or {})["prompt"]


class TestAllowedTools:
    async def wanted(self, pipeline: PipelineRig, allowed: list[str] | None) -> Any:
        await pipeline.change_agent("task", allowed_tools=allowed)
        model = Model(task=tool_then("write_file", path="out.txt", content="hello"))
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        offered = next(body for body in gateway.bodies if role_of(body) == "task").get("tools", [])
        return task, {tool["function"]["name"] for tool in offered}

    async def test_a_call_of_another_tool_is_not_executed(self, pipeline: PipelineRig) -> None:
        task, offered = await self.wanted(pipeline, ["read_file"])
        assert offered == {"read_file"}
        assert not (pipeline.workspace / "out.txt").exists()
        assert "There is no tool 'write_file' here" in task.output
        (step,) = await pipeline.steps(task.id, "tool")
        assert step["result"]["ok"] is False

    async def test_one_that_is_allowed_is(self, pipeline: PipelineRig) -> None:
        await self.wanted(pipeline, ["write_file"])
        assert (pipeline.workspace / "out.txt").read_text() == "hello"

    async def test_without_any_a_call_is_no_answer(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", allowed_tools=[], max_retries=0)
        wants = chunks(*calls("write_file", path="out.txt", content="hello"))
        with ScriptedGateway(Model(task=wants)) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "failed"
        assert not (pipeline.workspace / "out.txt").exists()


class TestUnknownPod:
    async def test_it_is_refused_and_nothing_runs(self, pipeline: PipelineRig) -> None:
        with pytest.raises(NotFound, match="Nobody"):
            await pipeline.submit(pod_name="Nobody")
        assert await pipeline.rig.sql("SELECT 1 FROM tasks") == []


class TestStreams:
    async def test_tools_are_offered_in_streamed_calls(self, pipeline: PipelineRig) -> None:
        """Every call of the engine is a streamed one, and its tool calls are made."""
        model = Model(task=tool_then("write_file", path="a.txt", content="x"))
        with ScriptedGateway(model) as gateway:
            await pipeline.run(gateway)
        asked = [body for body in gateway.bodies if role_of(body) == "task"]
        assert all(body["tools"] for body in asked)
        assert (pipeline.workspace / "a.txt").exists()
