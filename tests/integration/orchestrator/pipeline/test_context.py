"""Windows and circles in pipeline tasks: requests fit the model, an agent in a loop is stopped."""

from typing import Any

from contracts.chat import Message
from contracts.llm import ToolDefinition
from contracts.orchestrator import ClarifyRequest
from services.orchestrator.engine.context.estimate import definition_tokens, message_tokens
from services.orchestrator.engine.loops import MOST_REPETITIONS
from services.orchestrator.pipeline.tasks import service
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls
from tests.fixtures.pipeline import FACT, Model, PipelineRig, role_of

WINDOW = 8_000


def tokens(body: dict[str, Any]) -> int:
    """What a request takes of its model's window, the reply's limit included."""
    messages = [Message.model_validate(message) for message in body["messages"]]
    tools = [ToolDefinition.model_validate(tool) for tool in body.get("tools", [])]
    return sum(map(message_tokens, messages)) + definition_tokens(tools) + body["max_tokens"]


def reads_much(body: dict[str, Any]) -> Any:
    """A task that reads four large files, one a round, and then answers."""
    done = sum(message["role"] == "tool" for message in body["messages"])
    return {"output": "read"} if done == 4 else calls("read_file", path=f"{done}.txt")


class TestWindow:
    async def test_no_request_is_larger_than_the_window(self, pipeline: PipelineRig) -> None:
        pipeline.workspace.mkdir(exist_ok=True)
        for number in range(4):
            words = f"line {number} of a long file\n" * 4_000
            (pipeline.workspace / f"{number}.txt").write_text(words)
        with ScriptedGateway(Model(task=reads_much), window=WINDOW) as gateway:
            task = await pipeline.run(gateway, user_input="Read them. " + "Details. " * 20_000)
        assert task.status == "complete", task.error
        assert len(gateway.bodies) >= 12
        assert max(tokens(body) for body in gateway.bodies) <= WINDOW
        last = [body for body in gateway.bodies if role_of(body) == "task"][-1]
        results = [m["content"] for m in last["messages"] if m["role"] == "tool"]
        assert "left out to save room" in results[0]
        assert "of a long file" in results[-1]
        assert "characters left out" in last["messages"][1]["content"]
        # The journal keeps what was cut for the model.
        kept = [step["result"]["text"] for step in await pipeline.steps(task.id, "tool")]
        assert min(map(len, kept)) > 80_000

    async def test_a_resumed_task_plans_with_the_window_of_its_beginning(
        self, pipeline: PipelineRig
    ) -> None:
        asks = {"summary": "unclear", "questions": ["Which?"]}
        with ScriptedGateway(Model(context=asks), window=WINDOW) as gateway:
            task = await pipeline.run(gateway, user_input="Long. " * 20_000)
            assert task.status == "clarification_needed"
            gateway.window = 10**6
            async with pipeline.rig.database.transaction() as connection:
                request = ClarifyRequest(answers=["That one"])
                await service.clarify(connection, task.id, request, actor=ADMIN)
            task = await pipeline.go_on(task.id, gateway)
        assert task.status == "complete"
        assert max(tokens(body) for body in gateway.bodies) <= WINDOW

    async def test_memories_take_no_more_than_their_share(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(
            Model(memory_extraction={"memories": [FACT + " and more" * 900]})
        ) as first:
            await pipeline.run(first)
        with ScriptedGateway(Model(), window=4_096) as gateway:
            task = await pipeline.run(gateway, user_input="What is the cat called?")
        assert task.status == "complete"
        assert "and more and more" not in gateway.bodies[1]["messages"][1]["content"]


class TestLoop:
    async def test_the_stage_is_stopped_with_a_finding(self, pipeline: PipelineRig) -> None:
        circles = Model(task=lambda _body: calls("list_dir", path="."))
        with ScriptedGateway(circles) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "failed"
        assert f"same call of list_dir {MOST_REPETITIONS} times" in (task.error or "")
        # It is not tried again: another try would go in the same circle.
        assert circles.asked.count("task") == MOST_REPETITIONS
        (found,) = await pipeline.rig.sql(
            "SELECT category, severity, scanner FROM guardrail_findings"
        )
        assert tuple(found) == ("loop", "medium", "loops")
        assert len(await pipeline.events(task.id, "finding")) == 1

    async def test_the_model_is_told_before(self, pipeline: PipelineRig) -> None:
        def wakes_up(body: dict[str, Any]) -> Any:
            last = body["messages"][-1]["content"] or ""
            return {"output": "enough"} if "this very call" in last else calls("list_dir", path=".")

        with ScriptedGateway(Model(task=wakes_up)) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "enough")
