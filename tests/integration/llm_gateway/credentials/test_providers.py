"""Addresses, custom servers and switches that are set while the gateway runs."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, Rows

MODEL = "mine/gpt-4o-mini"


@pytest.fixture
def admin(gateway: GatewayProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
        yield client


def put(client: httpx.Client, slug: str, **change: Any) -> httpx.Response:
    return client.put(f"/v1/providers/{slug}", json=change)


def chat(client: httpx.Client, model: str) -> httpx.Response:
    return client.post("/v1/chat/completions", json={**HELLO, "model": model})


def with_key(client: httpx.Client, slug: str) -> None:
    assert client.post(f"/v1/providers/{slug}/credentials", json={"key": openai.KEY}).is_success


class TestList:
    def test_every_vendor_is_there_and_says_what_is_missing(self, admin: httpx.Client) -> None:
        found = {one["slug"]: one for one in admin.get("/v1/providers").json()}
        assert set(found) >= {
            *("ollama", "vllm", "sglang", "llamacpp", "lmstudio", "openai", "anthropic"),
            *("claude-max", "chatgpt", "gemini", "groq", "cerebras", "openrouter", "github"),
            "offline",
        }
        assert found["groq"]["status"] == "not_configured"
        assert "GROQ_API_KEY" in found["groq"]["reason"]
        assert found["offline"]["status"] == "ok"
        assert found["openai"]["base_url_source"] == "default"


class TestCustomServer:
    def test_is_added_used_and_removed(
        self, admin: httpx.Client, openai_server: ProviderServer, rows: Rows
    ) -> None:
        added = put(admin, "mine", base_url=f"{openai_server.url}/v1/", title="My server").json()
        assert (added["is_custom"], added["is_local"], added["title"]) == (True, True, "My server")
        with_key(admin, "mine")
        assert chat(admin, MODEL).json()["model"] == "gpt-4o-mini"
        listed = [model["id"] for model in admin.get("/v1/models").json()["data"]]
        assert MODEL in listed
        assert admin.delete("/v1/providers/mine").status_code == 204
        assert admin.get("/v1/providers/mine").status_code == 404
        assert rows("SELECT 1 FROM provider_credentials") == []
        assert chat(admin, MODEL).status_code == 404

    def test_headers_are_sent_and_hidden(
        self, admin: httpx.Client, openai_server: ProviderServer, rows: Rows
    ) -> None:
        headers = {"Authorization": "Bearer from-a-header", "X-Team": "blue"}
        shown = put(admin, "mine", base_url=f"{openai_server.url}/v1", headers=headers).json()
        assert shown["header_names"] == ["Authorization", "X-Team"]
        assert chat(admin, MODEL).is_success
        assert openai_server.requests[-1].headers["authorization"] == "Bearer from-a-header"
        assert openai_server.requests[-1].headers["x-team"] == "blue"
        assert "from-a-header" not in str(rows("SELECT s::text FROM provider_settings s"))
        # What is left out stays, null takes it away.
        assert put(admin, "mine", title="T").json()["header_names"] == ["Authorization", "X-Team"]
        assert put(admin, "mine", headers=None).json()["header_names"] == []

    def test_comes_from_the_environment_too(
        self, start_gateway: StartGateway, openai_server: ProviderServer
    ) -> None:
        custom = (
            f'[{{"slug": "lab", "title": "Lab", "base_url": "{openai_server.url}",'
            f' "api_key": "{openai.KEY}", "headers": {{"X-Lab": "1"}}, "local": false}}]'
        )
        gateway = start_gateway(NOVA_CUSTOM_PROVIDERS=custom)
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            shown = client.get("/v1/providers/lab").json()
            assert (shown["title"], shown["is_custom"], shown["is_local"]) == ("Lab", True, False)
            assert chat(client, "lab/gpt-4o-mini").is_success
            assert openai_server.requests[-1].headers["x-lab"] == "1"
            removed = client.delete("/v1/providers/lab")
            assert (removed.status_code, removed.json()["error"]["code"]) == (
                409,
                "set_in_environment",
            )

    def test_slugs_that_can_not_be(self, admin: httpx.Client) -> None:
        for slug in ("Upper", "a b", "-x", "x" * 41, "%00"):
            assert put(admin, slug, base_url="http://127.0.0.1:1").status_code == 422, slug
        for slug in ("auto", "models", "local", "offline"):
            refused = put(admin, slug, base_url="http://127.0.0.1:1")
            assert (refused.status_code, refused.json()["error"]["code"]) == (422, "slug_reserved")
            assert slug in refused.json()["error"]["message"]

    def test_an_unknown_slug_without_an_address_is_not_found(self, admin: httpx.Client) -> None:
        assert put(admin, "nobody", enabled=False).status_code == 404
        assert admin.delete("/v1/providers/nobody").status_code == 404

    def test_a_custom_server_keeps_an_address(self, admin: httpx.Client) -> None:
        assert put(admin, "mine", base_url="http://127.0.0.1:1/v1").is_success
        assert put(admin, "mine", base_url=None).status_code == 422

    def test_headers_that_can_not_be_set(self, admin: httpx.Client) -> None:
        for name in ("Host", "content-length", "two words", "x\r\ny", ""):
            answer = put(admin, "mine", base_url="http://127.0.0.1:1", headers={name: "v"})
            assert answer.status_code == 422, name
        answer = put(admin, "mine", base_url="http://127.0.0.1:1", headers={"X-A": "a\r\nb"})
        assert answer.status_code == 422


class TestAddress:
    def test_a_key_is_sent_only_to_the_server_it_was_entered_for(
        self, start_gateway: StartGateway, openai_server: ProviderServer
    ) -> None:
        with ProviderServer(openai.handle) as other:
            gateway = start_gateway(OPENAI_API_BASE=openai_server.url, OPENAI_API_KEY=openai.KEY)
            with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
                with_key(client, "openai")
                shown = put(client, "openai", base_url=f"{other.url}/v1").json()
                assert [key["state"] for key in shown["credentials"]] == ["elsewhere"] * 2
                assert chat(client, "gpt-4o-mini").status_code == 502
                assert all("authorization" not in request.headers for request in other.requests)
                with_key(client, "openai")
                assert chat(client, "gpt-4o-mini").is_success
                assert client.delete("/v1/providers/openai").status_code == 204
                states = [
                    key["state"] for key in client.get("/v1/providers/openai").json()["credentials"]
                ]
                assert states == ["ok", "ok", "elsewhere"]

    def test_addresses_that_are_refused(self, admin: httpx.Client) -> None:
        for url in (
            *("ftp://127.0.0.1", "127.0.0.1:80", "http://", "http://user:pass@127.0.0.1"),
            *(
                "http://169.254.169.254/latest",
                "http://[fe80::1]",
                "http://[::ffff:169.254.169.254]",
            ),
            *("http://2852039166/", "http://0xA9FEA9FE", "http://metadata.google.internal"),
            *("http://127.0.0.1/v1?x=1", "http://exa mple", "http://[fd00:ec2::254]/v1"),
            *("http://0.0.0.0:80", "http://224.0.0.1", "http://127.0.0.1:99999", "file:///etc"),
        ):
            assert put(admin, "mine", base_url=url).status_code == 422, url
            assert put(admin, "openai", base_url=url).status_code == 422, url

    def test_local_servers_are_wanted(self, admin: httpx.Client) -> None:
        for url in ("http://127.0.0.1:1234", "http://192.168.7.7/v1", "http://not-there.invalid:1"):
            assert put(admin, "mine", base_url=url).is_success, url


class TestSwitch:
    def test_a_provider_that_is_switched_off_is_not_asked(
        self, start_gateway: StartGateway, openai_server: ProviderServer
    ) -> None:
        gateway = start_gateway(OPENAI_API_BASE=openai_server.url, OPENAI_API_KEY=openai.KEY)
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            assert put(client, "openai", enabled=False).json()["status"] == "disabled"
            asked = len(openai_server.requests)
            assert chat(client, "gpt-4o-mini").status_code == 404
            assert client.get("/v1/models/resolve").json()["provider"] == "offline"
            assert len(openai_server.requests) == asked
            assert put(client, "openai", enabled=True).json()["status"] == "ok"
            assert chat(client, "gpt-4o-mini").is_success

    def test_the_default_model_is_what_auto_takes(
        self, start_gateway: StartGateway, openai_server: ProviderServer
    ) -> None:
        gateway = start_gateway(OPENAI_API_BASE=openai_server.url, OPENAI_API_KEY=openai.KEY)
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            assert put(client, "openai", default_model="agent").is_success
            assert client.get("/v1/models/resolve").json()["model"] == "agent"
            assert put(client, "openai", default_model=None).is_success
            assert client.get("/v1/models/resolve").json()["model"] == "gpt-4o-mini"
