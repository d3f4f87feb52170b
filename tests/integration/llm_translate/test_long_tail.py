"""A provider without a translation of Nova's own goes through LiteLLM's `acompletion`."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.translate import EMBEDDINGS_PATH
from tests.fixtures.ports import free_port
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_translate.conftest import HELLO, WEATHER, Translate, headers_of

MODEL = "gpt-4o-mini"


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(openai.handle) as found:
        yield found


@pytest.fixture
def translate(translate_client: httpx.Client, server: ProviderServer) -> Translate:
    """DeepSeek stands for them all."""
    return Translate(translate_client, headers_of("deepseek", f"{server.url}/v1", openai.KEY))


class TestChat:
    def test_plain(self, translate: Translate) -> None:
        answer = translate.chat(MODEL)
        assert answer["model"] == MODEL
        assert answer["choices"][0]["message"]["content"] == "You said: hello there"
        assert answer["usage"]["prompt_tokens"] == 2

    def test_streamed(self, translate: Translate) -> None:
        found = translate.stream(MODEL)
        assert (found.text, found.finishes, found.done) == ("You said: hello there", ["stop"], True)
        assert found.usage is not None
        assert found.usage["prompt_tokens"] == 2

    def test_tools(self, translate: Translate) -> None:
        (call,) = translate.say(MODEL, tools=[WEATHER])["tool_calls"]
        arguments = {"city": "Paris", "unit": "Paris"}
        assert json.loads(call["function"]["arguments"]) == arguments
        assert translate.stream(MODEL, tools=[WEATHER]).calls == [("get_weather", arguments)]

    def test_hostile_fields_stay_here(self, translate: Translate, server: ProviderServer) -> None:
        hostile: dict[str, Any] = {
            "api_base": "http://127.0.0.1:9",
            "base_url": "http://127.0.0.1:9",
            "api_key": "stolen",
            "custom_llm_provider": "openai",
            "fallbacks": ["openai/x"],
            "mock_response": "mocked",
            "extra_headers": {"x-evil": "1"},
        }
        assert translate.say(MODEL, **hostile)["content"] == "You said: hello there"
        assert server.requests[-1].headers["authorization"] == f"Bearer {openai.KEY}"
        assert "x-evil" not in server.requests[-1].headers

    def test_remote_media_is_refused(self, translate: Translate, server: ProviderServer) -> None:
        part = {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest"}}
        refused = translate.post(MODEL, messages=[{"role": "user", "content": [part]}])
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "remote_media")
        assert server.requests == []


class TestErrors:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 529])
    @pytest.mark.parametrize("stream", [False, True])
    def test_status(
        self, translate: Translate, server: ProviderServer, status: int, *, stream: bool
    ) -> None:
        found = translate.post(f"error-{status}", stream=stream)
        assert (found.status_code, found.json()["error"]["code"]) == (status, f"provider_{status}")
        assert openai.error(status).body["error"]["message"] in found.json()["error"]["message"]
        assert found.headers.get("retry-after") == ("7" if status == 429 else None)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("behaviour", ["cut", "cut-clean"])
    def test_cut_stream(self, translate: Translate, behaviour: str) -> None:
        found = translate.stream(behaviour)
        assert found.error is not None
        assert (found.finishes, found.done) == ([], False)

    def test_refused_connection(self, translate: Translate) -> None:
        nobody = headers_of("mistral", f"http://127.0.0.1:{free_port()}/v1", "k")
        found = Translate(translate.client, nobody).post(MODEL)
        assert (found.status_code, found.json()["error"]["code"]) == (503, "provider_unreachable")

    @pytest.mark.parametrize("provider", ["no-such-provider", "../x", "x" * 300])
    def test_unknown_provider(self, translate: Translate, provider: str) -> None:
        nobody = headers_of(provider, "http://127.0.0.1:9", "k")
        found = Translate(translate.client, nobody).post(MODEL)
        assert 400 <= found.status_code < 600
        assert found.json()["error"]["message"]


def test_embeddings(translate: Translate, server: ProviderServer) -> None:
    headers = headers_of("mistral", f"{server.url}/v1", openai.KEY)
    body = {"model": "nomic-embed-text", "input": ["abc", "de"], "api_base": "http://127.0.0.1:9"}
    found = translate.client.post(EMBEDDINGS_PATH, json=body, headers=headers)
    assert found.status_code == 200, found.text
    assert found.json()["model"] == "nomic-embed-text"
    assert [entry["index"] for entry in found.json()["data"]] == [0, 1]


def test_malformed_calls(translate: Translate) -> None:
    def status(content: bytes, headers: dict[str, str]) -> int:
        url = "/v1/chat/completions"
        return translate.client.post(url, content=content, headers=headers).status_code

    assert status(b"{", translate.headers) == 400
    assert status(b"[]", translate.headers) == 400
    assert status(b'{"messages": []}', translate.headers) == 400
    assert status(b"[" * 100_000, translate.headers) == 400
    assert status(json.dumps({"model": MODEL, "messages": HELLO}).encode(), {}) == 400
