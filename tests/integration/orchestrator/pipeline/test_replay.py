"""A finished task replayed from its journal: identical without any network, or said where not."""

import json
from typing import Any
from uuid import UUID

import pytest

from contracts.orchestrator import ClarifyRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.errors import NotFound, WrongState
from services.kit.http import Peer
from services.kit.ids import new_id
from services.orchestrator.pipeline.tasks import service
from services.orchestrator.tasks import service as task_service
from services.orchestrator.tools.base import Effect
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls, counting_tool
from tests.fixtures.pipeline import FAILING, Model, PipelineRig, chunks, tool_then
from tests.fixtures.ports import free_port
from tests.fixtures.replays import assert_identical, everything, replayed, step_of

BLOCKED = {"blocked": True}
REJECTED = {"verdict": "reject", "summary": "All wrong"}
ASKS = {"summary": "unclear", "questions": ["Which?"]}
SILENT = chunks(60.0)


async def answer(pipeline: PipelineRig, task_id: UUID, *answers: str) -> None:
    async with pipeline.rig.database.transaction() as connection:
        request = ClarifyRequest(answers=list(answers))
        await service.clarify(connection, task_id, request, actor=ADMIN)


async def nothing_is_there(pipeline: PipelineRig) -> None:
    """From here on memory can't be asked any more, and the agents are others."""
    nobody = f"http://127.0.0.1:{free_port()}"
    peer = Peer(pipeline.rig.pool, name="memory-service", url=nobody, caller="w", secret="s")
    pipeline.memory = MemoryServiceClient(peer)
    await pipeline.rig.sql("UPDATE pod_agents SET system_prompt = 'Sing.', temperature = 1.5")


class TestIdentical:
    """The gateway is stopped, the memory is gone and every prompt is another one by then."""

    @pytest.mark.parametrize(
        "says",
        [
            {},
            {"task": tool_then("idempotent", note="x")},
            {"task": tool_then("no_such_tool")},
            {"code_review": [{"verdict": "needs_refactor"}, {"verdict": "pass"}]},
            {"code_review": ["It looks fine.", {"verdict": "pass"}]},
            {"documentation": FAILING, "diagramming": "no JSON"},
            {"memory_extraction": {"memories": ["One", "Two"]}},
            {"context": '{"summary": "a\\u0000b 🐈"}'},
        ],
        ids=["plain", "tool", "unknown-tool", "refactor", "repair", "skipped", "memories", "odd"],
    )
    async def test_a_complete_task(self, pipeline: PipelineRig, says: dict[str, Any]) -> None:
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.IDEMPOTENT)]
        with ScriptedGateway(Model(**says)) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "complete"
        await nothing_is_there(pipeline)
        await assert_identical(pipeline, task)

    async def test_a_failed_task(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(task=FAILING)) as gateway:
            task = await pipeline.run(gateway)
        assert task.status == "failed"
        await nothing_is_there(pipeline)
        found = await assert_identical(pipeline, task)
        assert (found.status, found.error) == ("failed", task.error)

    async def test_persons_are_heard_where_they_spoke(self, pipeline: PipelineRig) -> None:
        """Questions, answers, an approval with a comment: each is seen only by what came later."""
        model = Model(context=ASKS, guardrail=BLOCKED, code_review=REJECTED)
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run(gateway)
            await answer(pipeline, task.id, "The red one")
            await pipeline.go_on(task.id, gateway)
            await pipeline.review(task.id, "approve", comment="Never mind")
            task = await pipeline.go_on(task.id, gateway)
        assert task.status == "complete"
        await nothing_is_there(pipeline)
        await assert_identical(pipeline, task)

    async def test_the_replay_of_a_rejected_task_waits_where_it_waited(
        self, pipeline: PipelineRig
    ) -> None:
        with ScriptedGateway(Model(guardrail=BLOCKED)) as gateway:
            task = await pipeline.run(gateway)
        await pipeline.review(task.id, "reject")
        found = await assert_identical(pipeline, await pipeline.rig.task(task.id))
        assert found.status == "pending_human_review"

    async def test_a_crash_and_a_stage_out_of_time_leave_no_trace(
        self, pipeline: PipelineRig
    ) -> None:
        await pipeline.change_agent("task", timeout_seconds=1)
        model = Model(
            task=[lambda _body: [*calls("read_file", path="x")], SILENT, {"output": "ok"}]
        )
        with ScriptedGateway(model) as gateway:
            task = await pipeline.run_with_crash(gateway, "stage-timed-out-task")
        assert (task.status, task.output) == ("complete", "ok")
        await nothing_is_there(pipeline)
        found = await replayed(pipeline, task.id)
        assert found.differences == []
        assert found.output == "ok"

    async def test_an_unknown_outcome_is_told_again(self, pipeline: PipelineRig) -> None:
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.IRREVERSIBLE)]
        with ScriptedGateway(Model(task=tool_then("irreversible", note="pay"))) as gateway:
            task = await pipeline.run_with_crash(gateway, "tool-executed")
            await pipeline.review(task.id, "approve", comment="It was paid")
            task = await pipeline.go_on(task.id, gateway)
        await assert_identical(pipeline, task)
        assert (pipeline.rig.folder / "irreversible").read_text().splitlines() == ["pay"]

    async def test_a_cancelled_one_as_far_as_it_came(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model(task=SILENT)) as gateway:
            engine = pipeline.engine(gateway)
            pipeline.rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
            task_id = await pipeline.submit()
            await engine.on_wake()
            await pipeline.rig.until("SELECT 1 FROM task_steps WHERE stage = 'task'")
            async with pipeline.rig.database.transaction() as connection:
                await task_service.cancel_task(connection, task_id, actor=ADMIN)
            task = await pipeline.settled(task_id)
        assert task.status == "cancelled"
        found = await assert_identical(pipeline, task)
        assert found.status == "interrupted"

    async def test_the_workspace_is_neither_read_nor_made(self, pipeline: PipelineRig) -> None:
        says = tool_then("write_file", path="out.txt", content="hello")
        with ScriptedGateway(Model(task=says)) as gateway:
            task = await pipeline.run(gateway, metadata={"workspace": "project"})
        folder = pipeline.workspace / "project"
        (folder / "out.txt").unlink()
        folder.rmdir()
        await assert_identical(pipeline, task)
        assert not folder.exists()


class TestDifferent:
    """Somebody has changed the journal: the replay says where."""

    async def complete(self, pipeline: PipelineRig) -> Any:
        pipeline.tools = [counting_tool(pipeline.rig.folder, effect=Effect.IDEMPOTENT)]
        with ScriptedGateway(Model(task=tool_then("idempotent", note="x"))) as gateway:
            return await pipeline.run(gateway)

    async def change(self, pipeline: PipelineRig, step: int, assignment: str) -> None:
        await pipeline.rig.sql(f"UPDATE task_steps SET {assignment} WHERE step = $1", step)

    async def test_a_tool_that_said_something_else(self, pipeline: PipelineRig) -> None:
        task = await self.complete(pipeline)
        step = await step_of(pipeline, task.id, "task", "tool")
        await self.change(pipeline, step, """result = result || '{"text": "uncounted"}'""")
        found = await replayed(pipeline, task.id)
        assert not found.identical
        first = found.differences[0]
        assert (first.stage, first.kind) == ("task", "model")
        assert first.step == await step_of(pipeline, task.id, "task", number=1)
        assert first.expected_digest != first.actual_digest
        assert "messages[3].content" in first.what
        assert "'counted' in the journal, 'uncounted' in the replay" in first.what

    async def test_a_stage_that_answered_something_else(self, pipeline: PipelineRig) -> None:
        task = await self.complete(pipeline)
        step = await step_of(pipeline, task.id, "documentation")
        changed = json.dumps({"content": json.dumps({"content": "Other"})})
        await self.change(pipeline, step, f"result = result || '{changed}'")
        (found,) = (await replayed(pipeline, task.id)).differences
        assert (found.stage, found.step, found.kind) == ("documentation", None, "stage")
        assert "output.content" in found.what

    async def test_the_last_word_of_the_work(self, pipeline: PipelineRig) -> None:
        task = await self.complete(pipeline)
        step = await step_of(pipeline, task.id, "task", number=1)
        await self.change(pipeline, step, """result = result || '{"content": "Lies"}'""")
        found = await replayed(pipeline, task.id)
        assert found.output == "Lies"
        kinds = {(one.stage, one.kind) for one in found.differences}
        assert {("task", "stage"), (None, "task"), ("guardrail", "model")} <= kinds

    @pytest.mark.parametrize("gone", ["result", "row"])
    async def test_a_call_that_is_gone(self, pipeline: PipelineRig, gone: str) -> None:
        task = await self.complete(pipeline)
        step = await step_of(pipeline, task.id, "guardrail")
        if gone == "row":
            await pipeline.rig.sql("DELETE FROM task_steps WHERE step = $1", step)
        else:
            await self.change(pipeline, step, "status = 'begun', result = NULL")
        found = await replayed(pipeline, task.id)
        assert found.status == "interrupted"
        assert f"guardrail, step {step}" in (found.error or "")
        assert {one.step for one in found.differences if one.kind == "model"} > {
            await step_of(pipeline, task.id, "code_review")
        }

    async def test_a_call_too_many(self, pipeline: PipelineRig) -> None:
        task = await self.complete(pipeline)
        step = await step_of(pipeline, task.id, "guardrail")
        await pipeline.rig.sql(
            "INSERT INTO task_steps (task_id, step, stage, kind, name, status, attempt, digest,"
            " request) SELECT task_id, step + 1, stage, kind, name, status, attempt, digest,"
            " request FROM task_steps WHERE step = $1",
            step,
        )
        (found,) = (await replayed(pipeline, task.id)).differences
        assert (found.step, found.what) == (step + 1, "The replay did not make this call.")

    async def test_another_call_in_its_place(self, pipeline: PipelineRig) -> None:
        task = await self.complete(pipeline)
        step = await step_of(pipeline, task.id, "task", "tool")
        await self.change(pipeline, step, "name = 'write_file'")
        found = await replayed(pipeline, task.id)
        assert "tool call write_file" in (found.error or "")
        assert not found.identical

    @pytest.mark.parametrize("result", ["'[]'", "'\"text\"'", "'{}'", "NULL"])
    async def test_a_result_that_is_none(self, pipeline: PipelineRig, result: str) -> None:
        task = await self.complete(pipeline)
        for kind in ("tool", "model"):
            step = await step_of(pipeline, task.id, "task", kind)
            await self.change(pipeline, step, f"result = {result}")
            assert not (await replayed(pipeline, task.id)).identical


class TestRefused:
    async def test_one_that_is_not_there_or_has_not_ended(self, pipeline: PipelineRig) -> None:
        with pytest.raises(NotFound):
            await replayed(pipeline, new_id())
        task_id = await pipeline.submit()
        with pytest.raises(WrongState, match="not ended"):
            await replayed(pipeline, task_id)
        async with pipeline.rig.database.transaction() as connection:
            await task_service.cancel_task(connection, task_id, actor=ADMIN)
        with pytest.raises(WrongState, match="nothing to replay"):
            await replayed(pipeline, task_id)

    async def test_one_without_a_snapshot(self, pipeline: PipelineRig) -> None:
        with ScriptedGateway(Model()) as gateway:
            task = await pipeline.run(gateway)
        await pipeline.rig.sql("UPDATE tasks SET snapshot = NULL")
        before = await everything(pipeline)
        with pytest.raises(WrongState, match="earlier version"):
            await replayed(pipeline, task.id)
        assert await everything(pipeline) == before
