"""/v1/responses and /v1/messages before Anthropic and Ollama, whose formats are not OpenAI's."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures import coding_agents
from tests.fixtures.gateway import StartGateway
from tests.fixtures.providers import anthropic
from tests.fixtures.providers.server import ProviderServer

MODELS = ["claude-sonnet-4-5", "ollama/llama3.2"]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@pytest.fixture
def client(
    start_gateway: StartGateway,
    translate_url: str,
    anthropic_server: ProviderServer,
    ollama_server: ProviderServer,
) -> Iterator[httpx.Client]:
    gateway = start_gateway(
        NOVA_LLM_TRANSLATE_URL=translate_url,
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY=anthropic.KEY,
        OLLAMA_BASE_URL=ollama_server.url,
    )
    with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=60) as found:
        yield found


def _events(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    lines = [line for line in response.text.split("\n") if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


@pytest.mark.parametrize("model", MODELS)
class TestResponses:
    def test_text(self, client: httpx.Client, model: str) -> None:
        body = {"model": model, "input": "hello there"}
        plain = client.post("/v1/responses", json=body).json()
        *_, last = _events(client.post("/v1/responses", json={**body, "stream": True}))
        for response in (plain, last["response"]):
            assert response["output"][0]["content"][0]["text"] == "You said: hello there"
            assert response["usage"]["input_tokens"] == 2

    def test_a_tool_and_what_it_says(self, client: httpx.Client, model: str) -> None:
        tool = {"type": "function", "name": "get_weather", "parameters": CITY}
        body: dict[str, Any] = {"model": model, "input": "weather?", "tools": [tool]}
        *_, last = _events(client.post("/v1/responses", json={**body, "stream": True}))
        (call,) = last["response"]["output"]
        assert json.loads(call["arguments"]) == {"city": "Paris"}
        result = {
            "type": "function_call_output",
            "call_id": call["call_id"],
            "output": "sunny",
        }
        onward = {**body, "input": [result], "previous_response_id": last["response"]["id"]}
        final = client.post("/v1/responses", json=onward).json()
        assert "sunny" in final["output"][0]["content"][0]["text"]

    def test_codex(self, client: httpx.Client, model: str) -> None:
        *_, last = _events(client.post("/v1/responses", json=coding_agents.codex(model)))
        assert last["type"] == "response.completed", last


@pytest.mark.parametrize("model", MODELS)
class TestMessages:
    def test_text(self, client: httpx.Client, model: str) -> None:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": 100,
            "messages": [{"role": "user", "content": "hello there"}],
        }
        plain = client.post("/v1/messages", json=body).json()
        assert plain["content"] == [{"type": "text", "text": "You said: hello there"}]
        found = _events(client.post("/v1/messages", json={**body, "stream": True}))
        text = "".join(event.get("delta", {}).get("text", "") for event in found)
        assert text == "You said: hello there"
        assert found[-1]["type"] == "message_stop"

    def test_claude_code(self, client: httpx.Client, model: str) -> None:
        found = _events(
            client.post("/v1/messages?beta=true", json=coding_agents.claude_code(model))
        )
        assert found[0]["type"] == "message_start"
        assert found[-1]["type"] == "message_stop"
