"""Anthropic and Ollama, through llm-translate, by their real wire formats."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, WEATHER_TOOL, Usage
from tests.integration.llm_gateway.test_pass_through import events


@pytest.fixture
def translating(
    start_gateway: StartGateway,
    translate_url: str,
    anthropic_server: ProviderServer,
    ollama_server: ProviderServer,
) -> GatewayProcess:
    return start_gateway(
        NOVA_LLM_TRANSLATE_URL=translate_url,
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY="sk-ant-test",
        OLLAMA_BASE_URL=ollama_server.url,
    )


@pytest.fixture
def client(translating: GatewayProcess) -> Iterator[httpx.Client]:
    headers = translating.service()
    with httpx.Client(base_url=translating.url, headers=headers, timeout=60) as found:
        yield found


MODELS = ["claude-sonnet-4-5", "ollama/llama3.2"]


@pytest.mark.parametrize("model", MODELS)
class TestBothProviders:
    def test_plain(self, client: httpx.Client, usage: Usage, model: str) -> None:
        answer = client.post("/complete", json={**HELLO, "model": model}).json()
        assert answer["content"] == "You said: hello there"
        assert (answer["model"], answer["finish_reason"]) == (model, "stop")
        (row,) = usage(1)
        assert (row["estimated"], row["input_tokens"], row["status"]) == (False, 2, "ok")
        assert (row["cost_usd"] == 0) is model.startswith("ollama")

    def test_streamed(self, client: httpx.Client, usage: Usage, model: str) -> None:
        *chunks, done = events(client.post("/stream", json={**HELLO, "model": model}))
        assert done == "[DONE]"
        assert "".join(chunk["delta"] for chunk in chunks) == "You said: hello there"
        assert chunks[-1]["finish_reason"] == "stop"
        assert usage(1)[0]["estimated"] is False

    @pytest.mark.parametrize("path", ["/complete", "/stream"])
    def test_tools(self, client: httpx.Client, model: str, path: str) -> None:
        body = {**HELLO, "model": model, "tools": [WEATHER_TOOL]}
        response = client.post(path, json=body)
        assert response.status_code == 200, response.text
        answer = response.json() if path == "/complete" else events(response)[-2]
        (call,) = answer["tool_calls"]
        assert (call["name"], call["arguments"]) == ("get_weather", {"city": "Paris"})
        assert answer["finish_reason"] == "tool_calls"
        talk = [
            *HELLO["messages"],
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": "sunny"},
        ]
        final = client.post("/complete", json={**body, "messages": talk}).json()
        assert "sunny" in final["content"]

    def test_openai_route(self, client: httpx.Client, model: str) -> None:
        body = {**HELLO, "model": model}
        plain = client.post("/v1/chat/completions", json=body).json()
        assert plain["choices"][0]["message"]["content"] == "You said: hello there"
        options = {"stream": True, "stream_options": {"include_usage": True}}
        *chunks, done = events(client.post("/v1/chat/completions", json={**body, **options}))
        assert done == "[DONE]"
        assert any(chunk.get("usage") for chunk in chunks)

    def test_cut_stream(self, client: httpx.Client, model: str) -> None:
        cut = "claude-cut" if model.startswith("claude") else "ollama/cut"
        *_, failure, done = events(client.post("/stream", json={**HELLO, "model": cut}))
        assert (failure["type"], done) == ("error", "[DONE]")

    def test_client_that_leaves(
        self,
        client: httpx.Client,
        anthropic_server: ProviderServer,
        ollama_server: ProviderServer,
        usage: Usage,
        model: str,
    ) -> None:
        is_claude = model.startswith("claude")
        slow = "claude-slow" if is_claude else "ollama/slow"
        server = anthropic_server if is_claude else ollama_server
        with client.stream("POST", "/stream", json={**HELLO, "model": slow}) as response:
            next(response.iter_lines())
        wait_until(lambda: server.left == 1, what="the provider to be left")
        assert usage(1)[0]["status"] == "cancelled"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 529])
@pytest.mark.parametrize("path", ["/complete", "/stream"])
def test_anthropic_errors(client: httpx.Client, status: int, path: str) -> None:
    answer = client.post(path, json={**HELLO, "model": f"claude-error-{status}"})
    assert answer.status_code == 502
    assert f"anthropic answered {status}" in answer.json()["detail"]


def test_ollama_errors(client: httpx.Client) -> None:
    answer = client.post("/complete", json={**HELLO, "model": "ollama/error-404"})
    assert answer.status_code == 502
    assert "ollama answered 404" in answer.json()["detail"]


def test_late_error_of_a_stream(client: httpx.Client) -> None:
    found = events(client.post("/stream", json={**HELLO, "model": "claude-late-error"}))
    assert (found[-2]["type"], found[-1]) == ("error", "[DONE]")


def test_ollama_embeds(client: httpx.Client) -> None:
    answer = client.post("/embed", json={"texts": ["abc", "de"]}).json()
    assert answer["model"] == "ollama/nomic-embed-text"
    assert [vector[1] for vector in answer["embeddings"]] == [3.0, 2.0]


def test_auto_is_local_first(client: httpx.Client) -> None:
    found = client.get("/v1/models/resolve").json()
    assert (found["model"], found["provider"]) == ("ollama/llama3.2", "ollama")


def test_the_gateway_never_imports_the_library(
    client: httpx.Client, translating: GatewayProcess
) -> None:
    client.post("/complete", json={**HELLO, "model": "claude-sonnet-4-5"})
    mapped = Path(f"/proc/{translating.process.pid}/maps").read_text()
    assert "asyncpg" in mapped  # what is imported is seen here
    for compiled in ("tiktoken", "tokenizers", "jiter"):
        assert compiled not in mapped


def test_translation_that_does_not_start_is_503(
    start_gateway: StartGateway, anthropic_server: ProviderServer
) -> None:
    gateway = start_gateway(
        NOVA_LLM_TRANSLATE_URL="http://127.0.0.1:9",
        NOVA_TRANSLATE_WAIT_SECONDS="0.5",
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY="sk-ant-test",
    )
    for path in ("/complete", "/stream"):
        body = {**HELLO, "model": "claude-sonnet-4-5"}
        answer = httpx.post(gateway.url + path, headers=gateway.admin, json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "translation_starting")
        assert answer.headers["Retry-After"]


def test_translation_refuses_strangers(translate_url: str) -> None:
    call = {"model": "x", "messages": HELLO["messages"]}
    for headers in ({}, {"X-Nova-Service": "llm-gateway.0123"}, {"X-Nova-Service": "ü"}):
        answer = httpx.post(
            f"{translate_url}/v1/chat/completions",
            json=call,
            headers={
                **{k: v.encode() for k, v in headers.items()},
                "X-Nova-Provider": b"anthropic",
            },
        )
        assert answer.status_code == (403 if headers else 401)
    assert json.loads(httpx.get(f"{translate_url}/health/live").text) == {"status": "alive"}
