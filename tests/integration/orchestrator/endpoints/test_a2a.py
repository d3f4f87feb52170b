"""The A2A client against the A2A project's own server, in both versions of the protocol."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from services.kit.http_pool import HttpPool
from services.orchestrator.endpoints.protocols.a2a import A2a
from services.orchestrator.endpoints.protocols.base import (
    Forgotten,
    NotSent,
    Order,
    Progress,
    Refused,
    RemoteError,
    Target,
    WorkState,
)
from tests.fixtures.external_agents import TOKEN, ExternalAgent, running_a2a_agent
from tests.fixtures.ports import free_port
from tests.fixtures.providers.server import ProviderServer, Reply, Request


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    async with HttpPool() as pool:
        yield pool


@pytest.fixture
def target(a2a_agent: ExternalAgent) -> Target:
    (a2a_agent.folder / "go").unlink(missing_ok=True)
    return Target("tester", a2a_agent.url, TOKEN)


async def ended(pool: HttpPool, target: Target, progress: Progress) -> Progress:
    async with asyncio.timeout(20):
        while progress.state is WorkState.WORKING:
            await asyncio.sleep(0.02)
            progress = await A2a().look(pool, target, progress.remote)
    return progress


class TestTwoVersions:
    async def test_who_is_there(self, pool: HttpPool, target: Target) -> None:
        told = await A2a().describe(pool, target)
        assert told.startswith("Tester, A2A ")
        assert told.endswith("Does as it is told.")

    @pytest.mark.parametrize(
        ("message", "state", "text"),
        [
            ("sort the post", WorkState.DONE, "did \nsort the post"),
            ("say hello", WorkState.DONE, "hello"),
            ("fail no paper", WorkState.FAILED, "failed: no paper"),
            ("data 7", WorkState.DONE, '{"sum":7'),
        ],
    )
    async def test_work_and_its_end(
        self, pool: HttpPool, target: Target, message: str, state: WorkState, text: str
    ) -> None:
        sent = await A2a().send(pool, target, Order(uuid4(), message, None))
        progress = await ended(pool, target, sent)
        assert progress.state is state
        assert progress.text.startswith(text)
        if message.startswith("data"):
            assert progress.data == {"sum": 7}

    async def test_a_question_and_its_answer(self, pool: HttpPool, target: Target) -> None:
        sent = await A2a().send(pool, target, Order(uuid4(), "ask which one", None))
        asked = await ended(pool, target, sent)
        assert (asked.asks, asked.text) == (True, "which one")
        reply = Order(uuid4(), "take the second", None, reply_to=asked.remote["task_id"])
        answered = await ended(pool, target, await A2a().send(pool, target, reply))
        assert answered.text == "did \ntake the second"
        assert answered.remote["task_id"] == asked.remote["task_id"]

    async def test_long_work_is_asked_after_and_cancelled(
        self, pool: HttpPool, target: Target, a2a_agent: ExternalAgent
    ) -> None:
        order = Order(uuid4(), "wait long", None)
        sent = await A2a().send(pool, target, order)
        assert sent.state is WorkState.WORKING
        await A2a().cancel(pool, target, sent.remote)
        progress = await A2a().look(pool, target, sent.remote)
        assert progress.text.startswith("canceled")
        assert (a2a_agent.folder / "cancelled").exists()

    async def test_work_that_nobody_knows(self, pool: HttpPool, target: Target) -> None:
        sent = await A2a().send(pool, target, Order(uuid4(), "do x", None))
        with pytest.raises(Forgotten):
            await A2a().look(pool, target, {**sent.remote, "task_id": str(uuid4())})

    async def test_a_wrong_token(self, pool: HttpPool, target: Target) -> None:
        with pytest.raises(Refused):
            await A2a().describe(pool, replace(target, token="wrong"))
        with pytest.raises(Refused):
            await A2a().send(pool, replace(target, token=None), Order(uuid4(), "do x", None))


async def test_an_order_is_found_again_without_its_answer(pool: HttpPool, tmp_path: Path) -> None:
    with running_a2a_agent(tmp_path / "agent") as agent:
        target = Target("tester", agent.url, TOKEN)
        order = Order(uuid4(), "wait long", None)
        assert await A2a().find(pool, target, order) is None
        sent = await A2a().send(pool, target, order)
        found = await A2a().find(pool, target, order)
    assert found is not None
    assert found.remote["task_id"] == sent.remote["task_id"]


class TestHostile:
    async def test_nobody_is_there(self, pool: HttpPool) -> None:
        target = Target("nobody", f"http://127.0.0.1:{free_port()}")
        with pytest.raises(NotSent):
            await A2a().send(pool, target, Order(uuid4(), "x", None))

    @pytest.mark.parametrize(
        ("reply", "told"),
        [
            (Reply(b"<html>", headers={}), "no JSON"),
            (Reply([1, 2]), "not of the form"),
            (Reply({}), "no A2A over JSON-RPC"),
            (Reply({"supportedInterfaces": 7}), "not of the form"),
            (Reply({"supportedInterfaces": [7]}), "not of the form"),
            (Reply({"supportedInterfaces": [{"protocolBinding": "GRPC"}]}), "no A2A over"),
            (Reply({}, status=500), "answered 500"),
            (Reply({}, status=404), "no agent card"),
            (Reply(b"", status=302, headers={"location": "http://127.0.0.1:9/"}), "redirects"),
            (Reply(b"x" * (5 << 20)), "larger than 4 MiB"),
            (Reply({"a": 1}, cut=True), "broke off"),
        ],
    )
    async def test_what_is_no_card_is_told(self, pool: HttpPool, reply: Reply, told: str) -> None:
        async def answer(_request: Request) -> Reply:
            return reply

        with ProviderServer(answer) as server, pytest.raises(RemoteError, match=told):
            await A2a().send(pool, Target("odd", server.url), Order(uuid4(), "x", None))

    @pytest.mark.parametrize(
        "result",
        [
            None,
            [],
            7,
            {"task": 7},
            {"task": {"status": 1}},
            {"message": {"parts": "x"}},
            {"message": {"parts": [1]}},
            {"task": {"status": {"state": "TASK_STATE_COMPLETED"}, "artifacts": [3]}},
        ],
    )
    async def test_what_is_no_answer_is_told(self, pool: HttpPool, result: object) -> None:
        async def answer(request: Request) -> Reply:
            if request.method == "GET":
                interface = {"url": "/", "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}
                return Reply({"supportedInterfaces": [interface]})
            return Reply({"jsonrpc": "2.0", "id": 1, "result": result})

        with ProviderServer(answer) as server:
            order = Order(uuid4(), "x", None)
            with pytest.raises(RemoteError):
                await A2a().send(pool, Target("odd", server.url), order)

    async def test_a_card_sends_the_token_nowhere_else(self, pool: HttpPool) -> None:
        async def elsewhere(_request: Request) -> Reply:
            return Reply({})

        with ProviderServer(elsewhere) as other:

            async def answer(request: Request) -> Reply:
                if request.method == "GET":
                    interface = {
                        "url": f"{other.url}/steal",
                        "protocolBinding": "JSONRPC",
                        "protocolVersion": "1.0",
                    }
                    return Reply({"supportedInterfaces": [interface]})
                return Reply({"jsonrpc": "2.0", "id": 1, "result": {"message": {"parts": []}}})

            with ProviderServer(answer) as server:
                await A2a().send(pool, Target("x", server.url, TOKEN), Order(uuid4(), "x", None))
                assert server.requests[-1].path == "/steal"
            assert other.requests == []
