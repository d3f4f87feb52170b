"""/v1/messages over an OpenAI-compatible server: what is asked, answered, counted and refused."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.fixtures import coding_agents
from tests.fixtures.gateway import ADMIN, GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import anthropic, openai, scripted
from tests.fixtures.providers.server import ProviderServer, Reply, Request, Stream
from tests.integration.llm_gateway.conftest import NewKey, Usage

URL = "/v1/messages"
HELLO: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "max_tokens": 40,
    "messages": [{"role": "user", "content": "hello there"}],
}


@contextmanager
def streamed(client: httpx.Client, body: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    """The events as they come, each under its own name."""
    with client.stream("POST", URL, json={**body, "stream": True}) as response:
        assert response.status_code == 200, response.read()
        yield _parsed(response)


def _parsed(response: httpx.Response) -> Iterator[dict[str, Any]]:
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            event = json.loads(line.removeprefix("data: "))
            assert event["type"] == name
            yield event


def events(client: httpx.Client, **body: Any) -> list[dict[str, Any]]:
    with streamed(client, HELLO | body) as found:
        return list(found)


def text_of(found: list[dict[str, Any]]) -> str:
    return "".join(event.get("delta", {}).get("text", "") for event in found)


class TestMessages:
    def test_plain_and_streamed_and_metered(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        response = client.post(URL, json=HELLO)
        assert response.headers["request-id"] == response.headers["x-request-id"]
        message = response.json()
        assert message["content"] == [{"type": "text", "text": "You said: hello there"}]
        assert (message["type"], message["role"], message["stop_reason"]) == (
            *("message", "assistant", "end_turn"),
        )
        found = events(client)
        assert text_of(found) == "You said: hello there"
        assert found[-2]["usage"] == message["usage"]
        for row in usage(2):
            assert (row["input_tokens"], row["status"], row["estimated"]) == (2, "ok", False)
            assert row["cost_usd"] is not None
        asked = [r.json for r in openai_server.requests if r.path == "/v1/chat/completions"]
        assert [body["max_tokens"] for body in asked] == [40, 40]

    def test_the_offline_model(self, gateway: GatewayProcess) -> None:
        with httpx.Client(base_url=gateway.url, headers=gateway.admin, timeout=30) as client:
            assert text_of(events(client, model="auto"))

    def test_calls_that_come_mixed(self, start_gateway: StartGateway) -> None:
        message = {
            "reasoning_content": "hm",
            "content": "I will.",
            "tool_calls": [
                scripted.call("Bash", {"command": "ls"}),
                scripted.call("Read", {"file_path": "/a"}, number=2),
            ],
        }
        with ProviderServer(scripted.answering(message, finish="tool_calls")) as server:
            gateway = start_gateway(OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai.KEY)
            headers = {"X-Admin-Secret": ADMIN}
            with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as client:
                body = coding_agents.claude_code("m")
                plain = client.post(URL, json={**body, "stream": False}).json()
                found = events(client, **body)
        assert [block.get("input") for block in plain["content"]] == [
            None,
            {"command": "ls"},
            {"file_path": "/a"},
        ]
        assert plain["stop_reason"] == found[-2]["delta"]["stop_reason"] == "tool_use"
        assert plain["usage"] == {
            "input_tokens": 10,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 20,
            "output_tokens": 9,
        }
        starts = [event for event in found if event["type"] == "content_block_start"]
        assert [event["content_block"].get("name") for event in starts] == [None, "Bash", "Read"]

    def test_claude_code(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        headers = {**coding_agents.CLAUDE_CODE_HEADERS, "X-API-Key": ADMIN}
        body = coding_agents.claude_code("gpt-4o-mini")
        with client.stream("POST", f"{URL}?beta=true", json=body, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            found = list(_parsed(answer))
        assert [event["type"] for event in found[:2]] == ["message_start", "ping"]
        assert found[-1] == {"type": "message_stop"}
        asked = openai_server.requests[-1].json
        assert [message["role"] for message in asked["messages"]] == [
            *("system", "user", "assistant", "tool", "tool", "user", "user"),
        ]
        assert asked["messages"][0]["content"] == "You are Claude Code.\n\nBe brief."
        assert asked["messages"][5]["content"][1]["image_url"]["url"].startswith("data:image/png")
        assert len(asked["tools"]) == 23
        assert asked["max_tokens"] == 50  # the model's most, by its price
        assert not {"thinking", "context_management", "metadata", "output_config"} & asked.keys()

    def test_a_stream_that_breaks_ends_with_an_error(
        self, client: httpx.Client, usage: Usage
    ) -> None:
        for model in ("cut", "cut-clean", "late-error"):
            *_, last = events(client, model=model)
            assert (last["type"], last["error"]["type"]) == ("error", "api_error")
        assert {row["status"] for row in usage(3)} == {"error"}

    def test_a_client_that_leaves_ends_the_call(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        with streamed(client, {**HELLO, "model": "slow"}) as found:
            while next(found)["type"] != "content_block_delta":
                continue
        wait_until(lambda: openai_server.left == 1, what="the call to be cancelled", seconds=10)
        (row,) = usage(1)
        assert row["status"] == "cancelled"


class TestErrors:
    # A gateway for each: so many failures of the provider's own would open its breaker.
    @pytest.mark.parametrize("stream", [False, True])
    def test_in_anthropics_shape(self, client: httpx.Client, *, stream: bool) -> None:
        cases: list[tuple[dict[str, Any], int, str]] = [
            ({"max_tokens": None}, 400, "invalid_request_error"),
            ({"messages": []}, 400, "invalid_request_error"),
            (
                {"tools": [{"type": "web_search_20250305", "name": "w"}]},
                400,
                "invalid_request_error",
            ),
            ({"model": "groq/none"}, 404, "not_found_error"),
            ({"model": "error-400"}, 400, "invalid_request_error"),
            ({"model": "error-401"}, 502, "api_error"),
            ({"model": "error-413"}, 413, "request_too_large"),
            ({"model": "error-429"}, 429, "rate_limit_error"),
            ({"model": "error-500"}, 502, "api_error"),
            ({"model": "error-529"}, 529, "overloaded_error"),
        ]
        for body, status, kind in cases:
            answer = client.post(URL, json={**HELLO, **body, "stream": stream})
            found = answer.json()
            assert (answer.status_code, found["error"]["type"]) == (status, kind), body
            assert found["type"] == "error"
            assert found["request_id"] == answer.headers["x-request-id"]
            if status == 429:
                assert answer.headers["retry-after"] == "7"

    def test_over_a_budget(self, openai_gateway: GatewayProcess, new_key: NewKey) -> None:
        poor = new_key("poor", budget_usd=0.000001)
        for stream in (False, True):
            url = openai_gateway.url + URL
            answer = httpx.post(url, json={**HELLO, "stream": stream}, headers=poor)
            error = answer.json()["error"]
            assert (answer.status_code, error["type"]) == (429, "rate_limit_error")
            assert error["code"] == "budget_exceeded"

    def test_whatever_is_wrong_with_the_request(
        self, client: httpx.Client, openai_gateway: GatewayProcess
    ) -> None:
        url = f"{openai_gateway.url}{URL}"
        json_type = {"Content-Type": "application/json"}
        cases = [
            (httpx.post(url, json=HELLO), 401, "authentication_error"),
            (
                httpx.post(url, json=HELLO, headers={"x-api-key": "sk-x"}),
                401,
                "authentication_error",
            ),
            (client.post(URL, content=b"{", headers=json_type), 400, "invalid_request_error"),
            (client.post(URL, content=b"[]", headers=json_type), 400, "invalid_request_error"),
            (
                client.post(URL, content=b'"\\ud800"', headers=json_type),
                400,
                "invalid_request_error",
            ),
            (client.post(URL, content=b" " * 11_000_000), 413, "request_too_large"),
            (client.get(URL), 400, "invalid_request_error"),
            (client.get(f"{URL}/x"), 404, "not_found_error"),
            (client.post(f"{URL}/count_tokens", json={}), 400, "invalid_request_error"),
        ]
        for answer, status, kind in cases:
            assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)


class TestCountTokens:
    def test_an_estimate(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        body = coding_agents.claude_code("gpt-4o-mini")
        for name in ("max_tokens", "stream", "metadata"):
            del body[name]
        few = client.post(f"{URL}/count_tokens", json=HELLO).json()
        many = client.post(f"{URL}/count_tokens?beta=true", json=body).json()
        assert few == {"input_tokens": 7}
        assert many["input_tokens"] > 1_500
        assert all(request.method == "GET" for request in openai_server.requests)

    def test_of_a_model_that_nobody_has(self, client: httpx.Client) -> None:
        answer = client.post(f"{URL}/count_tokens", json={**HELLO, "model": "groq/none"})
        assert answer.status_code == 404

    def test_anthropics_own_count(self, start_gateway: StartGateway) -> None:
        async def handle(request: Request) -> Reply | Stream:
            if request.path != f"{URL}/count_tokens":
                return await anthropic.handle(request)
            if request.json["messages"][0]["content"] == "wrong":
                error = {"type": "invalid_request_error", "message": "No."}
                return Reply({"type": "error", "error": error}, 400)
            return Reply({"input_tokens": 4321})

        body: dict[str, Any] = {
            "model": "claude-sonnet-4-5",
            "messages": [{"role": "user", "content": "hi"}],
            "thinking": {"type": "adaptive"},
        }
        with ProviderServer(handle) as server:
            gateway = start_gateway(ANTHROPIC_API_BASE=server.url, ANTHROPIC_API_KEY=anthropic.KEY)
            url = f"{gateway.url}{URL}/count_tokens?beta=true"
            headers = {"X-API-Key": ADMIN, "anthropic-beta": "token-counting-2024-11-01"}
            assert httpx.post(url, json=body, headers=headers).json() == {"input_tokens": 4321}
            asked = server.requests[-1]
            wrong = httpx.post(
                url,
                json={**body, "messages": [{"role": "user", "content": "wrong"}]},
                headers=headers,
            )
        assert asked.json == body
        assert asked.headers["x-api-key"] == anthropic.KEY
        assert asked.headers["anthropic-beta"] == "token-counting-2024-11-01"
        assert (wrong.status_code, wrong.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-haiku-4-5-20251001"])
def test_names_that_claude_code_asks_for(
    client: httpx.Client, openai_server: ProviderServer, model: str
) -> None:
    """Without Anthropic they are the OpenAI-compatible server's to know."""
    assert client.post(URL, json={**HELLO, "model": model}).status_code == 200
    assert openai_server.requests[-1].json["model"] == model
