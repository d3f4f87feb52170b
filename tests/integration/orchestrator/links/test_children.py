"""A task that asks other agents waits for them durably, and hears each of them once."""

import time
from typing import Any

import pytest

from services.kit.errors import WrongState
from services.orchestrator.chat import service as chat
from services.orchestrator.tasks import service
from tests.fixtures.engine import ADMIN, ScriptedGateway, calls, text
from tests.fixtures.links import Cast, LinksRig, asks, boss_asking, echo

POINTS = [
    "tool-begun",
    "child-started",
    "links-awaited",
    "links-suspended",
    "tool-executed",
    "tool-settled",
]


class TestAsking:
    async def test_the_answer_comes_back_and_the_parent_holds_nothing_meanwhile(
        self, links: LinksRig
    ) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        seen: list[Any] = []

        def helper(question: str, _results: list[str]) -> list[Any]:
            return [0.3, *text(f"done {question}")]

        cast = Cast(Boss=boss_asking(("helper", "work")), Helper=helper)
        with ScriptedGateway(cast) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway, slots=1).on_wake()
            await links.until_status(task_id, "submitted")
            seen = await links.rig.sql("SELECT holder, pending FROM tasks WHERE id = $1", task_id)
            ended = await links.rig.ended(task_id)
        assert (ended.status, ended.output) == ("complete", "done work")
        assert (seen[0]["holder"], seen[0]["pending"]) == (None, None)
        (child,) = await links.children(task_id)
        assert (child["depth"], child["kind"], child["status"]) == (1, "agent", "complete")
        assert child["root_task_id"] == task_id
        assert child["session_id"] != ended.session_id
        assert cast.asked == [("Boss", "Go"), ("Helper", "work")]

    async def test_twenty_of_one_reply_are_started_together(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        work = [("Helper", f"part {number}") for number in range(20)]
        with ScriptedGateway(Cast(Boss=boss_asking(*work), Helper=echo)) as gateway:
            task_id = await links.ask(boss)
            engine = links.engine(gateway)
            await engine.on_wake()
            ended = await links.rig.ended(task_id, seconds=40)
        assert ended.output == " + ".join(f"<part {number}>" for number in range(20))
        attempts = await links.rig.sql("SELECT attempt FROM tasks WHERE id = $1", task_id)
        assert attempts[0]["attempt"] == 2  # one wait for all of them
        assert len(await links.children(task_id)) == 20

    async def test_a_call_that_is_no_message_waits_for_the_answers_before_it(
        self, links: LinksRig
    ) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")

        def play(_question: str, results: list[str]) -> list[Any]:
            if results:
                return text(" + ".join(results))
            (reply,) = asks(("Helper", "first"))
            (write,) = calls("write_file", path="late.txt", content="x")
            reply["tool_calls"] += write["tool_calls"]
            return [reply]

        def helper(_question: str, _results: list[str]) -> list[Any]:
            there = (links.rig.folder / "workspace" / "late.txt").exists()
            return text("too late" if there else "in time")

        with ScriptedGateway(Cast(Boss=play, Helper=helper)) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway).on_wake()
            ended = await links.rig.ended(task_id)
        assert ended.output is not None
        assert ended.output.startswith("in time + Wrote 1 bytes")

    async def test_a_child_that_fails_is_told(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")

        def helper(_question: str, _results: list[str]) -> list[Any]:
            return [{"type": "error", "detail": "no such model", "code": "provider_failed"}]

        with ScriptedGateway(Cast(Boss=boss_asking(("Helper", "x")), Helper=helper)) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway).on_wake()
            ended = await links.rig.ended(task_id)
        assert ended.output == "[tool error] The agent has failed: no such model"

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("Nobody", "There is no agent 'Nobody'"),
            ("Twin", "Several agents are called 'Twin'"),
            ("00000000-0000-0000-0000-000000000000", "There is no agent 0000"),
        ],
    )
    async def test_an_agent_that_is_not_clear_is_told(
        self, links: LinksRig, name: str, told: str
    ) -> None:
        boss = await links.agent("Boss")
        await links.agent("Twin")
        await links.agent("twin")
        with ScriptedGateway(Cast(Boss=boss_asking((name, "x")))) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway).on_wake()
            ended = await links.rig.ended(task_id)
        assert told in (ended.output or "")
        assert await links.children(task_id) == []

    async def test_agents_that_ask_each_other_in_a_circle_end(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")

        def to(other: str) -> Any:
            def play(question: str, results: list[str]) -> list[Any]:
                return text(f"({results[0]})") if results else asks((other, question))

            return play

        with ScriptedGateway(Cast(Boss=to("Helper"), Helper=to("Boss"))) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway, slots=1).on_wake()
            ended = await links.rig.ended(task_id)
        assert ended.status == "complete"
        assert "may ask nobody else" in (ended.output or "")
        depths = await links.rig.sql("SELECT depth FROM tasks ORDER BY depth")
        assert [row["depth"] for row in depths] == [0, 1, 2, 3, 4, 5]

    async def test_a_chat_turn_waits_too_and_the_next_one_comes_after(
        self, links: LinksRig
    ) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        cast = Cast(Boss=boss_asking(("Helper", "x")), Helper=lambda *_: [0.3, *text("slow")])
        with ScriptedGateway(cast) as gateway:
            first = await links.rig.submit("one", agent_id=boss, kind="chat")
            second = await links.rig.submit(
                "two", agent_id=boss, kind="chat", session_id=first.session_id
            )
            await links.engine(gateway).on_wake()
            await links.rig.ended(second.id)
            one, two = await links.rig.task(first.id), await links.rig.task(second.id)
        assert (one.output, two.output) == ("slow", "slow")
        assert one.completed_at is not None
        assert two.started_at is not None
        assert one.completed_at <= two.started_at


class TestCrash:
    @pytest.mark.parametrize("point", POINTS)
    async def test_no_child_is_started_twice(self, links: LinksRig, point: str) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        cast = Cast(Boss=boss_asking(("Helper", "a"), ("Helper", "b")), Helper=echo)
        with ScriptedGateway(cast) as gateway:
            task_id = await links.ask(boss)
            async with links.killed():
                first = links.engine(gateway, failpoint=f"{point}:raise")
                await first.on_wake()
                await links.until_dead(first, task_id)
            second = links.engine(gateway)
            await second.free_earlier_boots()
            await second.on_wake()
            ended = await links.rig.ended(task_id)
        assert ended.output == "<a> + <b>"
        assert len(await links.children(task_id)) == 2
        assert sorted(cast.asked) == [("Boss", "Go"), ("Helper", "a"), ("Helper", "b")]
        tools = [step for step in await links.steps(task_id) if step["kind"] == "tool"]
        assert [step["status"] for step in tools] == ["done", "done"]

    async def test_a_wake_up_that_was_lost_is_made_up_for(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        await links.rig.sql("ALTER TABLE tasks DISABLE TRIGGER tasks_end")
        with ScriptedGateway(Cast(Boss=boss_asking(("Helper", "a")), Helper=echo)) as gateway:
            task_id = await links.ask(boss)
            engine = links.engine(gateway)
            await engine.on_wake()
            await links.rig.until(
                f"SELECT 1 FROM tasks WHERE parent_task_id = '{task_id}' AND status = 'complete'"
            )
            assert (await links.rig.task(task_id)).status == "submitted"
            await links.sweep()
            await engine.on_wake()
            assert (await links.rig.ended(task_id)).output == "<a>"


class TestCancel:
    async def test_a_waiting_parent_takes_all_beneath_it_along(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        await links.agent("Deep")
        cast = Cast(
            Boss=boss_asking(("Helper", "a"), ("Deep", "b")),
            Helper=boss_asking(("Deep", "c")),
            Deep=lambda *_: [{"delta": "…"}, 60.0],
        )
        with ScriptedGateway(cast) as gateway:
            task_id = await links.ask(boss)
            engine = links.watched(gateway)
            await engine.on_wake()
            await links.rig.until("SELECT 1 FROM tasks WHERE depth = 2 AND holder IS NOT NULL")
            started = time.monotonic()
            async with links.rig.database.transaction() as connection:
                _, status, _ = await service.cancel_task(connection, task_id, actor=ADMIN)
            assert status == "cancelled"
            await links.rig.until(
                "SELECT 1 FROM tasks HAVING bool_and(status = 'cancelled')", seconds=5
            )
            print(f"all cancelled after {time.monotonic() - started:.2f} s")
            assert [row["holder"] for row in await links.rig.sql("SELECT holder FROM tasks")] == [
                None
            ] * 4

    async def test_children_of_a_parent_that_has_failed_are_swept_up(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        await links.rig.sql("ALTER TABLE tasks DISABLE TRIGGER tasks_end")
        cast = Cast(Boss=boss_asking(("Helper", "a")), Helper=lambda *_: [60.0])
        with ScriptedGateway(cast) as gateway:
            task_id = await links.ask(boss)
            engine = links.engine(gateway)
            await engine.on_wake()
            await links.until_status(task_id, "submitted")
            await engine.stop()
            await links.rig.sql(
                "UPDATE tasks SET status = 'failed', error = 'x', completed_at = now()"
                " WHERE id = $1",
                task_id,
            )
            await links.sweep()
        (child,) = await links.children(task_id)
        assert (child["status"], child["error"]) == ("cancelled", "cancelled")


class TestDeletion:
    async def test_a_conversation_goes_with_the_task_that_it_came_of(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        with ScriptedGateway(Cast(Boss=boss_asking(("Helper", "a")), Helper=echo)) as gateway:
            task_id = await links.ask(boss)
            await links.engine(gateway).on_wake()
            ended = await links.rig.ended(task_id)
        (child,) = await links.children(task_id)
        async with links.rig.database.transaction() as connection:
            await chat.delete_session(connection, ended.session_id, actor=ADMIN)
        for table in ("tasks", "agent_sessions", "streams", "stream_events", "session_messages"):
            assert await links.rig.sql(f"SELECT 1 FROM {table}") == [], table
        assert child["session_id"] is not None

    async def test_an_answer_that_is_waited_for_can_not_be_deleted(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        with ScriptedGateway(Cast(Boss=boss_asking(("Helper", "a")), Helper=echo)) as gateway:
            task_id = await links.ask(boss)
            await links.rig.sql("ALTER TABLE tasks DISABLE TRIGGER tasks_end")
            engine = links.engine(gateway)
            await engine.on_wake()
            await links.rig.until("SELECT 1 FROM tasks WHERE depth = 1 AND status = 'complete'")
            (child,) = await links.children(task_id)
            async with links.rig.database.transaction() as connection:
                with pytest.raises(WrongState):
                    await chat.delete_session(connection, child["session_id"], actor=ADMIN)


class TestBudget:
    async def test_a_child_draws_on_what_its_parent_draws_on(self, links: LinksRig) -> None:
        boss = await links.agent("Boss")
        await links.agent("Helper")
        cast = Cast(Boss=boss_asking(("Helper", "a")), Helper=echo)
        with ScriptedGateway(cast) as gateway:
            task_id = await links.ask(boss)
            await links.rig.sql(
                "UPDATE tasks SET metadata = $2::jsonb WHERE id = $1",
                task_id,
                {"max_cost_usd": 2},
            )
            await links.engine(gateway).on_wake()
            await links.rig.ended(task_id)
            budget = {"scope": "task", "id": str(task_id), "limit_usd": 2.0, "daily": False}
            assert [body["metadata"]["budgets"] for body in gateway.bodies] == [[budget]] * 3
