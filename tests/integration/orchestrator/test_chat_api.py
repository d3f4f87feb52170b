"""Chat with the primary agent, by HTTP, through real processes."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.engine import text
from tests.fixtures.working_orchestrator import (
    SILENT,
    V1,
    Stream,
    WorkingOrchestrator,
    read_stream,
    saying,
    until_status,
)

CHAT = f"{V1}/chat/stream"
SESSIONS = f"{V1}/chat/sessions"


@pytest.fixture
async def mine(working: WorkingOrchestrator) -> AsyncIterator[httpx.AsyncClient]:
    """Someone with a key of their own."""
    async with working.client(await working.make_key("chat")) as client:
        yield client


@pytest.fixture
async def other(working: WorkingOrchestrator) -> AsyncIterator[httpx.AsyncClient]:
    async with working.client(await working.make_key("chat")) as client:
        yield client


def say(content: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}], **fields}


async def chat(client: httpx.AsyncClient, content: str, **fields: Any) -> Stream:
    return await read_stream(client, "POST", CHAT, json=say(content, **fields))


class TestStream:
    async def test_an_answer_in_pieces(self, mine: httpx.AsyncClient) -> None:
        stream = await chat(mine, "Hi", model="chosen")
        assert (stream.text, stream.done) == ("Hello there", True)
        assert [event["delta"] for _, event in stream.events if "delta" in event] == [
            "Hello",
            " there",
        ]
        assert stream.of("meta")[0]["model"] == "chosen"
        assert stream.of("meta")[0]["session_id"] == stream.headers["x-session-id"]

    async def test_what_intelligent_routing_took_it_for(
        self, mine: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        setting = f"{V1}/config/llm.intelligent_routing"
        async with working.client() as admin:
            await admin.patch(setting, json={"value": "true"})
        working.gateway.category = "code"
        try:
            async with asyncio.timeout(30):
                while (meta := (await chat(mine, "Write a loop")).of("meta")[0])["model"] == "auto":
                    pass  # the worker has not heard of the setting yet
            assert (meta["model"], meta["category"]) == ("best at code", "code")
            named = (await chat(mine, "Write a loop", model="chosen")).of("meta")[0]
            assert (named["model"], named["category"]) == ("chosen", None)
        finally:
            working.gateway.category = None
            async with working.client() as admin:
                await admin.patch(setting, json={"value": "false"})

    async def test_the_next_turn_knows_what_was_said(
        self, mine: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        first = await chat(mine, "My name is Ann")
        second = await chat(mine, "What is it?", session_id=first.headers["x-session-id"])
        told = [
            (message["role"], message["content"])
            for message in working.asked[1]["messages"]
            if message["role"] != "system"
        ]
        assert told == [
            ("user", "My name is Ann"),
            ("assistant", "Hello there"),
            ("user", "What is it?"),
        ]
        assert min(second.ids) > max(first.ids)

    async def test_a_client_that_sends_its_whole_history_is_not_told_twice(
        self, mine: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        first = await chat(mine, "One")
        messages = [
            {"role": "user", "content": "One"},
            {"role": "assistant", "content": first.text},
            {"role": "user", "content": "Two"},
        ]
        session_id = first.headers["x-session-id"]
        await chat(mine, "", messages=messages, session_id=session_id)
        told = [message["content"] for message in working.asked[1]["messages"][1:]]
        assert told == ["One", "Hello there", "Two"]

    async def test_a_provider_that_fails_is_told_and_the_session_goes_on(
        self, mine: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        working.gateway.script = saying({"type": "error", "detail": "no credit", "code": "broke"})
        failed = await chat(mine, "Hi")
        assert failed.done
        assert [event["detail"] for event in failed.of("error")] == ["no credit"]
        working.gateway.script = saying(*text("Back"))
        session_id = failed.headers["x-session-id"]
        assert (await chat(mine, "Again", session_id=session_id)).text == "Back"

    async def test_a_tool_that_does_not_exist(
        self, mine: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        call = {"id": "1", "name": "fly", "arguments": {"to": "moon\0"}}

        def script(body: dict[str, Any], _number: int) -> list[Any]:
            results = [message for message in body["messages"] if message["role"] == "tool"]
            return text(results[0]["content"]) if results else [{"tool_calls": [call]}]

        working.gateway.script = script
        stream = await chat(mine, "Fly")
        assert "There is no tool 'fly' here" in stream.text
        assert [(event["name"], event["ok"]) for event in stream.of("tool_result")] == [
            ("fly", False)
        ]


class TestSessions:
    async def test_list_read_and_delete(self, mine: httpx.AsyncClient) -> None:
        first = await chat(mine, "First question")
        second = await chat(mine, "Second question")
        listed = await mine.get(SESSIONS)
        assert listed.headers["x-total-count"] == "2"
        assert [session["title"] for session in listed.json()] == [
            "Second question",
            "First question",
        ]
        page = await mine.get(SESSIONS, params={"limit": 1, "offset": 1})
        assert [session["id"] for session in page.json()] == [first.headers["x-session-id"]]

        path = f"{SESSIONS}/{second.headers['x-session-id']}"
        session = (await mine.get(path)).json()
        assert [(message["role"], message["content"]) for message in session["messages"]] == [
            ("user", "Second question"),
            ("assistant", "Hello there"),
        ]
        assert session["running_task_id"] is None
        assert session["last_event_id"] == second.ids[-1]
        assert (await mine.delete(path)).status_code == 204
        assert (await mine.get(path)).status_code == 404
        assert (await mine.get(f"{V1}/tasks/{second.headers['x-task-id']}")).status_code == 404

    async def test_its_events_are_those_of_every_turn(self, mine: httpx.AsyncClient) -> None:
        first = await chat(mine, "One")
        session_id = first.headers["x-session-id"]
        second = await chat(mine, "Two", session_id=session_id)
        path = f"{SESSIONS}/{session_id}/events"
        assert (await read_stream(mine, "GET", path)).events == first.events + second.events
        rest = await read_stream(mine, "GET", path, params={"after": first.ids[-1]})
        assert rest.events == second.events

    async def test_while_a_turn_runs_it_stays(
        self, mine: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        working.gateway.script = SILENT
        begun = await read_stream(mine, "POST", CHAT, json=say("Hi"), stop_after=2)
        path = f"{SESSIONS}/{begun.headers['x-session-id']}"
        assert (await mine.delete(path)).status_code == 409
        task_id = (await mine.get(path)).json()["running_task_id"]
        assert task_id == begun.headers["x-task-id"]
        assert (await mine.post(f"{V1}/tasks/{task_id}/cancel")).status_code == 200
        await until_status(mine, f"{V1}/tasks/{task_id}", "failed")
        assert (await mine.delete(path)).status_code == 204

    async def test_anothers_is_unknown(
        self, mine: httpx.AsyncClient, other: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        session_id = (await chat(mine, "Secret")).headers["x-session-id"]
        path = f"{SESSIONS}/{session_id}"
        answers = [
            await other.get(path),
            await other.delete(path),
            await other.get(f"{path}/events"),
            await other.post(CHAT, json=say("Hi", session_id=session_id)),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert (await other.get(SESSIONS)).json() == []
        async with working.client() as admin:
            assert (await admin.get(path)).status_code == 200

    async def test_unknown_and_malformed_ids(self, mine: httpx.AsyncClient) -> None:
        for path in ("", "/events"):
            assert (await mine.get(f"{SESSIONS}/{uuid.uuid4()}{path}")).status_code == 404
            assert (await mine.get(f"{SESSIONS}/nonsense{path}")).status_code == 422
        for session_id, status in ((str(uuid.uuid4()), 404), ("nonsense", 422)):
            answer = await mine.post(CHAT, json=say("Hi", session_id=session_id))
            assert answer.status_code == status


class TestScope:
    async def test_a_key_without_it(self, working: WorkingOrchestrator) -> None:
        async with working.client(await working.make_key("usage")) as client:
            for answer in (await client.post(CHAT, json=say("Hi")), await client.get(SESSIONS)):
                assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


class TestWindow:
    async def test_the_oldest_of_a_long_conversation_goes_first(
        self, working: WorkingOrchestrator
    ) -> None:
        async with working.client() as admin:
            config = {"name": "Small", "system_prompt": "Be brief.", "max_context_tokens": 2_000}
            made = await admin.post(f"{V1}/agents", json={"config": config})
            agent_id = made.json()["id"]
            session: dict[str, Any] = {}
            for number in range(6):
                messages = [{"role": "user", "content": f"{number}: " + "word " * 200}]
                body = {"agent_id": agent_id, "messages": messages, **session}
                stream = await read_stream(admin, "POST", f"{V1}/tasks/stream", json=body)
                session = {"session_id": stream.headers["x-session-id"]}
            told = working.asked[-1]["messages"]
            assert "were left out" in told[0]["content"]
            starts = [m["content"][:2] for m in told if m["role"] == "user"]
            assert starts[-1] == "5:"
            assert starts == [f"{n}:" for n in range(6 - len(starts), 6)]
            assert 1 < len(starts) < 6

            body = {"agent_id": agent_id, "messages": [{"role": "user", "content": "w " * 9_000}]}
            failed = await read_stream(admin, "POST", f"{V1}/tasks/stream", json=body)
            assert [event["code"] for event in failed.of("error")] == ["context_overflow"]
