"""Memory in the loop: told before, extracted after, and nothing that was recalled stored again."""

import pytest

from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import FACT, Model, PipelineRig, role_of, tool_then


class TestNothingIsStoredTwice:
    async def seed(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway)
        assert await pipeline.memories() == [FACT]

    @pytest.mark.parametrize(
        "again", [FACT, FACT.upper(), f"  {FACT}. ", FACT.replace(" ", "\n"), f"\u201c{FACT}\u201d"]
    )
    async def test_what_was_recalled_is_not_new_however_it_is_spelled(
        self, pipeline: PipelineRig, again: str
    ) -> None:
        await self.seed(pipeline)
        model = Model(memory_extraction={"memories": [again, "The hat is red"]})
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway, user_input="How is the cat called?")
        told = next(body for body in gateway.bodies if role_of(body) == "task")
        assert FACT in told["messages"][1]["content"]
        assert sorted(await pipeline.memories()) == [FACT, "The hat is red"]
        stores = [
            step for step in await pipeline.steps(task.id, "memory") if step["name"] == "store"
        ]
        assert len(stores) == 1

    async def test_what_the_recall_tool_told_is_not_new_either(self, pipeline: PipelineRig) -> None:
        await self.seed(pipeline)
        model = Model(task=tool_then("recall", query="cat"))
        with ScriptedGateway(model) as gateway:
            await pipeline.run(gateway, user_input="zzz qqq")
        assert await pipeline.memories() == [FACT]

    async def test_the_same_twice_in_one_reply_is_stored_once(self, pipeline: PipelineRig) -> None:
        model = Model(memory_extraction={"memories": [FACT, FACT.lower()]})
        with ScriptedGateway(model) as gateway:
            await pipeline.run(gateway)
        assert await pipeline.memories() == [FACT]

    @pytest.mark.parametrize("point", ["memory-begun:2", "memory-answered:2", "memory-settled:2"])
    async def test_after_a_crash_neither(self, pipeline: PipelineRig, point: str) -> None:
        await self.seed(pipeline)
        model = Model(memory_extraction={"memories": [FACT, "The hat is red"]})
        task_id = await pipeline.submit("How is the cat called?")
        with ScriptedGateway(model) as gateway:
            await pipeline.run_with_crash(gateway, point, task_id=task_id)
        assert sorted(await pipeline.memories()) == [FACT, "The hat is red"]
