"""Turns on their way to the client: whole, in order, each event once, whatever breaks."""

from itertools import pairwise
from typing import Any
from uuid import uuid4

from tests.fixtures.chat_api import KEY, Client, Served, connected
from tests.integration.chat_api.conftest import Orchestrator

META = {"type": "meta", "model": "offline/x", "category": None, "session_id": None}


def delta(text: str) -> dict[str, Any]:
    return {"delta": text}


def text_of(messages: list[dict[str, Any]]) -> str:
    return "".join(message.get("delta", "") for message in messages)


def numbers_of(messages: list[dict[str, Any]]) -> list[int]:
    """Those of the session's events; `idle` repeats the last one."""
    return [m["seq"] for m in messages if "seq" in m and m.get("status") != "idle"]


async def ask(client: Client, content: str, **fields: Any) -> dict[str, Any]:
    """Sends a message; returns its acceptance."""
    await client.send(type="user", content=content, **fields)
    return (await client.until("system", status="accepted"))[-1]


class TestTurn:
    async def test_it_comes_chunk_by_chunk(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        accepted = await ask(client, "hi", session_id=session_id)
        assert accepted["session_id"] == session_id
        for word in ("one ", "two\u2028 ", "drei ü"):
            orchestrator.emit(session_id, delta(word))
            chunk = await client.receive()
            assert chunk == {
                "type": "stream_chunk",
                "delta": word,
                "session_id": session_id,
                "seq": chunk["seq"],
            }
        last = orchestrator.finish(session_id)
        end = await client.receive()
        assert end == {
            "type": "stream_end",
            "session_id": session_id,
            "seq": last,
            "status": "complete",
            "usage": {"input_tokens": 3, "output_tokens": 2, "cost_usd": 0.5},
        }
        assert (await client.receive())["status"] == "idle"

    async def test_everything_else_is_passed_on(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        task_id = (await ask(client, "hi"))["task_id"]
        call = {"type": "tool_call", "id": "c1", "name": "list_dir", "arguments": {"path": "."}}
        result = {"type": "tool_result", "id": "c1", "name": "list_dir", "ok": True, "summary": "2"}
        error = {"type": "error", "detail": "It broke.", "code": "broken"}
        orchestrator.emit(
            session_id,
            {**META, "task_id": task_id},
            delta("a"),
            call,
            result,
            {"type": "rewind", "to": 2},
            error,
            {"type": "status", "status": "failed"},
            gap=5,
        )
        seen = await client.until("stream_end")
        place = {"session_id": session_id}
        assert [{k: v for k, v in m.items() if k != "seq"} for m in seen] == [
            {"type": "system", "model": "offline/x", "category": None, "task_id": task_id, **place},
            {"type": "stream_chunk", "delta": "a", **place},
            {**call, **place},
            {**result, **place},
            {"type": "stream_rewind", "to": 2, **place},
            {"type": "error", "content": "It broke.", "code": "broken", **place},
            {"type": "stream_end", "status": "failed", "usage": None, **place},
        ]
        assert all(first < second for first, second in pairwise(numbers_of(seen)))

    async def test_a_second_message_is_queued_behind_the_first(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        await ask(client, "first")
        orchestrator.emit(session_id, delta("1"))
        await client.until("stream_chunk")
        await ask(client, "second")
        orchestrator.finish(session_id)
        await client.until("stream_end")
        orchestrator.emit(session_id, delta("2"))
        orchestrator.finish(session_id)
        assert text_of(await client.until("stream_end")) == "2"
        posts = orchestrator.state()["posts"][-2:]
        assert [post["messages"][0]["content"] for post in posts] == ["first", "second"]

    async def test_two_sessions_run_at_once(self, client: Client, orchestrator: Orchestrator):
        await client.receive()
        names = [str(uuid4()), str(uuid4())]
        for name in names:
            await ask(client, "hi", session_id=name)
        for name in reversed(names):
            orchestrator.emit(name, delta("x"))
            assert (await client.receive())["session_id"] == name
            orchestrator.finish(name)
            await client.until("system", status="idle")

    async def test_cancel_ends_the_running_turn(self, client: Client, session_id: str):
        await client.send(type="user", content="long")
        await client.send(type="cancel")
        end = (await client.until("stream_end"))[-1]
        assert end["status"] == "cancelled"

    async def test_the_same_message_again_is_the_same_turn(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        first = await ask(client, "hi", client_msg_id="m1")
        orchestrator.emit(session_id, delta("x"))
        await client.until("stream_chunk")
        second = await ask(client, "hi", client_msg_id="m1")
        assert first["task_id"] == second["task_id"]
        orchestrator.finish(session_id)
        seen = await client.until("system", status="idle")
        assert text_of(seen) == ""

    async def test_without_an_id_the_same_text_is_another_turn(
        self, client: Client, session_id: str
    ):
        assert (await ask(client, "hi"))["task_id"] != (await ask(client, "hi"))["task_id"]

    async def test_the_same_message_on_a_new_connection_tells_the_turn_again(
        self, client: Client, session_id: str, chat_api: Served, orchestrator: Orchestrator
    ):
        first = await ask(client, "hi", client_msg_id="m1")
        orchestrator.emit(session_id, delta("x"))
        orchestrator.finish(session_id)
        async with connected(chat_api.url, query=f"?token={KEY}") as other:
            again = await ask(other, "hi", session_id=session_id, client_msg_id="m1")
            assert again["task_id"] == first["task_id"]
            assert text_of(await other.until("stream_end")) == "x"

    async def test_an_orchestrator_that_is_away_for_a_moment_is_waited_for(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        orchestrator.set(refuse_posts=2)
        await ask(client, "hi", client_msg_id="m")


class TestResume:
    async def test_every_later_event_comes_once_and_then_live(
        self, client: Client, session_id: str, chat_api: Served, orchestrator: Orchestrator
    ):
        await ask(client, "hi")
        for number in range(10):
            orchestrator.emit(session_id, delta(f"{number} "), gap=3)
        seen = await client.until("stream_chunk", delta="4 ")
        place = seen[-1]["seq"]
        await client.socket.close()
        async with connected(chat_api.url, query=f"?token={KEY}") as other:
            await other.receive()
            await other.send(type="resume", session_id=session_id, after=place)
            seen += await other.until("stream_chunk", delta="9 ")
            orchestrator.emit(session_id, delta("live"))
            orchestrator.finish(session_id)
            seen += await other.until("system", status="idle")
        assert text_of(seen) == "0 1 2 3 4 5 6 7 8 9 live"
        numbers = numbers_of(seen)
        assert all(first < second for first, second in pairwise(numbers))

    async def test_from_the_start_all_turns_come(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        for number in range(2):
            await ask(client, "hi")
            orchestrator.emit(session_id, delta(str(number)))
            orchestrator.finish(session_id)
            await client.until("system", status="idle")
        await client.send(type="resume", session_id=session_id, after=0)
        seen = await client.until("system", status="idle")
        assert [m["type"] for m in seen[:-1]] == ["stream_chunk", "stream_end"] * 2

    async def test_twice_at_once_still_gives_each_event_once(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        await ask(client, "hi")
        orchestrator.emit(session_id, delta("x"), times=50)
        place = (await client.until("stream_chunk"))[-1]["seq"]
        await client.send(type="resume", session_id=session_id, after=place)
        await client.send(type="ping")
        await client.until("pong")
        orchestrator.finish(session_id)
        seen = await client.until("system", status="idle")
        # What the first reader had sent before the second began may lie before the replay.
        after_restart = numbers_of(seen)
        replay = after_restart[after_restart.index(min(after_restart)) :]
        assert all(first < second for first, second in pairwise(replay))

    async def test_a_message_after_it_goes_to_that_session(
        self, client: Client, session_id: str, chat_api: Served, orchestrator: Orchestrator
    ):
        await ask(client, "hi")
        orchestrator.finish(session_id)
        async with connected(chat_api.url, query=f"?token={KEY}") as other:
            await other.receive()
            await other.send(type="resume", session_id=session_id, after=0)
            await other.until("system", status="idle")
            assert (await ask(other, "more"))["session_id"] == session_id
            orchestrator.emit(session_id, delta("x"))
            assert text_of(await other.until("stream_chunk")) == "x"


class TestLostOrchestrator:
    async def test_a_cut_stream_goes_on_where_it_was(
        self, client: Client, session_id: str, orchestrator: Orchestrator
    ):
        await ask(client, "hi")
        seen: list[dict[str, Any]] = []
        for number in range(5):
            orchestrator.emit(session_id, delta(f"{number} "))
            seen += await client.until("stream_chunk")
            orchestrator.set(cut=1)
            orchestrator.emit(session_id, delta("+ "))
            seen += await client.until("stream_chunk")
        orchestrator.finish(session_id)
        seen += await client.until("stream_end")
        assert text_of(seen) == "0 + 1 + 2 + 3 + 4 + "
        numbers = numbers_of(seen)
        assert all(first < second for first, second in pairwise(numbers))
