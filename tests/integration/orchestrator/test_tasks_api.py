"""Tasks given to one agent, by HTTP, through real processes."""

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
    WorkingOrchestrator,
    read_stream,
    saying,
    until_status,
)

TASKS = f"{V1}/tasks"


@pytest.fixture
async def admin(working: WorkingOrchestrator) -> AsyncIterator[httpx.AsyncClient]:
    async with working.client() as client:
        yield client


@pytest.fixture
async def agent_id(admin: httpx.AsyncClient) -> str:
    agents = (await admin.get(f"{V1}/agents")).json()
    return next(agent["id"] for agent in agents if agent["is_primary"])


def ask(agent_id: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Say hello"}]
    return {"agent_id": agent_id, "messages": messages, **fields}


class TestSubmit:
    async def test_waited_for_it_comes_with_its_answer(
        self, admin: httpx.AsyncClient, agent_id: str
    ) -> None:
        answer = await admin.post(TASKS, params={"wait": 60}, json=ask(agent_id))
        assert answer.status_code == 202
        task = answer.json()
        assert (task["status"], task["response"], task["error"]) == (
            "completed",
            "Hello there",
            None,
        )
        assert (task["input_tokens"], task["output_tokens"]) == (3, 2)
        assert (await admin.get(f"{TASKS}/{task['task_id']}")).json() == task

    async def test_not_waited_for_it_is_there_to_be_read(
        self, admin: httpx.AsyncClient, agent_id: str
    ) -> None:
        answer = await admin.post(TASKS, json=ask(agent_id))
        assert answer.status_code == 202
        path = f"{TASKS}/{answer.json()['task_id']}"
        assert (await until_status(admin, path, "completed"))["response"] == "Hello there"

    @pytest.mark.parametrize("wait", ["61", "-1", "x"])
    async def test_a_wait_out_of_bounds(
        self, admin: httpx.AsyncClient, agent_id: str, wait: str
    ) -> None:
        answer = await admin.post(TASKS, params={"wait": wait}, json=ask(agent_id))
        assert answer.status_code == 422

    @pytest.mark.parametrize(
        "messages", [[], [{"role": "user", "content": "  "}], [{"role": "king", "content": "x"}]]
    )
    async def test_messages_without_a_question(
        self, admin: httpx.AsyncClient, agent_id: str, messages: list[Any]
    ) -> None:
        answer = await admin.post(TASKS, json=ask(agent_id, messages=messages))
        assert answer.status_code == 422

    async def test_one_idempotency_key_many_times_at_once_is_one_task(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answers = await asyncio.gather(
            *(admin.post(TASKS, json=ask(agent_id), headers=headers) for _ in range(50))
        )
        assert [answer.status_code for answer in answers] == [202] * 50
        (task_id,) = {answer.json()["task_id"] for answer in answers}
        await until_status(admin, f"{TASKS}/{task_id}", "completed")
        assert len(working.asked) == 1

    async def test_the_same_idempotency_key_of_another_caller_is_another_task(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        async with working.client(await working.make_key()) as other:
            ids = {
                (await client.post(TASKS, json=ask(agent_id), headers=headers)).json()["task_id"]
                for client in (admin, other, admin, other)
            }
        assert len(ids) == 2

    async def test_anothers_session_is_unknown(
        self, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        mine, theirs = [await working.make_key() for _ in range(2)]
        async with working.client(mine) as me, working.client(theirs) as other:
            session_id = (await me.post(TASKS, json=ask(agent_id))).json()["session_id"]
            body = ask(agent_id, session_id=session_id)
            assert (await me.post(TASKS, json=body)).status_code == 202
            refused = await other.post(TASKS, json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_session")

    async def test_an_unknown_session(self, admin: httpx.AsyncClient, agent_id: str) -> None:
        body = ask(agent_id, session_id=str(uuid.uuid4()))
        assert (await admin.post(TASKS, json=body)).status_code == 404


class TestStream:
    async def test_events_from_the_start_to_done(
        self, admin: httpx.AsyncClient, agent_id: str
    ) -> None:
        stream = await read_stream(admin, "POST", f"{TASKS}/stream", json=ask(agent_id))
        assert stream.done
        assert stream.text == "Hello there"
        task = (await admin.get(f"{TASKS}/{stream.headers['x-task-id']}")).json()
        assert task["session_id"] == stream.headers["x-session-id"]
        (meta,) = stream.of("meta")
        assert stream.events[0][1] == meta
        assert (meta["task_id"], meta["session_id"]) == (task["task_id"], task["session_id"])
        assert [event["type"] for _, event in stream.events[-2:]] == ["usage", "status"]
        assert stream.ids == sorted(set(stream.ids))

    async def test_resumed_from_any_id_it_gives_the_rest(
        self, admin: httpx.AsyncClient, agent_id: str
    ) -> None:
        whole = await read_stream(admin, "POST", f"{TASKS}/stream", json=ask(agent_id))
        path = f"{TASKS}/{whole.headers['x-task-id']}/events"
        assert (await read_stream(admin, "GET", path)).events == whole.events
        for index, number in enumerate(whole.ids):
            rest = whole.events[index + 1 :]
            resuming: list[dict[str, Any]] = [
                {"params": {"after": number}},
                {"headers": {"Last-Event-ID": str(number)}},
            ]
            for options in resuming:
                resumed = await read_stream(admin, "GET", path, **options)
                assert (resumed.events, resumed.done) == (rest, True)

    async def test_cut_off_in_the_middle_and_resumed(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        words = [f"word{number} " for number in range(20)]
        pieces = [part for word in words for part in ({"delta": word}, 0.01)]
        working.gateway.script = saying(*pieces, *text())
        first = await read_stream(
            admin, "POST", f"{TASKS}/stream", json=ask(agent_id), stop_after=5
        )
        path = f"{TASKS}/{first.headers['x-task-id']}/events"
        rest = await read_stream(admin, "GET", path, headers={"Last-Event-ID": str(first.ids[-1])})
        assert first.text + rest.text == "".join(words)
        assert (await read_stream(admin, "GET", path)).events == first.events + rest.events

    @pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "9" * 40, "\u0661"])
    async def test_a_malformed_event_id(
        self, admin: httpx.AsyncClient, agent_id: str, wrong: str
    ) -> None:
        task = (await admin.post(TASKS, json=ask(agent_id))).json()
        path = f"{TASKS}/{task['task_id']}/events"
        by_parameter = await admin.get(path, params={"after": wrong})
        by_header = await admin.get(path, headers=[(b"Last-Event-ID", wrong.encode())])
        assert (by_parameter.status_code, by_header.status_code) == (422, 422)


class TestCancel:
    async def test_running_queued_and_ended(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        working.gateway.script = SILENT
        running = (await admin.post(TASKS, json=ask(agent_id))).json()
        body = ask(agent_id, session_id=running["session_id"])
        queued = (await admin.post(TASKS, json=body)).json()
        await until_status(admin, f"{TASKS}/{running['task_id']}", "running")
        for task in (queued, running):
            path = f"{TASKS}/{task['task_id']}"
            answer = await admin.post(f"{path}/cancel")
            assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
            read = (await admin.get(path)).json()
            assert (read["status"], read["error"]) == ("failed", "cancelled")
            assert (await admin.post(f"{path}/cancel")).status_code == 409
            assert (await read_stream(admin, "GET", f"{path}/events")).done

    async def test_its_readers_are_told(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        working.gateway.script = SILENT
        path = f"{TASKS}/{(await admin.post(TASKS, json=ask(agent_id))).json()['task_id']}"
        reading = asyncio.ensure_future(read_stream(admin, "GET", f"{path}/events"))
        await until_status(admin, path, "running")
        assert (await admin.post(f"{path}/cancel")).status_code == 200
        stream = await reading
        assert stream.done
        assert [event["code"] for event in stream.of("error")] == ["cancelled"]

    async def test_the_readers_of_a_turn_that_waits_are_told_too(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        """Another turn holds the session's stream: nothing can be stored in it just now."""
        working.gateway.script = saying({"delta": "slow "}, 4.0, *text("answer"))
        running = (await admin.post(TASKS, json=ask(agent_id))).json()
        path = f"{TASKS}/{running['task_id']}"
        beside = asyncio.ensure_future(read_stream(admin, "GET", f"{path}/events"))
        await until_status(admin, path, "running")
        body = ask(agent_id, session_id=running["session_id"])
        waiting = (await admin.post(TASKS, json=body)).json()
        reading = asyncio.ensure_future(
            read_stream(admin, "GET", f"{TASKS}/{waiting['task_id']}/events")
        )
        await admin.post(f"{TASKS}/{waiting['task_id']}/cancel")
        again = await read_stream(admin, "GET", f"{TASKS}/{waiting['task_id']}/events")
        for stream in (await reading, again):
            assert stream.done
            assert [event for _, event in stream.events] == [
                {"type": "error", "code": "cancelled", "detail": "The task was cancelled."},
                {"type": "status", "status": "cancelled"},
            ]
        assert (await beside).text == "slow answer"
        assert (await beside).of("rewind") == []

    async def test_the_next_turn_of_the_session_goes_on(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator, agent_id: str
    ) -> None:
        working.gateway.script = SILENT
        running = (await admin.post(TASKS, json=ask(agent_id))).json()
        await until_status(admin, f"{TASKS}/{running['task_id']}", "running")
        body = ask(agent_id, session_id=running["session_id"])
        following = (await admin.post(TASKS, json=body)).json()
        working.gateway.script = saying(*text("next"))
        await admin.post(f"{TASKS}/{running['task_id']}/cancel")
        ended = await until_status(admin, f"{TASKS}/{following['task_id']}", "completed")
        assert ended["response"] == "next"


class TestUnknown:
    @pytest.mark.parametrize("path", ["", "/events", "/cancel"])
    async def test_ids(self, admin: httpx.AsyncClient, path: str) -> None:
        method = "POST" if path == "/cancel" else "GET"
        unknown = await admin.request(method, f"{TASKS}/{uuid.uuid4()}{path}")
        malformed = await admin.request(method, f"{TASKS}/nonsense{path}")
        assert (unknown.status_code, malformed.status_code) == (404, 422)
