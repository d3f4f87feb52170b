"""What a resumed task makes again, and what it never does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.orchestrator.engine.tool_calls import UNKNOWN_OUTCOME
from services.orchestrator.tools.base import Effect
from tests.fixtures.engine import Rig, ScriptedGateway, calls, counting_tool, text
from tests.fixtures.ports import free_port

_POINTS = [
    "model-begun",
    "model-received",
    "model-settled",
    "tool-begun",
    "tool-started",
    "tool-executed",
    "tool-settled",
]
_CRASHING = "raise"


def one_call_then_text(tool: str) -> Any:
    """First the model wants the tool, then it answers with what the tool said."""

    def script(body: dict[str, Any], _number: int) -> list[Any]:
        results = [message for message in body["messages"] if message["role"] == "tool"]
        return text("said: ", results[-1]["content"]) if results else calls(tool, note="x")

    return script


def counted(folder: Path, effect: Effect) -> int:
    file = folder / effect.value
    return len(file.read_text().splitlines()) if file.exists() else 0


async def run_with_crash(
    rig: Rig,
    gateway: ScriptedGateway,
    failpoint: str,
    *,
    again: str | None = None,
    between: Callable[[], None] = lambda: None,
) -> Any:
    """Run a task; at the failpoint its run ends there and then, as if its worker had been killed.

    The killed worker writes nothing any more; `between` happens, and its next boot frees the task
    and goes on with it, to die at the failpoint `again`, if there is one, for a third to go on.
    """
    task = await rig.submit()
    first = rig.engine(gateway, failpoint=f"{failpoint}:{_CRASHING}")
    async with rig.database.transaction() as connection:
        # What the dying run would still write is fenced off, as it is for a process that is gone.
        await connection.execute(
            """
            CREATE FUNCTION keep_dead() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER keep_dead BEFORE UPDATE ON tasks FOR EACH ROW
            WHEN (OLD.holder IS NOT NULL AND NEW.retry_count > OLD.retry_count)
            EXECUTE FUNCTION keep_dead()
            """
        )
    await first.on_wake()
    await first.wait_until_idle()
    between()
    if again is not None:
        other = rig.engine(gateway, failpoint=f"{again}:{_CRASHING}")
        await other.free_earlier_boots()
        await other.on_wake()
        await other.wait_until_idle()
    async with rig.database.transaction() as connection:
        await connection.execute("DROP TRIGGER keep_dead ON tasks")
    second = rig.engine(gateway)
    await second.free_earlier_boots()
    await second.on_wake()
    return await rig.ended(task.id)


class TestResume:
    @pytest.mark.parametrize("point", _POINTS)
    async def test_finished_steps_are_not_made_again(self, rig: Rig, point: str) -> None:
        rig.tools = [counting_tool(rig.folder, effect=Effect.IDEMPOTENT)]
        with ScriptedGateway(one_call_then_text("idempotent")) as gateway:
            task = await run_with_crash(rig, gateway, point)
        assert (task.status, task.output) == ("complete", "said: counted")
        # Only the step in which the worker died may have been made twice.
        again_model = 1 if point == "model-received" else 0
        again_tool = 1 if point == "tool-executed" else 0
        assert len(gateway.bodies) == 2 + again_model
        assert counted(rig.folder, Effect.IDEMPOTENT) == 1 + again_tool

    @pytest.mark.parametrize("point", _POINTS)
    async def test_an_effect_is_never_doubled_and_its_doubt_is_told(
        self, rig: Rig, point: str
    ) -> None:
        rig.tools = [counting_tool(rig.folder, effect=Effect.EFFECT)]
        with ScriptedGateway(one_call_then_text("effect")) as gateway:
            task = await run_with_crash(rig, gateway, point)
        assert task.status == "complete"
        assert counted(rig.folder, Effect.EFFECT) == (0 if point == "tool-started" else 1)
        in_doubt = point in {"tool-started", "tool-executed"}
        assert (
            task.output == f"said: {f'[tool error] {UNKNOWN_OUTCOME}' if in_doubt else 'counted'}"
        )

    @pytest.mark.parametrize("tool", [Effect.EFFECT, Effect.IRREVERSIBLE])
    async def test_begun_before_another_boot_of_the_machine_it_is_in_doubt(
        self, rig: Rig, tool: Effect
    ) -> None:
        """What a power failure leaves may be older than what was done."""

        def reboot() -> None:
            (file,) = (rig.folder / "state" / "intended").iterdir()
            file.write_text("another boot")

        rig.tools = [counting_tool(rig.folder, effect=tool)]
        with ScriptedGateway(one_call_then_text(tool.value)) as gateway:
            task = await run_with_crash(rig, gateway, "tool-begun", between=reboot)
        assert task.output == f"said: [tool error] {UNKNOWN_OUTCOME}"
        assert counted(rig.folder, tool) == 0

    async def test_killed_again_after_it_was_taken_over(self, rig: Rig) -> None:
        rig.tools = [counting_tool(rig.folder, effect=Effect.EFFECT)]
        with ScriptedGateway(one_call_then_text("effect")) as gateway:
            task = await run_with_crash(rig, gateway, "tool-begun", again="tool-begun")
        assert task.output == "said: counted"
        assert counted(rig.folder, Effect.EFFECT) == 1

    async def test_where_no_person_can_be_asked_the_model_is_told(self, rig: Rig) -> None:
        rig.tools = [counting_tool(rig.folder, effect=Effect.IRREVERSIBLE)]
        with ScriptedGateway(one_call_then_text("irreversible")) as gateway:
            task = await run_with_crash(rig, gateway, "tool-executed")
        assert (task.status, task.output) == ("complete", f"said: [tool error] {UNKNOWN_OUTCOME}")
        assert counted(rig.folder, Effect.IRREVERSIBLE) == 1

    async def test_sums_count_each_call_once(self, rig: Rig) -> None:
        rig.tools = [counting_tool(rig.folder, effect=Effect.IDEMPOTENT)]
        with ScriptedGateway(one_call_then_text("idempotent")) as gateway:
            task = await run_with_crash(rig, gateway, "model-settled")
        assert (task.total_input_tokens, task.total_output_tokens) == (4, 2)
        assert task.total_cost_usd == pytest.approx(0.25)


class TestModelCall:
    async def test_a_cut_stream_is_made_again_after_a_rewind(self, rig: Rig) -> None:
        def script(_body: dict[str, Any], number: int) -> list[Any]:
            return [{"delta": "wrong "}, "cut"] if number == 1 else text("right")

        with ScriptedGateway(script) as gateway:
            task = await rig.submit()
            await rig.engine(gateway).on_wake()
            ended = await rig.ended(task.id)
        assert (ended.status, ended.output) == ("complete", "right")
        events = await rig.sql("SELECT kind, payload FROM stream_events ORDER BY first_id")
        assert [event["payload"].get("type", event["kind"]) for event in events][:2] == [
            "rewind",
            "text",
        ]

    async def test_a_gateway_that_is_away_is_waited_for(self, rig: Rig) -> None:
        gateway = ScriptedGateway(lambda _body, _number: text("late"), port=free_port())
        task = await rig.submit()
        await rig.engine(gateway).on_wake()
        await rig.until("SELECT 1 FROM task_steps WHERE status = 'begun'")
        with gateway:
            assert (await rig.ended(task.id)).output == "late"

    async def test_a_provider_that_fails_ends_the_task_with_its_words(self, rig: Rig) -> None:
        def script(_body: dict[str, Any], _number: int) -> list[Any]:
            return [{"type": "error", "detail": "the key is wrong", "code": "provider_failed"}]

        with ScriptedGateway(script) as gateway:
            task = await rig.submit()
            await rig.engine(gateway).on_wake()
            ended = await rig.ended(task.id)
        assert (ended.status, ended.error) == ("failed", "the key is wrong")


class TestCancel:
    async def cancel(self, rig: Rig, task_id: UUID) -> None:
        await rig.sql("UPDATE tasks SET cancel_requested_at = now() WHERE id = $1", task_id)

    async def test_a_running_model_call_is_ended(self, rig: Rig) -> None:
        def script(_body: dict[str, Any], _number: int) -> list[Any]:
            return [{"delta": "…"}, 30.0]

        with ScriptedGateway(script) as gateway:
            engine = rig.engine(gateway)
            rig.supervisor.keep_running(engine.watch_cancellations, name="cancellations")
            task = await rig.submit()
            await engine.on_wake()
            await rig.until_published()
            await self.cancel(rig, task.id)
            ended = await rig.ended(task.id, seconds=10)
        assert (ended.status, ended.error) == ("cancelled", "cancelled")
        assert [row["status"] for row in await rig.sql("SELECT status FROM task_steps")] == [
            "failed"
        ]
        events = await rig.sql("SELECT payload FROM stream_events ORDER BY first_id")
        assert [event["payload"]["type"] for event in events] == [
            "rewind",
            "usage",
            "error",
            "status",
        ]

    async def test_a_task_cancelled_while_nobody_held_it_ends_when_claimed(self, rig: Rig) -> None:
        task = await rig.submit()
        await self.cancel(rig, task.id)
        with ScriptedGateway(lambda _body, _number: text("never")) as gateway:
            await rig.engine(gateway).on_wake()
            assert (await rig.ended(task.id)).status == "cancelled"
            assert gateway.bodies == []
