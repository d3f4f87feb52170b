"""Hard rules on the engine: refused, noted, or approved by a person, through every crash exactly once."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.rules import CreateRuleRequest, RulePatch
from services.kit.errors import WrongState
from services.orchestrator.policy.book import PolicyBook
from services.orchestrator.rules import service as rules
from services.orchestrator.rules.shipped import ensure_system_rules
from services.orchestrator.tools.base import Effect, ToolOutcome
from services.orchestrator.tools.context import ToolContext
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls, counting_tool
from tests.fixtures.pipeline import Model, PipelineRig, tool_then

POD = "Quick Reply"


async def make_rule(pipeline: PipelineRig, **fields: Any) -> UUID:
    values: dict[str, Any] = {"name": "no-pay", "rule_text": "Ask first.", "pattern": "pay"}
    request = CreateRuleRequest(**{**values, **fields})
    async with pipeline.rig.database.transaction() as connection:
        return (await rules.create_rule(connection, request, actor=ADMIN)).id


async def change_rule(pipeline: PipelineRig, rule_id: UUID, **fields: Any) -> None:
    async with pipeline.rig.database.transaction() as connection:
        await rules.update_rule(connection, rule_id, patch=RulePatch(**fields), actor=ADMIN)


def paying(pipeline: PipelineRig, *, effect: Effect = Effect.EFFECT) -> ScriptedGateway:
    """A model that makes one call, which each execution counts."""
    pipeline.tools = [counting_tool(pipeline.rig.folder, effect=effect)]
    return ScriptedGateway(Model(task=tool_then(effect.value, note="pay 😀 " + "x" * 5_000)))


def paid(pipeline: PipelineRig, *, effect: Effect = Effect.EFFECT) -> int:
    file = pipeline.rig.folder / effect.value
    return len(file.read_text().splitlines()) if file.exists() else 0


async def findings(pipeline: PipelineRig, task_id: UUID) -> list[tuple[str, str, str]]:
    rows = await pipeline.rig.sql(
        "SELECT scanner, severity, title FROM guardrail_findings WHERE task_id = $1", task_id
    )
    return [(row["scanner"], row["severity"], row["title"]) for row in rows]


class TestBlock:
    async def test_the_call_is_not_made_and_the_model_is_told(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, severity="critical")
        with paying(pipeline) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        assert task.status == "complete"
        assert "Blocked by the rule no-pay: Ask first." in (task.output or "")
        assert paid(pipeline) == 0
        ((scanner, severity, title),) = await findings(pipeline, task.id)
        assert (scanner, severity) == ("rule:no-pay", "critical")
        assert "blocked" in title
        (result,) = await pipeline.events(task.id, "tool_result")
        assert not result["ok"]
        assert len(await pipeline.events(task.id, "finding")) == 1
        (step,) = await pipeline.steps(task.id, "tool")
        assert (step["status"], step["result"]["ok"]) == ("done", False)

    async def test_a_crash_after_it_repeats_nothing(self, pipeline: PipelineRig) -> None:
        rule_id = await make_rule(pipeline)
        with paying(pipeline) as gateway:
            task_id = await pipeline.submit(pod_name=POD)
            first = pipeline.engine(gateway, failpoint="tool-refused:raise")
            async with pipeline.killed():
                await first.on_wake()
                await first.wait_until_idle()
            # What was refused stays refused, also when its rule has gone meanwhile.
            await change_rule(pipeline, rule_id, enabled=False)
            second = pipeline.engine(gateway)
            await second.free_earlier_boots()
            task = await pipeline.go_on(task_id, gateway)
        assert "Blocked" in (task.output or "")
        assert paid(pipeline) == 0
        assert len(await findings(pipeline, task.id)) == 1

    async def test_it_holds_for_its_pod_alone(self, pipeline: PipelineRig) -> None:
        (pod,) = await pipeline.rig.sql("SELECT id FROM pods WHERE name = $1", POD)
        await make_rule(pipeline, scope="pod", pod_ids=[pod["id"]])
        with paying(pipeline) as gateway:
            assert "Blocked" in ((await pipeline.run(gateway, pod_name=POD)).output or "")
            assert (await pipeline.run(gateway, pod_name="Research")).output == "counted"

    async def test_it_holds_for_its_agent_alone(self, pipeline: PipelineRig) -> None:
        (agent,) = await pipeline.rig.sql(
            "SELECT a.id FROM pod_agents a JOIN pods p ON p.id = pod_id"
            " WHERE p.name = $1 AND role = 'task'",
            POD,
        )
        await make_rule(pipeline, scope="agent", agent_ids=[agent["id"]])
        with paying(pipeline) as gateway:
            assert "Blocked" in ((await pipeline.run(gateway, pod_name=POD)).output or "")
            assert (await pipeline.run(gateway, pod_name="Research")).output == "counted"

    async def test_a_new_rule_holds_for_a_running_task(self, pipeline: PipelineRig) -> None:
        counting = counting_tool(pipeline.rig.folder, effect=Effect.EFFECT)

        async def count_and_forbid(parameters: Any, context: ToolContext) -> ToolOutcome:
            await make_rule(pipeline)
            await asyncio.sleep(1.1)  # what a worker knows of the rules is at most a second old
            return await counting.handler(parameters, context)

        pipeline.tools = [replace(counting, handler=count_and_forbid)]

        def twice(body: dict[str, Any]) -> Any:
            results = [one["content"] for one in body["messages"] if one["role"] == "tool"]
            if len(results) == 2:
                return {"output": " ".join(results)}
            return calls("effect", note="pay")

        with ScriptedGateway(Model(task=twice)) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        assert (task.output or "").startswith("counted [tool error] Blocked")
        assert paid(pipeline) == 1

    async def test_a_pattern_that_never_ends_blocks(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, pattern="^(a|aa)+$")
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.EFFECT)]
        model = Model(task=tool_then("effect", note="a" * 60 + "b"))
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        assert "no answer" in (task.output or "")
        assert paid(pipeline) == 0

    async def test_the_shipped_rules_guard_the_real_tools(self, pipeline: PipelineRig) -> None:
        async with pipeline.rig.database.transaction() as connection:
            await ensure_system_rules(connection)
        key = "AKIA" + "A1B2C3D4E5F6G7H8"
        wanted = [
            calls("read_file", path="../secret"),
            calls("write_file", path="a.txt", content=f"key={key}"),
        ]

        def each(body: dict[str, Any]) -> Any:
            results = [one["content"] for one in body["messages"] if one["role"] == "tool"]
            return wanted[len(results)] if len(results) < 2 else {"output": "\n".join(results)}

        with ScriptedGateway(Model(task=each)) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        assert "by the rule workspace-boundary" in (task.output or "")
        assert "by the rule no-secret-in-output" in (task.output or "")
        assert not (pipeline.workspace / "a.txt").exists()
        rows = await pipeline.rig.sql("SELECT evidence FROM guardrail_findings")
        assert sorted(row["evidence"] for row in rows) == ["../secret", "AKIA… (20 characters)"]


class TestWarn:
    async def test_the_call_is_made_with_a_finding(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="warn")
        with paying(pipeline) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        assert (task.status, task.output) == ("complete", "counted")
        assert paid(pipeline) == 1
        ((scanner, _, title),) = await findings(pipeline, task.id)
        assert scanner == "rule:no-pay"
        assert title.endswith("made")
        (event,) = await pipeline.events(task.id, "finding")
        assert event["category"] == "rule"

    @pytest.mark.parametrize("point", ["tool-begun", "tool-executed", "tool-settled"])
    async def test_a_crash_makes_no_second_finding(self, pipeline: PipelineRig, point: str) -> None:
        await make_rule(pipeline, action="warn")
        with paying(pipeline, effect=Effect.IDEMPOTENT) as gateway:
            task_id = await pipeline.submit(pod_name=POD)
            task = await pipeline.run_with_crash(gateway, point, task_id=task_id)
        assert task.output == "counted"
        assert len(await findings(pipeline, task.id)) == 1
        assert len(await pipeline.events(task.id, "finding")) == 1

    async def test_the_strictest_rule_wins_and_each_is_noted(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="warn", name="one")
        await make_rule(pipeline, action="require_approval", name="two")
        await make_rule(pipeline, action="block", name="three")
        with paying(pipeline) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        assert task.status == "complete"
        assert paid(pipeline) == 0
        found = {scanner for scanner, _, _ in await findings(pipeline, task.id)}
        assert found == {"rule:one", "rule:two", "rule:three"}


class TestApproval:
    async def asked(self, pipeline: PipelineRig, gateway: ScriptedGateway) -> Any:
        task = await pipeline.run(gateway, pod_name=POD)
        assert task.status == "pending_human_review"
        assert task.pending is not None
        assert task.pending["kind"] == "tool"
        assert task.pending["options"] == ["approve", "reject"]
        return task

    async def test_approved_it_is_made_once(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task = await self.asked(pipeline, gateway)
            prompt = task.pending["prompt"]
            assert 'effect {"note":"pay 😀 x' in prompt
            assert "the rule no-pay" in prompt.lower()
            assert len(prompt) < 4_000
            assert paid(pipeline) == 0
            assert await pipeline.steps(task.id, "tool") == []
            await pipeline.review(task.id, "approve", pending_id=task.pending["id"])
            ended = await pipeline.go_on(task.id, gateway)
        assert (ended.status, ended.output) == ("complete", "counted")
        assert paid(pipeline) == 1
        ((_, _, title),) = await findings(pipeline, task.id)
        assert "a person's approval" in title

    async def test_refused_the_agent_goes_on(self, pipeline: PipelineRig) -> None:
        rule_id = await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task = await self.asked(pipeline, gateway)
            await pipeline.review(task.id, "reject", comment="Too €xpensive")
            # It was a person who said no: that holds though the rule is gone.
            await change_rule(pipeline, rule_id, enabled=False)
            ended = await pipeline.go_on(task.id, gateway)
        assert ended.status == "complete"
        assert "a person has refused this call: Too €xpensive" in (ended.output or "")
        assert paid(pipeline) == 0

    @pytest.mark.parametrize(
        ("point", "executed"),
        [("tool-begun", 1), ("tool-started", 0), ("tool-executed", 1), ("tool-settled", 1)],
    )
    async def test_a_crash_after_the_approval(
        self, pipeline: PipelineRig, point: str, executed: int
    ) -> None:
        """A call with an effect is never made twice; cut off in it, its outcome is told as unknown."""
        await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task = await self.asked(pipeline, gateway)
            await pipeline.review(task.id, "approve")
            ended = await pipeline.run_with_crash(gateway, point, task_id=task.id)
        assert ended.status == "complete"
        assert paid(pipeline) == executed
        in_doubt = point in {"tool-started", "tool-executed"}
        assert ("Outcome unknown" in (ended.output or "")) is in_doubt
        assert len(await findings(pipeline, task.id)) == 1

    async def test_a_crash_before_the_question_asks_once(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task_id = await pipeline.submit(pod_name=POD)
            task = await pipeline.run_with_crash(gateway, "approval-needed", task_id=task_id)
            assert (task.pending or {})["kind"] == "tool"
            assert len(await pipeline.events(task.id, "status")) == 1
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).output == "counted"
        assert paid(pipeline) == 1

    async def test_two_answers_at_once_are_one(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task = await self.asked(pipeline, gateway)
            answers = await asyncio.gather(
                *(pipeline.review(task.id, "approve") for _ in range(4)), return_exceptions=True
            )
            refused = [answer for answer in answers if answer is not None]
            assert [type(answer) for answer in refused] == [WrongState] * 3
            assert (await pipeline.go_on(task.id, gateway)).output == "counted"
        assert paid(pipeline) == 1

    async def test_a_stale_answer_is_refused(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task = await self.asked(pipeline, gateway)
            with pytest.raises(WrongState):
                await pipeline.review(task.id, "approve", pending_id=uuid4())
        assert paid(pipeline) == 0

    async def test_an_approval_is_for_one_call(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.EFFECT)]

        def twice(body: dict[str, Any]) -> Any:
            results = [one["content"] for one in body["messages"] if one["role"] == "tool"]
            return {"output": "done"} if len(results) == 2 else calls("effect", note="pay")

        with ScriptedGateway(Model(task=twice)) as gateway:
            first = await self.asked(pipeline, gateway)
            await pipeline.review(first.id, "approve")
            second = await pipeline.go_on(first.id, gateway)
            assert (second.pending or {})["id"] != first.pending["id"]
            assert paid(pipeline) == 1
            await pipeline.review(first.id, "approve")
            assert (await pipeline.go_on(first.id, gateway)).status == "complete"
        assert paid(pipeline) == 2

    async def test_a_rule_that_came_meanwhile_holds(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        with paying(pipeline) as gateway:
            task = await self.asked(pipeline, gateway)
            await make_rule(pipeline, action="require_approval", name="another")
            await pipeline.review(task.id, "approve")
            again = await pipeline.go_on(task.id, gateway)
            assert "another" in (again.pending or {})["prompt"]
            await make_rule(pipeline, action="block", name="never")
            await pipeline.review(task.id, "approve")
            ended = await pipeline.go_on(task.id, gateway)
        assert "by the rule never" in (ended.output or "")
        assert paid(pipeline) == 0

    async def test_an_approval_is_none_of_the_result(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, action="require_approval")
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.EFFECT)]
        model = Model(task=tool_then("effect", note="pay"), guardrail={"blocked": True})
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.review(task.id, "approve")
            again = await pipeline.go_on(task.id, gateway)
        assert (again.pending or {})["kind"] == "decision"


class TestSoft:
    async def test_who_works_and_who_judges_are_told(self, pipeline: PipelineRig) -> None:
        await make_rule(pipeline, enforcement="soft", pattern=None, rule_text="Rhyme a lot.")
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway)
        told = {
            body["response_format"]["json_schema"]["name"]: body["messages"][0]["content"]
            for body in gateway.bodies
        }
        assert "Keep to these rules:\n- Rhyme a lot." in told["task"]
        assert "rule:<name>" in told["guardrail"]
        assert "- no-pay (medium): Rhyme a lot." in told["guardrail"]
        assert "Rhyme" not in told["code_review"]

    async def test_what_holds_is_fixed_at_the_first_claim(self, pipeline: PipelineRig) -> None:
        rule_id = await make_rule(pipeline, enforcement="soft", pattern=None, rule_text="Rhyme.")
        with ScriptedGateway(Model()) as gateway:
            task_id = await pipeline.submit()
            first = pipeline.engine(gateway, failpoint="stage-ended-context:raise")
            async with pipeline.killed():
                await first.on_wake()
                await first.wait_until_idle()
            await change_rule(pipeline, rule_id, rule_text="Be silent.")
            second = pipeline.engine(gateway)
            await second.free_earlier_boots()
            assert (await pipeline.go_on(task_id, gateway)).status == "complete"
            assert (await pipeline.run(gateway)).status == "complete"
        told = [
            body["messages"][0]["content"]
            for body in gateway.bodies
            if body["response_format"]["json_schema"]["name"] == "task"
        ]
        assert ["Rhyme." in text for text in told] == [True, False]
        assert ["Be silent." in text for text in told] == [False, True]


class TestPolicies:
    async def test_versions_that_no_task_names_go(self, pipeline: PipelineRig) -> None:
        rule_id = await make_rule(pipeline, action="warn")
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway, pod_name=POD)
        await change_rule(pipeline, rule_id, severity="low")
        await pipeline.rig.sql("UPDATE policies SET superseded_at = now() - interval '2 hours'")
        await change_rule(pipeline, rule_id, severity="high")
        rows = await pipeline.rig.sql("SELECT version FROM policies ORDER BY version")
        (held,) = await pipeline.rig.sql("SELECT policy_version FROM tasks")
        assert rows[0]["version"] == held["policy_version"]
        assert len(rows) == 2
        book = PolicyBook(pipeline.rig.database)
        assert (await book.version(held["policy_version"])).rules[0].severity == "medium"
        assert (await book.current()).rules[0].severity == "high"
        assert task.status == "complete"
