"""WebSockets through the dashboard: both directions, close codes, and refusals."""

import asyncio
import json
import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.integration.dashboard.conftest import Running


def _url(running: Running, query: str = "") -> str:
    return f"ws://{running.authority}/ws/chat{query}"


class TestMessages:
    async def test_go_both_ways(self, running):
        async with connect(_url(running, "?token=abc"), proxy=None) as socket:
            hello = json.loads(await socket.recv())
            assert hello["query"] == "token=abc"
            await socket.send("one")
            assert await socket.recv() == "echo one"
            await socket.send(b"\x01\x02")
            assert await socket.recv() == b"\x02\x01"

    async def test_a_large_one_passes(self, running):
        text = "x" * 3_000_000
        async with connect(_url(running), proxy=None, max_size=None) as socket:
            await socket.recv()
            await socket.send(text)
            assert await socket.recv() == "echo " + text

    async def test_the_service_sees_host_and_cookie_of_the_client(self, running):
        headers = {"Cookie": "nova_session=s", "X-Request-ID": "ws-1"}
        async with connect(
            _url(running), proxy=None, origin=running.url, additional_headers=headers
        ) as socket:
            seen = json.loads(await socket.recv())["headers"]
        assert seen["host"] == running.authority
        assert seen["origin"] == running.url
        assert seen["cookie"] == "nova_session=s"
        assert seen["x-request-id"] == "ws-1"
        assert seen["x-forwarded-for"] == "127.0.0.1"


class TestCloseCodes:
    async def test_of_the_service_reach_the_client(self, running):
        async with connect(_url(running, "?4001"), proxy=None) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4001

    async def test_of_the_client_reach_the_service(self, running):
        async with connect(_url(running), proxy=None) as socket:
            await socket.recv()
            await socket.close(4444)
        async with httpx.AsyncClient() as client:
            deadline = time.monotonic() + 15
            code = None
            while code != 4444:
                assert time.monotonic() < deadline, f"the service saw {code}"
                await asyncio.sleep(0.05)
                state = (await client.get(f"{running.upstream_url}/api/state")).json()
                code = state.get("ws_close_code")


class TestRefusals:
    async def test_another_sites_page_can_not_connect(self, running):
        with pytest.raises(InvalidStatus) as refused:
            await connect(_url(running), proxy=None, origin="http://evil.example")
        assert refused.value.response.status_code == 403

    async def test_a_refusal_by_the_service_is_a_refusal(self, running):
        with pytest.raises(InvalidStatus):
            await connect(_url(running, "?refuse"), proxy=None)

    async def test_a_path_that_is_nobodys_is_refused(self, running):
        with pytest.raises(InvalidStatus):
            await connect(f"ws://{running.authority}/elsewhere", proxy=None)

    async def test_a_service_that_is_down_closes_with_try_again_later(self, running):
        async with connect(f"ws://{running.authority}/v1/live", proxy=None) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1013
