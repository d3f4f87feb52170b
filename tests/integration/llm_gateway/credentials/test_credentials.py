"""Keys that are set while the gateway runs: hidden, rotated, set aside, tested, seen everywhere."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer, Reply, Request, Stream
from tests.integration.llm_gateway.conftest import HELLO, Rows

GOOD, OTHER, WRONG, LIMITED = (
    "sk-good-key-0001",
    "sk-good-key-0002",
    "sk-wrong-key-1",
    "sk-limited-key",
)
CHAT = {**HELLO, "model": "gpt-4o-mini"}


class Vendor:
    """OpenAI's server, which knows some keys."""

    def __init__(self) -> None:
        self.used: list[str] = []
        self.retry_after = "600"

    async def handle(self, request: Request) -> Reply | Stream:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.method == "POST":
            self.used.append(key)
        if key == WRONG:
            return openai.error(401)
        if key == LIMITED and request.method == "POST":
            return Reply({"error": {"message": "Slow."}}, 429, {"retry-after": self.retry_after})
        return await openai.handle(request)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def server(vendor: Vendor) -> Iterator[ProviderServer]:
    with ProviderServer(vendor.handle) as started:
        yield started


@pytest.fixture
def gateway(start_gateway: StartGateway, server: ProviderServer) -> GatewayProcess:
    return start_gateway(OPENAI_API_BASE=server.url)


@pytest.fixture
def admin(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
        yield client


def add(client: httpx.Client, key: str, slug: str = "openai", **more: str) -> dict[str, Any]:
    answer = client.post(f"/v1/providers/{slug}/credentials", json={"key": key, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def shown(client: httpx.Client, slug: str = "openai") -> dict[str, Any]:
    return client.get(f"/v1/providers/{slug}").json()


def state_of(client: httpx.Client, name: str) -> dict[str, Any]:
    return next(key for key in shown(client)["credentials"] if key["name"] == name)


def chat(client: httpx.Client, times: int = 1) -> list[int]:
    return [client.post("/v1/chat/completions", json=CHAT).status_code for _ in range(times)]


class TestAdding:
    def test_a_key_is_stored_encrypted_and_never_shown(
        self, admin: httpx.Client, gateway: GatewayProcess, vendor: Vendor, rows: Rows
    ) -> None:
        added = add(admin, GOOD)
        assert (added["name"], added["last_four"], added["state"]) == ("key 1", "0001", "ok")
        chat(admin)
        assert vendor.used == [GOOD]
        tables = "SELECT c::text FROM {} AS c"
        for table in ("provider_credentials", "gateway_audit_log"):
            stored = json.dumps(rows(tables.format(table)))
            assert "0001" in stored
            assert GOOD not in stored
        assert GOOD not in admin.get("/v1/providers").text
        assert GOOD not in gateway.log.read_text()

    def test_names_are_made_up_and_told_apart(self, admin: httpx.Client) -> None:
        assert [add(admin, GOOD)["name"], add(admin, OTHER)["name"]] == ["key 1", "key 2"]
        body = {"key": GOOD, "name": "key 1"}
        answer = admin.post("/v1/providers/openai/credentials", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "name_taken")

    @pytest.mark.parametrize(
        "key", ["", "  ", "two words", "schlüssel", "line\nbreak", "x" * 10_001]
    )
    def test_what_can_not_be_a_key_is_refused(self, admin: httpx.Client, key: str) -> None:
        answer = admin.post("/v1/providers/openai/credentials", json={"key": key})
        assert answer.status_code == 422
        assert shown(admin)["credentials"] == []

    def test_unknown_provider_and_one_that_takes_no_key(self, admin: httpx.Client) -> None:
        for slug, status in (("nobody", 404), ("offline", 409), ("ollama", 409)):
            answer = admin.post(f"/v1/providers/{slug}/credentials", json={"key": GOOD})
            assert answer.status_code == status, slug

    def test_only_admin(self, gateway: GatewayProcess) -> None:
        for method, path in (
            ("GET", "/v1/providers"),
            ("PUT", "/v1/providers/openai"),
            ("POST", "/v1/providers/openai/credentials"),
        ):
            answer = httpx.request(method, gateway.url + path, json={}, timeout=10)
            assert answer.status_code == 401, path


class TestRotation:
    def test_keys_take_turns(self, admin: httpx.Client, vendor: Vendor) -> None:
        add(admin, GOOD)
        add(admin, OTHER)
        assert chat(admin, 6) == [200] * 6
        assert sorted(vendor.used) == [GOOD] * 3 + [OTHER] * 3

    def test_a_refused_key_is_set_aside_with_the_reason(
        self, admin: httpx.Client, vendor: Vendor
    ) -> None:
        add(admin, WRONG, name="wrong")
        add(admin, GOOD, name="good")
        assert chat(admin, 4) == [200] * 4
        assert vendor.used.count(WRONG) == 1
        found = state_of(admin, "wrong")
        assert found["state"] == "refused"
        assert "Incorrect API key" in found["reason"]
        assert state_of(admin, "good")["state"] == "ok"

    def test_a_limited_key_rests_as_long_as_it_was_told(
        self, admin: httpx.Client, vendor: Vendor
    ) -> None:
        vendor.retry_after = "1"
        add(admin, LIMITED, name="limited")
        add(admin, GOOD, name="good")
        assert chat(admin, 3) == [200] * 3
        assert vendor.used.count(LIMITED) == 1
        assert state_of(admin, "limited")["state"] == "limited"
        wait_until(
            lambda: state_of(admin, "limited")["state"] == "ok", what="it is back", seconds=10
        )

    def test_streams_go_on_with_another_key(self, admin: httpx.Client, vendor: Vendor) -> None:
        add(admin, WRONG)
        add(admin, GOOD)
        for _ in range(2):
            answer = admin.post("/v1/chat/completions", json={**CHAT, "stream": True})
            assert answer.text.rstrip().endswith("data: [DONE]")

    def test_the_only_key_says_itself_what_is_wrong(self, admin: httpx.Client) -> None:
        add(admin, WRONG)
        answer = admin.post("/v1/chat/completions", json=CHAT)
        assert answer.status_code == 502
        assert "Incorrect API key" in answer.text


class TestChanging:
    def test_a_disabled_key_is_not_used(self, admin: httpx.Client, vendor: Vendor) -> None:
        first, _ = add(admin, GOOD), add(admin, OTHER)
        path = f"/v1/providers/openai/credentials/{first['id']}"
        changed = admin.patch(path, json={"enabled": False, "name": "resting"}).json()
        assert (changed["state"], changed["name"]) == ("disabled", "resting")
        chat(admin, 3)
        assert set(vendor.used) == {OTHER}

    def test_a_removed_key_is_gone(self, admin: httpx.Client, rows: Rows) -> None:
        path = f"/v1/providers/openai/credentials/{add(admin, GOOD)['id']}"
        assert admin.delete(path).status_code == 204
        assert [admin.delete(path).status_code, admin.patch(path, json={}).status_code] == [404] * 2
        assert shown(admin)["credentials"] == []
        actions = [
            row["action"] for row in rows("SELECT action FROM gateway_audit_log ORDER BY at")
        ]
        assert actions == ["credential.added", "credential.removed"]

    def test_a_test_asks_with_that_key_and_takes_it_back(
        self, admin: httpx.Client, vendor: Vendor
    ) -> None:
        vendor.retry_after = "3600"
        wrong, limited = add(admin, WRONG, name="wrong"), add(admin, LIMITED, name="limited")
        chat(admin, 2)
        base = "/v1/providers/openai/credentials"
        refused = admin.post(f"{base}/{wrong['id']}/test").json()
        assert (refused["ok"], "Incorrect API key" in refused["detail"]) == (False, True)
        assert state_of(admin, "limited")["state"] == "limited"
        worked = admin.post(f"{base}/{limited['id']}/test").json()
        assert (worked["ok"], worked["model_count"]) == (True, len(openai.MODELS))
        assert state_of(admin, "limited")["state"] == "ok"

    def test_a_key_of_the_environment_can_be_tested(
        self, start_gateway: StartGateway, server: ProviderServer
    ) -> None:
        gateway = start_gateway(OPENAI_API_BASE=server.url, OPENAI_API_KEY=f"{GOOD}, {WRONG}")
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            first, second = shown(client)["credentials"]
            assert (first["name"], second["name"]) == ("OPENAI_API_KEY", "OPENAI_API_KEY #2")
            assert [first["source"], first["last_four"]] == ["environment", "0001"]
            path = "/v1/providers/openai/credentials"
            results = [
                client.post(f"{path}/{key['id']}/test").json()["ok"] for key in (first, second)
            ]
            assert results == [True, False]


class TestSpreading:
    def test_every_process_hears_of_a_change(
        self, start_gateway: StartGateway, server: ProviderServer, vendor: Vendor
    ) -> None:
        one, two = (start_gateway(OPENAI_API_BASE=server.url) for _ in range(2))
        with (
            httpx.Client(base_url=one.url, headers=one.admin, timeout=30) as first,
            httpx.Client(base_url=two.url, headers=two.admin, timeout=30) as second,
        ):
            added = add(first, GOOD)
            wait_until(lambda: shown(second)["credentials"], what="the key", seconds=5)
            assert chat(second) == [200]
            assert vendor.used == [GOOD]
            first.delete(f"/v1/providers/openai/credentials/{added['id']}")
            wait_until(lambda: not shown(second)["credentials"], what="its end", seconds=5)

    def test_keys_survive_a_restart_but_not_another_secret_key(
        self, start_gateway: StartGateway, server: ProviderServer, vendor: Vendor
    ) -> None:
        gateway = start_gateway(OPENAI_API_BASE=server.url)
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            add(client, GOOD)
        with _client(start_gateway(OPENAI_API_BASE=server.url)) as client:
            wait_until(lambda: shown(client)["credentials"], what="the key", seconds=10)
            assert chat(client) == [200]
        vendor.used.clear()
        other = start_gateway(OPENAI_API_BASE=server.url, NOVA_SECRET_KEY="11" * 32)
        with _client(other) as client:
            wait_until(lambda: shown(client)["credentials"], what="the key", seconds=10)
            found = state_of(client, "key 1")
            assert found["state"] == "unreadable"
            assert "another NOVA_SECRET_KEY" in found["reason"]
            chat(client)
            assert GOOD not in vendor.used


def _client(gateway: GatewayProcess) -> httpx.Client:
    return httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30)
