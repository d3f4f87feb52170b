"""The ACP client against a server that follows the protocol's document (runs, version 0.2)."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from services.kit.http_pool import HttpPool
from services.orchestrator.endpoints.protocols.acp import Acp
from services.orchestrator.endpoints.protocols.base import (
    Forgotten,
    Order,
    RemoteError,
    Target,
    WorkState,
)
from tests.fixtures.providers.server import ProviderServer, Reply, Request


class AcpServer:
    """Agents that end their runs at the second look."""

    def __init__(self, *agents: str) -> None:
        self.agents = [{"name": name, "description": f"Does {name}"} for name in agents]
        self.runs: dict[str, dict[str, Any]] = {}

    async def __call__(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")
        match request.method, *parts:
            case "GET", "agents":
                return Reply({"agents": self.agents})
            case "GET", "agents", name:
                found = [agent for agent in self.agents if agent["name"] == name]
                return Reply(found[0]) if found else self.error("not_found", "no agent", 404)
            case "POST", "runs":
                return self.begin(request.json)
            case "GET", "runs", run_id if run_id in self.runs:
                return Reply(self.go_on(self.runs[run_id]))
            case "POST", "runs", run_id, "cancel":
                self.runs[run_id]["status"] = "cancelled"
                return Reply(self.runs[run_id], status=202)
        return self.error("not_found", "no run", 404)

    def begin(self, body: dict[str, Any]) -> Reply:
        if body["mode"] != "async":
            return self.error("invalid_input", "only async", 422)
        run = {
            "run_id": str(uuid4()),
            "agent_name": body["agent_name"],
            "status": "created",
            "output": [],
            "input": body["input"],
        }
        self.runs[run["run_id"]] = run
        return Reply(run, status=202)

    def go_on(self, run: dict[str, Any]) -> dict[str, Any]:
        asked = run["input"][0]["parts"][0]
        if run["status"] == "created":
            run["status"] = "in-progress"
        elif run["status"] == "in-progress" and asked["content"] == "fail":
            run |= {"status": "failed", "error": {"code": "server_error", "message": "too hard"}}
        elif run["status"] == "in-progress":
            run |= {"status": "completed", "output": [{"role": "agent", "parts": [asked]}]}
        return run

    def error(self, code: str, message: str, status: int) -> Reply:
        return Reply({"code": code, "message": message}, status=status)


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    async with HttpPool() as pool:
        yield pool


class TestRuns:
    @pytest.mark.parametrize("path", ["", "/agents/echo"])
    async def test_a_run_to_its_end(self, pool: HttpPool, path: str) -> None:
        with ProviderServer(AcpServer("echo")) as server:
            target = Target("x", server.url + path)
            assert await Acp().describe(pool, target) == "echo, ACP: Does echo"
            sent = await Acp().send(pool, target, Order(uuid4(), "hello", None))
            assert sent.state is WorkState.WORKING
            assert (await Acp().look(pool, target, sent.remote)).state is WorkState.WORKING
            done = await Acp().look(pool, target, sent.remote)
        assert (done.state, done.text) == (WorkState.DONE, "hello")

    async def test_data(self, pool: HttpPool) -> None:
        with ProviderServer(AcpServer("echo")) as server:
            target = Target("x", server.url)
            sent = await Acp().send(pool, target, Order(uuid4(), None, {"a": 1}))
            await Acp().look(pool, target, sent.remote)
            assert (await Acp().look(pool, target, sent.remote)).data == {"a": 1}

    async def test_failure_and_cancel(self, pool: HttpPool) -> None:
        with ProviderServer(AcpServer("echo")) as server:
            target = Target("x", server.url)
            sent = await Acp().send(pool, target, Order(uuid4(), "fail", None))
            await Acp().look(pool, target, sent.remote)
            failed = await Acp().look(pool, target, sent.remote)
            assert (failed.state, failed.text) == (WorkState.FAILED, "failed: too hard")
            await Acp().cancel(pool, target, sent.remote)
            cancelled = await Acp().look(pool, target, sent.remote)
            assert cancelled.text == "cancelled: too hard"

    async def test_several_agents_must_be_told_apart(self, pool: HttpPool) -> None:
        with ProviderServer(AcpServer("one", "two")) as server:
            with pytest.raises(RemoteError, match="one, two; name one"):
                await Acp().send(pool, Target("x", server.url), Order(uuid4(), "x", None))
            with pytest.raises(Forgotten):
                await Acp().look(pool, Target("x", server.url), {"run_id": "../agents"})
