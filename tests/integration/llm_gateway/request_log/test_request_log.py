"""The request log through a real gateway: off by default, without credentials, bounded, the admin's."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, Rows

SECRET = "sk-nova-" + "aB3dE5gH7jK9mN1pQ2sT4vW6"
CHAT = "/v1/chat/completions"
ASKED: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": SECRET}]}
Logged = Callable[[int], list[dict[str, Any]]]


@pytest.fixture
def gateway(start_gateway: StartGateway, openai_server: ProviderServer) -> GatewayProcess:
    return start_gateway(
        OPENAI_API_BASE=openai_server.url,
        OPENAI_API_KEY=openai.KEY,
        NOVA_REQUEST_LOG="true",
        NOVA_REQUEST_LOG_LONGEST="20000",
    )


@pytest.fixture
def client(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as found:
        yield found


@pytest.fixture
def logged(client: httpx.Client) -> Logged:
    """The log's entries with their bodies, oldest first, once there are so many."""

    def read(count: int) -> list[dict[str, Any]]:
        def found() -> list[dict[str, Any]] | None:
            entries = client.get("/v1/requests").json()
            return entries if len(entries) >= count else None

        entries = wait_until(found, what=f"{count} logged requests")
        assert len(entries) == count
        return [client.get(f"/v1/requests/{entry['id']}").json() for entry in entries[::-1]]

    return read


class TestLogging:
    def test_calls_without_their_credentials(
        self, client: httpx.Client, logged: Logged, rows: Rows
    ) -> None:
        plain = client.post(CHAT, json=ASKED, headers={"X-Request-ID": "r-1"})
        assert SECRET in plain.text
        assert client.post(CHAT, json={**ASKED, "stream": True}).is_success
        first, second = logged(2)
        assert (first["path"], first["model"], first["status"]) == (CHAT, "gpt-4o-mini", 200)
        assert (first["request_id"], first["caller"]) == ("r-1", "admin")
        assert first["request"]["messages"][0]["content"] == "[redacted]"
        choice = first["answer"]["choices"][0]["message"]
        assert choice["content"] == "You said: [redacted]"
        assert second["answer"]["texts"]["choices[0].delta.content"] == "You said: [redacted]"
        assert first["redacted"] == second["redacted"] == 2
        everything = json.dumps(rows("SELECT * FROM logged_requests"), default=str)
        assert SECRET not in everything
        assert "admin-secret" not in everything

    def test_other_dialects_errors_and_files(self, client: httpx.Client, logged: Logged) -> None:
        client.post("/complete", json={**HELLO, "model": "error-500"})
        client.post("/v1/embeddings", json={"model": "gpt-4o-mini", "input": "x\u0000y"})
        client.post("/v1/audio/speech", json={"model": "tts-1", "input": "hi"})
        client.post(
            "/v1/audio/transcriptions", data={"model": "whisper-1"}, files={"file": ("a", b"x")}
        )
        client.post(CHAT, json={**HELLO, "model": "gpt-4o-mini", "user": "x" * 30_000})
        client.post(CHAT, content=b"{", headers={"Content-Type": "application/json"})
        failed, embedded, spoken, written, long, broken = logged(6)
        assert (failed["status"], failed["answer"]["code"]) == (502, "provider_failed")
        assert embedded["request"]["input"] == "x\u0000y"
        assert (spoken["request"]["input"], spoken["answer"]) == ("hi", None)
        assert "audio/mpeg" in spoken["note"]
        assert (written["request"], written["answer"]["text"]) == (None, "1 bytes of sound")
        assert (long["request"], long["request_bytes"] > 30_000) == (None, True)
        assert "too long" in long["note"]
        assert (broken["status"], broken["request"]) == (400, None)

    def test_nobody_who_is_not_known_is_logged(
        self, gateway: GatewayProcess, client: httpx.Client, logged: Logged
    ) -> None:
        httpx.post(gateway.url + CHAT, json=ASKED)
        httpx.post(gateway.url + CHAT, json=ASKED, headers={"X-API-Key": "sk-nova-wrong"})
        client.post(CHAT, json=ASKED)
        assert len(logged(1)) == 1

    def test_on_and_off_at_run_time(self, client: httpx.Client, rows: Rows, logged: Logged) -> None:
        def switch(value: str) -> None:
            rows(
                "UPDATE platform_config SET value = $1::jsonb WHERE key = 'llm.request_log' "
                "RETURNING key",
                value,
            )

        client.post(CHAT, json=ASKED)
        logged(1)
        switch("false")

        def is_off() -> bool:
            before = client.get("/v1/requests").headers["X-Total-Count"]
            client.post(CHAT, json=ASKED)
            client.post(CHAT, json=ASKED)
            return client.get("/v1/requests").headers["X-Total-Count"] == before

        wait_until(is_off, what="the log's end", seconds=20)


class TestRoutes:
    def test_only_the_admin(self, gateway: GatewayProcess) -> None:
        some = "00000000-0000-0000-0000-000000000001"
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("GET", f"/{some}"),
            ("DELETE", f"/{some}"),
        ):
            answer = httpx.request(method, f"{gateway.url}/v1/requests{path}")
            assert answer.status_code == 401, (method, path)

    def test_filters_pages_and_deletion(self, client: httpx.Client, logged: Logged) -> None:
        for model in ("gpt-4o-mini", "agent", "error-400"):
            client.post(CHAT, json={**HELLO, "model": model})
        entries = logged(3)
        assert [entry["model"] for entry in client.get("/v1/requests?status=400").json()] == [
            "error-400"
        ]
        page = client.get("/v1/requests?limit=1&offset=1&model=agent")
        assert (page.json(), page.headers["X-Total-Count"]) == ([], "1")
        assert client.get("/v1/requests?model=%00").status_code == 422
        assert client.get("/v1/requests?limit=0").status_code == 422
        one = f"/v1/requests/{entries[0]['id']}"
        assert client.delete(one).status_code == 204
        assert client.delete(one).status_code == client.get(one).status_code == 404
        assert client.get("/v1/requests/x").status_code == 422
        moment = entries[2]["created_at"]
        assert client.delete("/v1/requests", params={"before": moment}).json() == {"deleted": 1}
        assert client.delete("/v1/requests").json() == {"deleted": 1}
