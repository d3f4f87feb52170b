"""A task goes by what it started with, whatever is edited meanwhile."""

from typing import Any
from uuid import UUID

import pytest

from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import Model, PipelineRig, role_of

BLOCKED = {"blocked": True}


def prompts(gateway: ScriptedGateway, role: str) -> list[str]:
    return [body["messages"][0]["content"] for body in gateway.bodies if role_of(body) == role]


async def snapshots(pipeline: PipelineRig) -> list[Any]:
    rows = await pipeline.rig.sql("SELECT content FROM pod_snapshots ORDER BY created_at")
    return [row["content"] for row in rows]


class TestSnapshot:
    async def test_an_edited_prompt_is_for_new_tasks_only(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("documentation", system_prompt="Write it down.")
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.change_agent("documentation", system_prompt="Sing it.", enabled=False)
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"
            assert prompts(gateway, "documentation")[0].startswith("Write it down.")
            await pipeline.change_agent("documentation", enabled=True)
            again = await pipeline.run(gateway)
            await pipeline.review(again.id, "approve")
            await pipeline.go_on(again.id, gateway)
        assert prompts(gateway, "documentation")[1].startswith("Sing it.")
        assert len(await snapshots(pipeline)) == 2

    async def test_tasks_that_found_the_same_share_one(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            first = await pipeline.run(gateway)
            second = await pipeline.run(gateway)
        (content,) = await snapshots(pipeline)
        named = await pipeline.rig.sql("SELECT DISTINCT snapshot FROM tasks")
        assert len(named) == 1
        assert {first.status, second.status} == {"complete"}
        assert "read_file" in content["tools"]
        # The prompt of the role's file stands in it: an upgrade may bring another one.
        assert all(agent["system_prompt"] for agent in content["agents"])

    async def test_one_that_no_task_names_goes_after_a_day(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql(
            """
            INSERT INTO pod_snapshots (digest, content, used_at) VALUES
                ('old', '{}', now() - interval '25 hours'),
                ('old and named', '{}', now() - interval '25 hours'),
                ('young', '{}', now() - interval '23 hours')
            """
        )
        named = await pipeline.rig.submit()
        await pipeline.rig.sql(
            "UPDATE tasks SET snapshot = 'old and named', available_at = 'infinity' WHERE id = $1",
            named.id,
        )
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        (used,) = await pipeline.rig.sql("SELECT snapshot FROM tasks WHERE id = $1", task.id)
        left = await pipeline.rig.sql("SELECT digest FROM pod_snapshots")
        assert {row["digest"] for row in left} == {"old and named", "young", used["snapshot"]}

    async def test_a_pod_that_is_deleted_meanwhile(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.rig.sql("DELETE FROM pods")
            await pipeline.review(task.id, "approve")
            ended = await pipeline.go_on(task.id, gateway)
        assert (ended.status, ended.pod_id, ended.pod_name) == ("complete", None, "Quartet")

    async def test_a_limit_that_is_raised_holds_at_once(self, pipeline: PipelineRig) -> None:
        await pipeline.rig.sql("UPDATE pods SET max_cost_usd = 1")
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.rig.sql("UPDATE pods SET max_cost_usd = 2")
            await pipeline.review(task.id, "approve")
            await pipeline.go_on(task.id, gateway)
        limits = [body["metadata"]["budgets"][0]["limit_usd"] for body in gateway.bodies]
        assert limits == [1.0] * 4 + [2.0] * 4

    async def test_one_of_an_older_version_gives_way_to_the_pod(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
            await pipeline.rig.sql("UPDATE pod_snapshots SET content = '{}'")
            await pipeline.review(task.id, "approve")
            assert (await pipeline.go_on(task.id, gateway)).status == "complete"

    @pytest.mark.parametrize("point", ["memory-begun", "memory-settled", "stage-begun-context"])
    async def test_whoever_dies_the_first_write_names_it(
        self, pipeline: PipelineRig, point: str
    ) -> None:
        task_id: UUID = await pipeline.submit()
        await pipeline.change_agent("context", system_prompt="First.")
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run_with_crash(gateway, point, task_id=task_id)
        assert task.status == "complete"
        assert prompts(gateway, "context")[0].startswith("First.")
        (row,) = await pipeline.rig.sql("SELECT snapshot FROM tasks")
        assert row["snapshot"] is not None
