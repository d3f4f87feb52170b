"""Authentication, and messages that are not what they should be."""

import json
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
import websockets

from services.kit.session_tokens import make_session_token
from tests.fixtures.chat_api import (
    ADMIN_SECRET,
    KEY,
    Client,
    Served,
    chat_api_settings,
    connected,
    serving,
)
from tests.integration.chat_api.conftest import Orchestrator


@pytest.fixture(scope="module")
def open_chat_api(
    orchestrator: Orchestrator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    settings = chat_api_settings(orchestrator.url, REQUIRE_AUTH="false")
    folder = tmp_path_factory.mktemp("open-chat-api")
    with serving("services.chat_api.main:app", folder, **settings) as served:
        yield served


_UNKNOWN = "01900000-0000-7000-8000-00000000dead"


class TestAuthentication:
    @pytest.mark.parametrize("token", [KEY, ADMIN_SECRET])
    async def test_a_token_in_the_address(self, chat_api: Served, token: str):
        async with connected(chat_api.url, query=f"?token={token}") as client:
            message = await client.receive()
        assert message["type"] == "system"
        UUID(message["session_id"])

    async def test_a_token_in_the_first_message(self, chat_api: Served):
        async with connected(chat_api.url) as client:
            await client.send(type="auth", token=KEY)
            assert (await client.receive())["type"] == "system"

    @pytest.mark.parametrize(
        "headers",
        [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"X-Admin-Secret": ADMIN_SECRET}],
    )
    async def test_a_header(self, chat_api: Served, headers: dict[str, str]):
        async with connected(chat_api.url, additional_headers=headers) as client:
            assert (await client.receive())["type"] == "system"

    async def test_the_dashboards_session(self, chat_api: Served):
        cookie = f"nova_session={make_session_token('ab' * 32, subject='admin')}"
        headers = {"Cookie": cookie}
        async with connected(chat_api.url, additional_headers=headers) as client:
            assert (await client.receive())["type"] == "system"

    @pytest.mark.parametrize("token", ["sk-nova-bad", "%C3%A4", "%0d%0aX:%20y"])
    async def test_a_wrong_token_closes_with_4001(self, chat_api: Served, token: str):
        async with connected(chat_api.url, query=f"?token={token}") as client:
            assert (await client.receive())["type"] == "error"
            assert await client.closed() == 4001

    @pytest.mark.parametrize(
        "first",
        [
            json.dumps({"type": "auth", "token": "sk-nova-bad"}),
            json.dumps({"type": "user", "content": "hi"}),
            json.dumps({"type": "auth"}),
            "not json",
        ],
    )
    async def test_a_wrong_first_message_closes_with_4001(self, chat_api: Served, first: str):
        async with connected(chat_api.url) as client:
            await client.socket.send(first)
            assert (await client.receive())["type"] == "error"
            assert await client.closed() == 4001

    async def test_without_require_auth_nothing_is_needed(self, open_chat_api: Served):
        async with connected(open_chat_api.url) as client:
            assert (await client.receive())["type"] == "system"

    def test_without_require_auth_the_page_does_not_ask(self, open_chat_api: Served):
        answer = httpx.get(f"{open_chat_api.url}/page/settings")
        assert answer.json() == {"needs_token": False}

    async def test_a_revoked_key_closes_with_4001(
        self, chat_api: Served, orchestrator: Orchestrator
    ):
        orchestrator.set(grant="sk-nova-short")
        async with connected(chat_api.url, query="?token=sk-nova-short") as client:
            await client.receive()
            orchestrator.set(revoke="sk-nova-short")
            await client.send(type="user", content="hi")
            assert (await client.receive())["type"] == "error"
            assert await client.closed() == 4001

    async def test_another_sites_page_is_refused(self, chat_api: Served):
        with pytest.raises(websockets.InvalidStatus):
            async with connected(
                chat_api.url, query=f"?token={KEY}", origin="https://evil.example"
            ):
                pass


class TestMessages:
    async def test_a_ping_is_answered(self, client: Client, session_id: str):
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("{", "bad_json"),
            ("", "bad_json"),
            ("[1]", "bad_message"),
            ('{"type": "nope"}', "unknown_type"),
            ('{"type": ["user"]}', "unknown_type"),
            ('{"content": "x"}', "unknown_type"),
            ('{"type": "user"}', "invalid_message"),
            ('{"type": "user", "content": 5}', "invalid_message"),
            ('{"type": "user", "content": "a\\u0000b"}', "invalid_message"),
            ('{"type": "user", "content": "x", "session_id": "nope"}', "invalid_message"),
            ('{"type": "resume", "session_id": "nope", "after": 1}', "invalid_message"),
            (f'{{"type": "resume", "session_id": "{_UNKNOWN}", "after": -1}}', "invalid_message"),
            (f'{{"type": "resume", "session_id": "{_UNKNOWN}", "after": 1e30}}', "invalid_message"),
            (json.dumps({"type": "user", "content": "x" * 1_100_000}), "too_large"),
            (b"\xff\xfe", "bad_json"),
            ('{"type": "auth", "token": "x"}', "wrong_state"),
            ('{"type": "cancel"}', "nothing_to_cancel"),
            ('{"type": "user", "content": "  "}', "code_422"),
            (f'{{"type": "resume", "session_id": "{_UNKNOWN}", "after": 1}}', "code_404"),
        ],
    )
    async def test_a_wrong_one_is_an_error_and_the_connection_stays(
        self, client: Client, session_id: str, raw: str | bytes, code: str
    ):
        await client.socket.send(raw)
        error = await client.receive()
        assert (error["type"], error["code"]) == ("error", code)
        assert error["content"]
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}

    async def test_a_binary_frame_is_taken_as_text(self, client: Client, session_id: str):
        await client.socket.send(b'{"type": "ping"}')
        assert await client.receive() == {"type": "pong"}


class TestPage:
    def test_it_needs_nothing_from_elsewhere(self, chat_api: Served):
        page = httpx.get(chat_api.url)
        assert page.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        for path in ("/page/chat.js", "/page/chat.css"):
            assert path in page.text
            assert httpx.get(chat_api.url + path).is_success
        assert "http://" not in page.text
        assert "https://" not in page.text

    def test_it_is_told_whether_to_ask_for_a_key(self, chat_api: Served):
        assert httpx.get(f"{chat_api.url}/page/settings").json() == {"needs_token": True}


class TestHealth:
    def test_it_reports_the_orchestrator(self, chat_api: Served):
        body = httpx.get(f"{chat_api.url}/health/ready").json()
        assert body == {"status": "ready", "checks": {"orchestrator": "ok"}}
