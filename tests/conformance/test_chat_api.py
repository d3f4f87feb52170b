"""What any chat-api must do, asked of it over its WebSocket alone.

Runs against NOVA_CONFORMANCE_CHAT_URL (with NOVA_ADMIN_SECRET) if that is set, else against a whole
Nova, started for it.
"""

import os
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.health import Liveness, Readiness
from tests.fixtures.chat_api import Client, connected

_URL = "NOVA_CONFORMANCE_CHAT_URL"


@pytest.fixture
def target(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The URL under test and a credential."""
    if _URL in os.environ:
        return os.environ[_URL], os.environ["NOVA_ADMIN_SECRET"]
    nova = request.getfixturevalue("nova")
    return nova.url("chat-api"), nova.admin_secret


@pytest.fixture
async def client(target: tuple[str, str]) -> AsyncIterator[Client]:
    url, credential = target
    async with connected(url, query=f"?token={credential}") as client:
        yield client


@pytest.fixture
async def session_id(client: Client) -> str:
    first = await client.receive()
    assert first["type"] == "system"
    return str(UUID(first["session_id"]))


def text_of(messages: list[dict[str, Any]]) -> str:
    return "".join(m["delta"] for m in messages if m["type"] == "stream_chunk")


class TestConnection:
    async def test_the_token_may_come_in_the_first_message(self, target: tuple[str, str]):
        url, credential = target
        async with connected(url) as client:
            await client.send(type="auth", token=credential)
            assert (await client.receive())["type"] == "system"

    async def test_a_wrong_token_closes_with_4001(self, target: tuple[str, str]):
        async with connected(target[0], query="?token=sk-nova-wrong") as client:
            assert await client.closed() == 4001

    @pytest.mark.parametrize("raw", ["{", '{"type": "nope"}', "x" * 2_000_000])
    async def test_a_wrong_message_leaves_the_connection(
        self, client: Client, session_id: str, raw: str
    ):
        await client.socket.send(raw)
        error = await client.receive()
        assert error["type"] == "error"
        assert error["content"]
        assert error["code"]
        await client.send(type="user", content="hello", session_id=session_id)
        assert text_of(await client.until("stream_end"))


class TestTurn:
    async def test_it_is_streamed_and_ends_with_its_usage(self, client: Client, session_id: str):
        await client.send(type="user", content="hello", session_id=session_id)
        seen = await client.until("stream_end")
        assert text_of(seen)
        end = seen[-1]
        assert end["session_id"] == session_id
        assert {"input_tokens", "output_tokens", "cost_usd"} <= end["usage"].keys()
        numbers = [m["seq"] for m in seen if "seq" in m]
        assert all(first < second for first, second in pairwise(numbers))

    async def test_an_id_makes_a_message_count_once(self, client: Client, session_id: str):
        for _ in range(2):
            await client.send(
                type="user", content="hello", session_id=session_id, client_msg_id="one"
            )
        await client.until("stream_end")
        await client.send(type="resume", session_id=session_id, after=0)
        await client.until("system", status="idle")
        await client.send(type="resume", session_id=session_id, after=0)
        seen = await client.until("system", status="idle")
        assert [m["type"] for m in seen].count("stream_end") == 1


class TestResume:
    async def test_every_place_gives_exactly_the_rest(
        self, client: Client, session_id: str, target: tuple[str, str]
    ):
        for _ in range(2):
            await client.send(type="user", content="hello", session_id=session_id)
            await client.until("stream_end")
        url, credential = target
        async with connected(url, query=f"?token={credential}") as other:
            await other.receive()
            whole = await replay(other, session_id, after=0)
            assert len([m for m in whole if m["type"] == "stream_end"]) == 2
            for index in range(len(whole)):
                rest = await replay(other, session_id, after=whole[index]["seq"])
                assert without_usage(rest) == without_usage(whole[index + 1 :])

    async def test_an_unknown_session_is_an_error(self, client: Client, session_id: str):
        await client.send(type="resume", session_id=str(uuid4()), after=0)
        assert (await client.receive())["code"] == "unknown_session"


async def replay(client: Client, session_id: str, *, after: int) -> list[dict[str, Any]]:
    await client.send(type="resume", session_id=session_id, after=after)
    return (await client.until("system", status="idle"))[:-1]


def without_usage(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A reader that goes on after a turn's usage gets the turn's end without it."""
    return [{k: v for k, v in message.items() if k != "usage"} for message in messages]


class TestHealth:
    def test_it_reports_the_orchestrator(self, target: tuple[str, str]):
        Liveness.model_validate_json(httpx.get(f"{target[0]}/health/live").content)
        ready = Readiness.model_validate_json(httpx.get(f"{target[0]}/health/ready").content)
        assert ready.checks["orchestrator"] == "ok"
