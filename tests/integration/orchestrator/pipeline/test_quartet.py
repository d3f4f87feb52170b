"""A whole pipeline task: its stages in order, what they leave behind, what a request can set."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.http import Peer
from tests.fixtures.engine import ScriptedGateway
from tests.fixtures.pipeline import (
    AFTERWARDS,
    FACT,
    FAILING,
    QUARTET,
    Model,
    PipelineRig,
    role_of,
    tool_then,
)
from tests.fixtures.ports import free_port


class TestQuartet:
    async def test_completes_with_its_stages_in_order(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output, task.pending) == ("complete", "done", None)
        assert [stage for stage, _, _ in await pipeline.stages(task.id)] == QUARTET
        assert {stage: status for stage, _, status in await pipeline.stages(task.id)} == {
            name: "skipped" if name == "decision" else "completed" for name in QUARTET
        }
        assert [role_of(body) for body in gateway.bodies][:4] == QUARTET[:4]
        assert sorted(role_of(body) for body in gateway.bodies[4:]) == sorted(AFTERWARDS)

    async def test_its_events_tell_each_stage_once(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        told = [
            (event["stage"], event["status"]) for event in await pipeline.events(task.id, "stage")
        ]
        ran = [name for name in QUARTET if name != "decision"]
        assert sorted(told) == sorted(
            [("decision", "skipped")]
            + [(name, status) for name in ran for status in ("started", "completed")]
        )
        assert told[:6] == [
            (name, status) for name in QUARTET[:3] for status in ("started", "completed")
        ]
        assert len(await pipeline.events(task.id, "meta")) == 1
        assert (await pipeline.events(task.id, "status"))[-1]["status"] == "complete"
        (usage,) = await pipeline.events(task.id, "usage")
        assert (usage["input_tokens"], usage["output_tokens"]) == (24, 16)
        assert task.total_cost_usd == pytest.approx(8 * 0.25)

    async def test_leaves_artifacts_and_memories(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        artifacts = await pipeline.rig.sql("SELECT kind, content FROM artifacts ORDER BY kind")
        assert [tuple(row) for row in artifacts] == [
            ("diagram", "graph TD"),
            ("documentation", "It was done."),
        ]
        assert await pipeline.memories() == [FACT]
        assert [step["status"] for step in await pipeline.steps(task.id, "memory")] == ["done"] * 2

    async def test_what_is_remembered_reaches_the_next_task_and_is_not_stored_again(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway)
            gateway.bodies.clear()
            await pipeline.run(gateway, user_input="How is the cat called?")
        told = {role_of(body): body["messages"][1]["content"] for body in gateway.bodies}
        assert FACT in told["context"]
        assert FACT in told["task"]
        assert FACT not in told["memory_extraction"]

    async def test_a_hostile_reply_with_nul_is_stored(self, pipeline: PipelineRig) -> None:
        model = Model(context='{"summary": "a\\u0000b"}', task="raw \0 text")
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "raw \ufffd text")


class TestMemoryDown:
    async def test_the_task_completes_and_says_so(self, pipeline: PipelineRig) -> None:
        nobody = f"http://127.0.0.1:{free_port()}"
        pipeline.memory = MemoryServiceClient(
            Peer(pipeline.rig.pool, name="memory-service", url=nobody, caller="w", secret="s")
        )
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        steps = await pipeline.steps(task.id, "memory")
        assert [(step["name"], step["status"]) for step in steps] == [
            ("search", "failed"),
            ("store", "failed"),
        ]
        assert all("memory-service" in step["result"]["error"] for step in steps)


class TestModels:
    async def test_a_fallback_answers_for_a_model_that_fails(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", model="first", fallback_models=["second"])

        def answer(body: dict[str, Any]) -> Any:
            return FAILING if body["model"] == "first" else {"output": "from the second"}

        with ScriptedGateway(Model(task=answer)) as gateway:
            task = await pipeline.run(gateway)
        assert (task.status, task.output) == ("complete", "from the second")
        asked = [body["model"] for body in gateway.bodies if role_of(body) == "task"]
        assert asked == ["first", "second"]

    async def test_the_pods_model_unless_the_request_names_one(self, pipeline: PipelineRig) -> None:
        await pipeline.change_agent("task", model="mine")
        with ScriptedGateway(Model()) as gateway:
            await pipeline.run(gateway)
            asked = {role_of(body): body["model"] for body in gateway.bodies}
            assert asked["context"] == "auto"
            assert asked["task"] == "mine"
            gateway.bodies.clear()
            await pipeline.run(gateway, metadata={"model_override": "chosen"})
        assert {body["model"] for body in gateway.bodies} == {"chosen"}


class TestWorkspace:
    def writing(self, folder: str | None) -> dict[str, Any]:
        return {} if folder is None else {"metadata": {"workspace": folder}}

    @pytest.mark.parametrize("folder", [None, "project", "deep/er"])
    async def test_tools_work_in_the_folder_that_is_named(
        self, pipeline: PipelineRig, folder: str | None
    ) -> None:
        task_says = tool_then("write_file", path="out.txt", content="hello")
        with ScriptedGateway(Model(task=task_says)) as gateway:
            task = await pipeline.run(gateway, **self.writing(folder))
        assert task.status == "complete"
        assert (pipeline.workspace / (folder or "") / "out.txt").read_text() == "hello"

    @pytest.mark.parametrize("folder", ["..", "a/../../b", "/etc", "//x", "", ".", "link/in"])
    async def test_any_other_folder_is_refused(
        self, pipeline: PipelineRig, tmp_path: Path, folder: str
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        pipeline.workspace.mkdir()
        (pipeline.workspace / "link").symlink_to(outside)
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway, **self.writing(folder))
        assert task.status == "failed"
        assert "metadata.workspace" in (task.error or "")
        assert not list(outside.iterdir())

    async def test_a_file_is_no_folder(self, pipeline: PipelineRig) -> None:
        pipeline.workspace.mkdir()
        (pipeline.workspace / "file").touch()
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway, **self.writing("file"))
        assert task.status == "failed"
        assert "metadata.workspace" in (task.error or "")


class TestUnusablePods:
    async def run(self, pipeline: PipelineRig, task_id: UUID) -> str:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.go_on(task_id, gateway)
        assert task.status == "failed"
        return task.error or ""

    async def test_a_pod_that_was_deleted(self, pipeline: PipelineRig) -> None:
        task_id = await pipeline.submit()
        await pipeline.rig.sql("DELETE FROM pods WHERE name = 'Quartet'")
        assert "deleted" in await self.run(pipeline, task_id)

    async def test_a_pod_without_agents(self, pipeline: PipelineRig) -> None:
        task_id = await pipeline.submit()
        await pipeline.rig.sql("UPDATE pod_agents SET enabled = false")
        assert "no enabled agent" in await self.run(pipeline, task_id)

    async def test_an_agent_of_an_unknown_role(self, pipeline: PipelineRig) -> None:
        task_id = await pipeline.submit()
        await pipeline.rig.sql("UPDATE pod_agents SET role = 'juggler' WHERE role = 'guardrail'")
        assert "juggler" in await self.run(pipeline, task_id)
