"""Agents that ask each other through real processes: what a client of Nova sees of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.engine import text
from tests.fixtures.external_agents import TOKEN, ExternalAgent
from tests.fixtures.links import Answer, asks
from tests.fixtures.working_orchestrator import (
    V1,
    WorkingOrchestrator,
    read_stream,
    shared_orchestrator,
    until_status,
)

__all__ = ["shared_orchestrator"]


def play(**players: Answer) -> Any:
    """A model for named agents, known by the first word of their system prompts."""

    def script(body: dict[str, Any], _number: int) -> list[Any]:
        name = body["messages"][0]["content"].split()[0]
        player = players.get(name, players.get("You"))
        assert player is not None, name
        question = [m["content"] for m in body["messages"] if m["role"] == "user"][-1]
        last = max(i for i, m in enumerate(body["messages"]) if m["role"] == "user")
        results = [m["content"] for m in body["messages"][last:] if m["role"] == "tool"]
        return player(question, results)

    return script


@pytest.fixture
async def admin(working: WorkingOrchestrator) -> AsyncIterator[httpx.AsyncClient]:
    async with working.client() as client:
        yield client


async def make(admin: httpx.AsyncClient, name: str) -> str:
    config = {"name": name, "system_prompt": f"{name} is my name", "model": "test"}
    answer = await admin.post(f"{V1}/agents", json={"config": config})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def status(admin: httpx.AsyncClient, agent_id: str) -> str:
    return (await admin.get(f"{V1}/agents/{agent_id}")).json()["status"]


async def waited_for(admin: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """What the task at `path` waits for, once it waits."""
    async with asyncio.timeout(60):
        while not (waits := (await admin.get(path)).json()["waiting_for"]):  # noqa: ASYNC110 - HTTP
            await asyncio.sleep(0.02)
    return waits


def boss(_question: str, results: list[str]) -> list[Any]:
    return text(f"It says: {results[-1]}") if results else asks(("Helper", "work"))


class TestChat:
    async def test_the_stream_stays_open_over_the_wait(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        helper = await make(admin, "Helper")
        seen: list[str] = []

        def work(_question: str, _results: list[str]) -> list[Any]:
            return [1.0, *text("the answer")]

        async def watch() -> None:
            while len(seen) < 3 or seen[-1] != "idle":
                now = await status(admin, helper)
                if [now] != seen[-1:]:
                    seen.append(now)
                await asyncio.sleep(0.02)

        working.gateway.script = play(You=boss, Helper=work)
        watching = asyncio.create_task(watch())
        body = {"messages": [{"role": "user", "content": "Ask the helper"}]}
        stream = await read_stream(admin, "POST", f"{V1}/chat/stream", json=body)
        await asyncio.wait_for(watching, 20)
        assert stream.done
        assert stream.text == "It says: the answer"
        assert [event["status"] for event in stream.of("status")] == ["submitted", "complete"]
        assert [event["ok"] for event in stream.of("tool_result")] == [True]
        assert stream.ids == sorted(set(stream.ids))
        assert seen == ["idle", "running", "idle"]
        # A reader that comes later gets the same.
        task_id = stream.headers["x-task-id"]
        again = await read_stream(admin, "GET", f"{V1}/tasks/{task_id}/events")
        assert again.text == stream.text
        (parent,) = await working.sql("SELECT id FROM tasks WHERE kind = 'chat'")
        assert str(parent["id"]) == task_id


class TestTask:
    async def test_a_client_sees_for_whom_a_task_waits_and_its_cancel_ends_all(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        chief = await make(admin, "Chief")
        await make(admin, "Sloth")
        working.gateway.script = play(
            Chief=lambda _q, results: text("no") if results else asks(("Sloth", "work")),
            Sloth=lambda *_: [{"delta": "…"}, 60.0],
        )
        body = {"agent_id": chief, "messages": [{"role": "user", "content": "Go"}]}
        task = (await admin.post(f"{V1}/tasks", json=body)).json()
        path = f"{V1}/tasks/{task['task_id']}"
        waits = await waited_for(admin, path)
        assert [(one["kind"], one["name"]) for one in waits] == [("agent", "Sloth")]
        assert (await admin.get(path)).json()["status"] == "pending"
        assert await status(admin, chief) == "running"
        child = f"{V1}/tasks/{waits[0]['task_id']}"
        await until_status(admin, child, "running")
        assert (await admin.post(f"{path}/cancel")).status_code == 200
        assert (await until_status(admin, child, "failed"))["error"] == "cancelled"
        assert await status(admin, chief) == "idle"

    async def test_a_failed_task_leaves_its_agent_idle(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        unlucky = await make(admin, "Unlucky")
        failure = {"type": "error", "detail": "no such model", "code": "provider_failed"}
        working.gateway.script = play(Unlucky=lambda *_: [failure])
        body = {"agent_id": unlucky, "messages": [{"role": "user", "content": "Go"}]}
        task = (await admin.post(f"{V1}/tasks?wait=20", json=body)).json()
        assert (task["status"], task["error"]) == ("failed", "no such model")
        assert await status(admin, unlucky) == "idle"


class TestTools:
    async def test_an_agent_makes_another_and_asks_it(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        def maker(_question: str, results: list[str]) -> list[Any]:
            match len(results):
                case 0:
                    arguments = {
                        "name": "Poet",
                        "system_prompt": "Poet is my name",
                        "model": "test",
                        "tools": ["recall"],
                    }
                    call = {"id": "make", "name": "create_agent", "arguments": arguments}
                    return [{"tool_calls": [call], "finish_reason": "tool_calls"}]
                case 1:
                    return asks(("poet", "a rhyme"))
                case _:
                    return text(results[-1])

        maker_id = await make(admin, "Maker")
        working.gateway.script = play(Maker=maker, Poet=lambda q, _r: text(f"{q}, in time"))
        body = {"agent_id": maker_id, "messages": [{"role": "user", "content": "Go"}]}
        task = (await admin.post(f"{V1}/tasks?wait=20", json=body)).json()
        assert task["response"] == "a rhyme, in time"
        agents = (await admin.get(f"{V1}/agents")).json()
        (poet,) = [agent for agent in agents if agent["config"]["name"] == "Poet"]
        assert poet["config"]["tools"] == ["recall"]
        made_by = poet["config"]["metadata"]["created_by"]
        assert (made_by["agent_id"], made_by["tier"]) == (maker_id, "workspace")
        (entry,) = (await admin.get(f"{V1}/audit", params={"action": "agent.created"})).json()[:1]
        assert entry["actor"] == f"service:agent:{maker_id}"
        offered = [body for body in working.asked if body["messages"][0]["content"][:4] == "Poet"]
        assert [tool["function"]["name"] for tool in offered[0]["tools"]] == ["recall"]

    async def test_an_agent_gives_no_tool_that_it_has_not(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        def maker(_question: str, results: list[str]) -> list[Any]:
            if results:
                return text(results[-1])
            arguments = {"name": "X", "system_prompt": "X", "tools": ["run_shell"]}
            call = {"id": "make", "name": "create_agent", "arguments": arguments}
            return [{"tool_calls": [call], "finish_reason": "tool_calls"}]

        config = {
            "name": "Small",
            "system_prompt": "Small is my name",
            "model": "test",
            "tools": ["create_agent"],
        }
        small = (await admin.post(f"{V1}/agents", json={"config": config})).json()["id"]
        working.gateway.script = play(Small=maker)
        body = {"agent_id": small, "messages": [{"role": "user", "content": "Go"}]}
        task = (await admin.post(f"{V1}/tasks?wait=20", json=body)).json()
        assert "You can't give tools that you may not use yourself: run_shell" in task["response"]


class TestExternal:
    async def test_work_is_delegated_and_its_result_comes_back(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient, a2a_agent: ExternalAgent
    ) -> None:
        endpoint = {"name": f"Tester {a2a_agent.url}", "url": a2a_agent.url, "auth_token": TOKEN}
        made = (await admin.post(f"{V1}/agent-endpoints", json=endpoint)).json()
        told = (await admin.post(f"{V1}/agent-endpoints/{made['id']}/test")).json()
        assert told["ok"], told

        def envoy(_question: str, results: list[str]) -> list[Any]:
            if results:
                return text(json.dumps(results))
            arguments = [{"endpoint": endpoint["name"], "message": "wait here"}, {}]
            names = ["delegate_to_agent", "list_agents"]
            calls = [
                {"id": name, "name": name, "arguments": given}
                for name, given in zip(names, arguments, strict=True)
            ]
            return [{"tool_calls": calls, "finish_reason": "tool_calls"}]

        (a2a_agent.folder / "go").unlink(missing_ok=True)
        working.gateway.script = play(Envoy=envoy)
        agent = await make(admin, "Envoy")
        body = {"agent_id": agent, "messages": [{"role": "user", "content": "Go"}]}
        task = (await admin.post(f"{V1}/tasks", json=body)).json()
        path = f"{V1}/tasks/{task['task_id']}"
        waits = await waited_for(admin, path)
        assert (waits[0]["kind"], waits[0]["name"]) == ("external", endpoint["name"])
        a2a_agent.go()
        done = await until_status(admin, path, "completed")
        result, listed = json.loads(done["response"])
        assert result == "waited for here"
        assert f"- {endpoint['name']}: no description" in listed


class TestPipeline:
    async def test_a_stage_asks_an_agent_and_goes_on_with_its_answer(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        await make(admin, "Advisor")

        def script(body: dict[str, Any], number: int) -> list[Any]:
            if not body.get("response_format"):
                return play(Advisor=lambda *_: [1.0, *text("buy low")])(body, number)
            results = [m["content"] for m in body["messages"] if m["role"] == "tool"]
            if results:
                return text(json.dumps({"output": f"Advice: {results[-1]}"}))
            return asks(("Advisor", "what now?"))

        working.gateway.script = script
        given = {"user_input": "Ask the advisor", "pod_name": "Quick Reply"}
        made = (await admin.post(f"{V1}/pipeline/tasks", json=given)).json()
        path = f"{V1}/pipeline/tasks/{made['task_id']}"
        waiting = await until_status(admin, path, "submitted", "complete", "failed")
        assert waiting["status"] == "submitted"
        assert [one["name"] for one in waiting["waiting_for"]] == ["Advisor"]
        done = await until_status(admin, path, "complete", "failed")
        assert (done["status"], done["output"]) == ("complete", "Advice: buy low")
        (child,) = await working.sql(
            "SELECT queue, status FROM tasks WHERE parent_task_id = $1::uuid", made["task_id"]
        )
        assert (child["queue"], child["status"]) == ("pipeline", "complete")
