"""Over budget: a pipeline task waits until a person has decided, or the day is over; a turn ends."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.kit.errors import Invalid
from services.kit.jobs import Waker
from services.orchestrator.engine.leases.reaper import Reaper
from tests.fixtures.engine import Rig, ScriptedGateway, text
from tests.fixtures.gateway import StartGateway
from tests.fixtures.pipeline import AFTERWARDS, Model, PipelineRig, chunks, role_of
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer

PRICES = '{"gpt-4o-mini": {"input": 1000, "output": 2000, "max_output": 50}}'


def refusal(**facts: Any) -> dict[str, Any]:
    """What the gateway says when a budget is too small."""
    given = {
        "scope": "task",
        "id": str(UUID(int=1)),
        "limit_usd": 1,
        "spent_usd": 0.9,
        "reserved_usd": 0,
    }
    return {
        "type": "error",
        "code": "budget_exceeded",
        "detail": "The budget is too small.",
        "facts": {**given, "needed_usd": 0.25, **facts},
    }


def over_budget(**facts: Any) -> Callable[[dict[str, Any]], Any]:
    return chunks(refusal(**facts))


async def pending_of(pipeline: PipelineRig, task_id: UUID) -> dict[str, Any]:
    task = await pipeline.settled(task_id)
    assert task.status == "pending_human_review", task.error
    assert task.pending is not None
    assert task.pending["kind"] == "budget"
    return task.pending


class TestWithARealGateway:
    @pytest.fixture
    def gateway(self, start_gateway: StartGateway) -> Any:
        with ProviderServer(openai.handle) as server:
            gateway = start_gateway(
                OPENAI_API_BASE=server.url,
                OPENAI_API_KEY=openai.KEY,
                NOVA_MODEL_PRICES=PRICES,
                NOVA_SERVICE_SECRET="s",
            )
            reached = ScriptedGateway(lambda _body, _number: [])  # never started: only its address
            reached.url = gateway.url
            yield reached, server

    async def test_it_waits_until_its_budget_is_raised(
        self, pipeline: PipelineRig, gateway: tuple[ScriptedGateway, ProviderServer]
    ) -> None:
        process, server = gateway
        await pipeline.change_agent("task", allowed_tools=[])
        await pipeline.rig.sql("UPDATE pods SET max_cost_usd = 0.5")
        task_id = await pipeline.submit(
            pod_name="Quick Reply", metadata={"model_override": "gpt-4o-mini"}
        )
        engine = pipeline.engine(process)
        await engine.on_wake()
        first = await pending_of(pipeline, task_id)
        assert "Limit $0.50; spent $0.00" in first["prompt"]
        assert first["options"] == ["approve", "reject"]
        assert first["budget"]["needed_usd"] > 0.5
        assert not [r for r in server.requests if r.path == "/v1/chat/completions"]
        assert [step["status"] for step in await pipeline.steps(task_id, "model")] == ["begun"]

        await pipeline.review(task_id, "approve")
        await engine.on_wake()
        second = await pending_of(pipeline, task_id)
        assert second["id"] != first["id"]

        await pipeline.review(task_id, "approve", budget_usd=50, pending_id=second["id"])
        await engine.on_wake()
        task = await pipeline.settled(task_id)
        assert (task.status, task.budget_usd) == ("complete", 50)
        (used,) = await pipeline.rig.sql("SELECT * FROM usage_events")
        assert task.total_cost_usd == float(used["cost_usd"]) > 0
        assert (task.total_input_tokens, task.total_output_tokens) == (
            used["input_tokens"],
            used["output_tokens"],
        )
        (budget,) = await pipeline.rig.sql("SELECT * FROM budgets")
        assert (budget["scope"], budget["id"]) == ("task", str(task_id))
        assert (budget["spent_usd"], budget["reserved_usd"]) == (used["cost_usd"], 0)

    async def test_the_budget_of_the_key_that_submitted_it(
        self, pipeline: PipelineRig, gateway: tuple[ScriptedGateway, ProviderServer]
    ) -> None:
        task_id = await pipeline.submit(
            pod_name="Quick Reply", metadata={"model_override": "gpt-4o-mini"}
        )
        await pipeline.rig.sql(
            "INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm,"
            " budget_usd) VALUES ($1, 'k', sha256('x'), 'sk-nova', '{}', 60, 0.01)",
            task_id,
        )
        await pipeline.rig.sql("UPDATE tasks SET key_id = id")
        await pipeline.engine(gateway[0]).on_wake()
        pending = await pending_of(pipeline, task_id)
        assert (pending["budget"]["scope"], pending["budget"]["id"]) == ("key", str(task_id))
        assert "Raise the key's budget" in pending["prompt"]
        assert "resumes_at" not in pending

    async def test_a_failed_call_and_its_fallback_both_count(
        self, pipeline: PipelineRig, gateway: tuple[ScriptedGateway, ProviderServer]
    ) -> None:
        """The first model's answer is cut off in the middle: what it said has cost something."""
        await pipeline.change_agent(
            "task", model="cut", fallback_models=["gpt-4o-mini"], allowed_tools=[]
        )
        task_id = await pipeline.submit(pod_name="Quick Reply")
        await pipeline.engine(gateway[0]).on_wake()
        task = await pipeline.settled(task_id)
        assert task.status == "complete", task.error
        async with asyncio.timeout(
            10
        ):  # a call without a known price is gathered before it is written
            while len(rows := await pipeline.rig.sql("SELECT * FROM usage_events")) < 2:  # noqa: ASYNC110 - it looks into the database
                await asyncio.sleep(0.05)
        task = await pipeline.settled(task_id)
        cut, whole = sorted(rows, key=lambda row: row["model"])
        assert (cut["model"], whole["model"]) == ("cut", "gpt-4o-mini")
        assert task.total_input_tokens == cut["input_tokens"] + whole["input_tokens"]
        assert task.total_cost_usd == float(whole["cost_usd"])  # the price of "cut" is not known


class TestTaskBudget:
    async def test_reject_ends_it(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(task=over_budget())) as gateway:
            task = await pipeline.run(gateway)
            assert (await pending_of(pipeline, task.id))["budget"]["spent_usd"] == 0.9
            await pipeline.review(task.id, "reject", comment="too dear")
        ended = await pipeline.rig.task(task.id)
        assert (ended.status, ended.error) == ("failed", "Rejected in review: too dear")

    async def test_the_call_is_made_again_and_nothing_else(self, pipeline: PipelineRig) -> None:
        model = Model(task=[over_budget(), {"output": "done"}])
        await pipeline.change_agent("task", fallback_models=["another"])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.review(task.id, "approve", budget_usd=2)
            ended = await pipeline.go_on(task.id, gateway)
        assert (ended.status, ended.output) == ("complete", "done")
        assert model.asked[:4] == ["context", "task", "task", "guardrail"]
        # No fallback model is asked meanwhile: that it is cheaper, nobody knows.
        assert [body["model"] for body in gateway.bodies if role_of(body) == "task"] == ["auto"] * 2
        steps = [
            s["status"] for s in await pipeline.steps(task.id, "model") if s["stage"] == "task"
        ]
        assert steps == ["done"]

    async def test_what_parallel_stages_have_done_is_kept(self, pipeline: PipelineRig) -> None:
        model = Model(diagramming=[over_budget(), {"mermaid": "graph TD"}])
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            await pending_of(pipeline, task.id)
            await pipeline.review(task.id, "approve", budget_usd=2)
            ended = await pipeline.go_on(task.id, gateway)
        assert ended.status == "complete"
        assert {role: model.asked.count(role) for role in AFTERWARDS} == {
            role: 2 if role == "diagramming" else 1 for role in AFTERWARDS
        }

    async def test_a_crash_before_it_waits(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(task=over_budget())) as gateway:
            task = await pipeline.run_with_crash(gateway, "model-begun:2")
        await pending_of(pipeline, task.id)

    async def test_the_metadata_may_lower_it(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_cost_usd = 2, daily_budget_usd = 9")
        with ScriptedGateway(Model()) as gateway:
            for asked, limit in ((0.5, 0.5), (7, 2), (None, 2)):
                task = await pipeline.run(
                    gateway, pod_name="Quick Reply", metadata={"max_cost_usd": asked}
                )
                scopes = gateway.bodies[-1]["metadata"]["budgets"]
                assert scopes == [
                    {"scope": "task", "id": str(task.id), "limit_usd": limit, "daily": False},
                    {"scope": "pod", "id": str(task.pod_id), "limit_usd": 9, "daily": True},
                ]

    @pytest.mark.parametrize("budget", [-1, "much", True, [1]])
    async def test_one_that_is_no_amount_is_refused(
        self, pipeline: PipelineRig, budget: object
    ) -> None:
        with pytest.raises(Invalid, match="max_cost_usd"):
            await pipeline.submit(metadata={"max_cost_usd": budget})

    async def test_an_edit_holds_in_the_middle_of_a_task(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_cost_usd = 2")
        slow = chunks(2.5, *text('{"output": "done"}'))
        with ScriptedGateway(Model(task=slow)) as gateway:
            task_id = await pipeline.submit()
            await pipeline.engine(gateway).on_wake()
            await pipeline.rig.until("SELECT 1 FROM tasks WHERE status = 'task_running'")
            await pipeline.rig.sql("UPDATE pods SET max_cost_usd = 3")
            await pipeline.settled(task_id)
        limits = [body["metadata"]["budgets"][0]["limit_usd"] for body in gateway.bodies]
        assert limits[:2] == [2, 2]
        assert set(limits[2:]) == {3}


class TestOtherBudgets:
    @pytest.mark.parametrize(
        ("scope", "advice"),
        [("pod", "Raise the pod's daily budget"), ("day", "Raise limits.day_budget_usd")],
    )
    async def test_one_of_the_day_goes_on_the_next_day(
        self, pipeline: PipelineRig, redis_url: str, scope: str, advice: str
    ) -> None:
        model = Model(
            task=[over_budget(scope=scope, resets_at="2099-01-01T00:00:00Z"), {"output": "done"}]
        )
        waker = Waker(redis_url, database=2)
        reaper = Reaper(pipeline.rig.database, pipeline.rig.publisher, waker)
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            pending = await pending_of(pipeline, task.id)
            assert advice in pending["prompt"]
            assert pending["resumes_at"] == "2099-01-01T00:00:00Z"
            await reaper.sweep()
            assert (await pipeline.rig.task(task.id)).status == "pending_human_review"
            await pipeline.rig.sql(
                """UPDATE tasks SET pending = pending || '{"resumes_at": "2026-01-01T00:00:00Z"}'"""
            )
            await reaper.sweep()
            ended = await pipeline.go_on(task.id, gateway)
        await waker.close()
        assert (ended.status, ended.output) == ("complete", "done")
        told = [event["status"] for event in await pipeline.events(task.id, "status")]
        assert told == ["pending_human_review", "queued", "complete"]

    async def test_what_others_only_hold_is_waited_for(self, pipeline: PipelineRig) -> None:
        """Nobody is asked when it is enough that other calls end."""
        held = over_budget(limit_usd=2, reserved_usd=1)
        with ScriptedGateway(Model(task=[held, {"output": "done"}])) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "done")


class TestTurns:
    async def test_a_turn_is_refused_at_once(self, rig: Rig) -> None:
        with ScriptedGateway(lambda _body, _number: [refusal(scope="key")]) as gateway:
            task = await rig.submit()
            await rig.engine(gateway).on_wake()
            ended = await rig.ended(task.id)
        assert ended.status == "failed"
        assert ended.error is not None
        assert ended.error.startswith("The budget of the API key")
        assert ended.error.endswith("Raise the key's budget to at least $1.15, then ask again.")
        (event,) = await rig.sql(
            "SELECT payload FROM stream_events WHERE payload ->> 'type' = 'error'"
        )
        assert event["payload"]["code"] == "budget_exceeded"
        assert len(gateway.bodies) == 1
