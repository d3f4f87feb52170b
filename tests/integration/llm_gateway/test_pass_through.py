"""An OpenAI-compatible server behind the gateway."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess
from tests.fixtures.processes import wait_until
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, WEATHER_TOOL, Usage


def events(response: httpx.Response) -> list[Any]:
    lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


class TestChatCompletions:
    def test_plain_answer_comes_as_the_provider_gave_it(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage
    ) -> None:
        body = {**HELLO, "model": "gpt-4o-mini", "n": 2, "logit_bias": {"1": 2}, "made_up": [1]}
        answer = client.post("/v1/chat/completions", json=body).json()
        assert [c["message"]["content"] for c in answer["choices"]] == ["You said: hello there"] * 2
        sent = openai_server.requests[-1]
        assert sent.json == body
        assert sent.headers["authorization"] == "Bearer sk-test-openai"
        (row,) = usage(1)
        assert (row["input_tokens"], row["estimated"], row["status"]) == (2, False, "ok")
        assert row["cost_usd"] * 1000 == row["input_tokens"] + 2 * row["output_tokens"]

    @pytest.mark.parametrize("asked", [False, True])
    def test_usage_chunk_is_there_only_if_asked_for(
        self, client: httpx.Client, usage: Usage, *, asked: bool
    ) -> None:
        options = {"stream_options": {"include_usage": True}} if asked else {}
        body = {**HELLO, "model": "gpt-4o-mini", "stream": True, **options}
        *chunks, done = events(client.post("/v1/chat/completions", json=body))
        assert done == "[DONE]"
        assert ([chunk["choices"] for chunk in chunks][-1] == []) is asked
        text = "".join(
            c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"]
        )
        assert text == "You said: hello there"
        assert usage(1)[0]["estimated"] is False

    def test_stream_without_its_end_mark_is_an_error(
        self, client: httpx.Client, usage: Usage
    ) -> None:
        for model in ("cut", "cut-clean", "late-error"):
            body = {**HELLO, "model": model, "stream": True}
            found = events(client.post("/v1/chat/completions", json=body))
            assert "error" in found[-1], model
            assert "[DONE]" not in found
        assert {(row["status"], row["estimated"]) for row in usage(3)} == {("error", True)}

    @pytest.mark.parametrize(
        ("provider_status", "status"),
        [
            (400, 400),
            (401, 502),
            (403, 502),
            (404, 404),
            (413, 413),
            (429, 429),
            (500, 502),
            (529, 502),
        ],
    )
    @pytest.mark.parametrize("stream", [False, True])
    def test_errors(
        self, client: httpx.Client, provider_status: int, status: int, *, stream: bool
    ) -> None:
        body = {**HELLO, "model": f"error-{provider_status}", "stream": stream}
        answer = client.post("/v1/chat/completions", json=body)
        assert answer.status_code == status
        assert str(provider_status) in answer.json()["error"]["message"]
        assert ("retry-after" in answer.headers) == (provider_status == 429)

    def test_bad_requests(self, client: httpx.Client) -> None:
        for body in ({}, {"model": "gpt-4o-mini"}, {**HELLO}, {**HELLO, "model": 7}):
            answer = client.post("/v1/chat/completions", json=body)
            assert answer.status_code in {400, 422}
            assert answer.json()["error"]["message"]
        assert client.post("/v1/chat/completions", content=b"{").status_code == 400

    def test_unknown_prefix_is_404(self, client: httpx.Client) -> None:
        body = {**HELLO, "model": "groq/llama"}
        assert client.post("/v1/chat/completions", json=body).status_code == 404


class TestOwnRoutes:
    def test_complete(self, client: httpx.Client) -> None:
        body = {**HELLO, "model": "gpt-4o-mini", "temperature": 0.5, "max_tokens": 9}
        answer = client.post("/complete", json=body).json()
        assert answer["content"] == "You said: hello there"
        assert answer["cost_usd"] == pytest.approx(
            (answer["input_tokens"] + 2 * answer["output_tokens"]) / 1000
        )

    def test_tools_both_ways(self, client: httpx.Client, openai_server: ProviderServer) -> None:
        body = {**HELLO, "model": "gpt-4o-mini", "tools": [WEATHER_TOOL]}
        plain = client.post("/complete", json=body).json()
        *_, last, done = events(client.post("/stream", json=body))
        assert done == "[DONE]"
        assert plain["tool_calls"] == last["tool_calls"]
        call = plain["tool_calls"][0]
        assert (call["name"], call["arguments"]) == ("get_weather", {"city": "Paris"})
        assert last["finish_reason"] == "tool_calls"
        talk = [
            *HELLO["messages"],
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": "sunny"},
        ]
        answer = client.post("/complete", json={**body, "messages": talk}).json()
        assert answer["content"] == "You said: sunny"
        sent = openai_server.requests[-1].json["messages"][1]["tool_calls"][0]["function"]
        assert sent == {"name": "get_weather", "arguments": '{"city":"Paris"}'}

    def test_unknown_price_is_null_never_zero(self, client: httpx.Client, usage: Usage) -> None:
        assert client.post("/complete", json={**HELLO, "model": "agent"}).json()["cost_usd"] is None
        assert usage(1)[0]["cost_usd"] is None

    def test_missing_usage_is_estimated(self, client: httpx.Client, usage: Usage) -> None:
        client.post("/complete", json={**HELLO, "model": "no-usage"})
        (row,) = usage(1)
        assert row["estimated"] is True
        assert row["output_tokens"] > 0

    def test_errors(self, client: httpx.Client) -> None:
        answer = client.post("/complete", json={**HELLO, "model": "error-429"})
        assert answer.status_code == 502
        assert answer.json()["code"] == "provider_failed"
        assert "429" in answer.json()["detail"]
        assert "Rate limit reached" in answer.json()["detail"]

    def test_cut_stream_ends_with_an_error_event(self, client: httpx.Client) -> None:
        *_, failure, done = events(client.post("/stream", json={**HELLO, "model": "cut"}))
        assert (failure["type"], failure["code"], done) == ("error", "provider_failed", "[DONE]")

    def test_response_format_goes_through(
        self, client: httpx.Client, openai_server: ProviderServer
    ) -> None:
        schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
        wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        body = {**HELLO, "model": "gpt-4o-mini", "response_format": wanted}
        answer = client.post("/complete", json=body).json()
        assert json.loads(answer["content"]) == {"a": "hello there"}
        assert openai_server.requests[-1].json["response_format"] == wanted


class TestClientThatLeaves:
    @pytest.mark.parametrize("path", ["/stream", "/v1/chat/completions"])
    def test_stream_ends_at_the_provider(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage, path: str
    ) -> None:
        body = {**HELLO, "model": "slow", "stream": True}
        with client.stream("POST", path, json=body) as response:
            next(response.iter_lines())
        wait_until(lambda: openai_server.left == 1, what="the provider to be left")
        (row,) = usage(1)
        assert (row["status"], row["estimated"]) == ("cancelled", True)
        assert row["output_tokens"] > 0

    @pytest.mark.parametrize("path", ["/complete", "/v1/chat/completions"])
    def test_plain_call_ends_at_the_provider(
        self, client: httpx.Client, openai_server: ProviderServer, usage: Usage, path: str
    ) -> None:
        with pytest.raises(httpx.ReadTimeout):
            client.post(path, json={**HELLO, "model": "slow"}, timeout=0.5)
        wait_until(lambda: openai_server.left == 1, what="the provider to be left")
        assert usage(1)[0]["status"] == "cancelled"


class TestModels:
    def test_auto_is_a_model_that_the_server_lists(self, client: httpx.Client) -> None:
        found = client.get("/v1/models/resolve").json()
        assert (found["model"], found["provider"]) == ("gpt-4o-mini", "openai")
        assert client.post("/complete", json=HELLO).json()["content"] == "You said: hello there"

    def test_listing(self, client: httpx.Client) -> None:
        listed = {model["id"] for model in client.get("/v1/models").json()["data"]}
        assert {"auto", "gpt-4o-mini", "agent", "offline/nova"} <= listed
        assert client.get("/v1/models/offline/nova").json()["owned_by"] == "offline"
        assert client.get("/v1/models/nothing").status_code == 404
        priced = {model["id"]: model for model in client.get("/models").json()}
        assert priced["gpt-4o-mini"]["cost_per_input_token"] == pytest.approx(0.001)
        assert priced["agent"]["cost_per_input_token"] is None
        assert priced["offline/nova"]["cost_per_input_token"] == 0

    def test_dead_server_is_shown_and_passed_over(
        self, openai_gateway: GatewayProcess, openai_server: ProviderServer, client: httpx.Client
    ) -> None:
        openai_server.__exit__()
        health = client.post("/health/providers/openai/test").json()
        assert (health["available"], health["status"]) == (False, "unavailable")
        assert "can't be reached" in health["detail"]
        found = client.get("/v1/models/resolve").json()
        assert found["provider"] == "offline"
        assert "can't be reached" in found["reason"]
        answer = client.post("/complete", json={**HELLO, "model": "gpt-4o-mini"})
        assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
        openai_server.__init__(openai_server._handler)  # type: ignore[misc] - the fixture stops it again
        openai_server.__enter__()

    def test_default_model_wins(
        self, start_gateway: Callable[..., GatewayProcess], openai_server: ProviderServer
    ) -> None:
        gateway = start_gateway(
            OPENAI_API_BASE=f"{openai_server.url}/v1",
            OPENAI_API_KEY="sk-x",
            DEFAULT_OPENAI_MODEL="agent",
        )
        url = f"{gateway.url}/v1/models/resolve"
        assert httpx.get(url, headers=gateway.admin).json()["model"] == "agent"


class TestEmbeddings:
    def test_by_name(self, client: httpx.Client, usage: Usage) -> None:
        body = {"model": "text-embedding-3-small", "input": ["a b", "c"], "dimensions": 4}
        answer = client.post("/v1/embeddings", json=body).json()
        assert [len(row["embedding"]) for row in answer["data"]] == [4, 4]
        own = {"model": "text-embedding-3-small", "texts": ["a b", "c"]}
        assert len(client.post("/embed", json=own).json()["embeddings"]) == 2
        assert {(row["kind"], row["input_tokens"]) for row in usage(2)} == {("embedding", 3)}
