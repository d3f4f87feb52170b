"""/v1/messages before a server that speaks Anthropic's format: what passes, is counted and is refused."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures import coding_agents
from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import anthropic, openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import NewKey, Rows, Usage

URL = "/v1/messages"
MODEL = "claude-sonnet-4-5"
# Dollars a token: 1,000 in, 2,000 out, 100 from the cache, 1,250 into it, each for a thousand.
_PRICE = {"input": 1000, "output": 2000, "cached_input": 100, "cache_write": 1250}
PRICES = json.dumps(dict.fromkeys((MODEL, "claude-cut", "claude-slow"), _PRICE))
HELLO: dict[str, Any] = {
    "model": MODEL,
    "max_tokens": 40,
    "messages": [{"role": "user", "content": "hello there"}],
}
CACHED = [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}]
TOOL = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


@pytest.fixture
def pass_gateway(
    start_gateway: StartGateway, anthropic_server: ProviderServer, openai_server: ProviderServer
) -> GatewayProcess:
    return start_gateway(
        ANTHROPIC_API_BASE=anthropic_server.url,
        ANTHROPIC_API_KEY=anthropic.KEY,
        OPENAI_API_BASE=openai_server.url,
        OPENAI_API_KEY=openai.KEY,
        NOVA_MODEL_PRICES=PRICES,
        # Nothing that is tested here needs it; a call that did would fail.
        NOVA_LLM_TRANSLATE_URL="http://127.0.0.1:9",
    )


@pytest.fixture
def client(pass_gateway: GatewayProcess) -> Iterator[httpx.Client]:
    headers = pass_gateway.service()
    with httpx.Client(base_url=pass_gateway.url, headers=headers, timeout=30) as found:
        yield found


def sent_to(server: ProviderServer) -> list[Any]:
    return [request for request in server.requests if request.path == URL]


def events(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    lines = [line for line in response.text.split("\n") if line.startswith("data: ")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


class TestBody:
    def test_every_byte_is_kept_but_for_the_model(
        self, client: httpx.Client, anthropic_server: ProviderServer
    ) -> None:
        raw = (
            '{ "made_up": [1.50, "\\u00e9é"],  "model": "claude-sonnet-4-5",\n'
            '  "max_tokens": 2000, "thinking": {"type":"enabled", "budget_tokens": 1024},\n'
            '  "context_management": {"edits": []},\n'
            '  "system": [{"type": "text", "text": "Hi", "cache_control": {"type":"ephemeral"}}],\n'
            '  "messages": [{"role": "user", "content": "hello there"}] }'
        ).encode()
        json_type = {"Content-Type": "application/json"}
        assert client.post(URL, content=raw, headers=json_type).status_code == 200
        assert sent_to(anthropic_server)[-1].body == raw

    def test_an_alias_is_replaced_and_nothing_else(
        self, client: httpx.Client, anthropic_server: ProviderServer, rows: Rows
    ) -> None:
        rows(
            "UPDATE platform_config SET value = $1::jsonb WHERE key = 'llm.aliases'",
            json.dumps({"mine": MODEL}),
        )
        raw = json.dumps(HELLO | {"model": "mine", "made_up": {"a": None}}).encode()
        json_type = {"Content-Type": "application/json"}

        def arrived() -> bool:
            client.post(URL, content=raw, headers=json_type)
            return bool(sent_to(anthropic_server))

        wait_until(arrived, what="the alias to be known")
        assert sent_to(anthropic_server)[-1].body == raw.replace(b'"mine"', f'"{MODEL}"'.encode())

    def test_a_turn_of_claude_code(
        self, client: httpx.Client, anthropic_server: ProviderServer
    ) -> None:
        body = coding_agents.claude_code(MODEL)
        found = events(client.post(f"{URL}?beta=true", json=body))
        assert sent_to(anthropic_server)[-1].json == body
        assert [found[0]["type"], found[-1]["type"]] == ["message_start", "message_stop"]

    def test_headers(self, client: httpx.Client, anthropic_server: ProviderServer) -> None:
        given = {
            "anthropic-beta": "one-2025, two-2025,one-2025",
            "anthropic-version": "2024-01-01",
            "x-api-key": "the client's own",
            "x-stainless-lang": "python",
        }
        response = client.post(URL, json=HELLO, headers=given)
        assert response.headers["request-id"] == response.headers["x-request-id"]
        assert response.headers["x-upstream-request-id"] == "req_1"
        sent = sent_to(anthropic_server)[-1].headers
        assert sent["anthropic-beta"] == "one-2025,two-2025"
        assert sent["anthropic-version"] == "2024-01-01"
        assert sent["x-api-key"] == anthropic.KEY
        assert "x-stainless-lang" not in sent

    def test_a_header_that_cannot_be_sent_is_the_clients_fault(
        self, client: httpx.Client, anthropic_server: ProviderServer
    ) -> None:
        for _ in range(6):  # more than a breaker takes
            answer = client.post(URL, json=HELLO, headers={b"anthropic-beta": "é".encode()})
            assert answer.status_code == 400
        assert not sent_to(anthropic_server)
        assert client.post(URL, json=HELLO).status_code == 200


class TestSubscription:
    def test_its_own_beta_stands_beside_the_clients(
        self, start_gateway: StartGateway, anthropic_server: ProviderServer
    ) -> None:
        gateway = start_gateway(
            CLAUDE_CODE_OAUTH_TOKEN="sk-ant-oat-test",
            CLAUDE_MAX_API_BASE=anthropic_server.url,
            NOVA_LLM_TRANSLATE_URL="http://127.0.0.1:9",
        )
        headers = {**gateway.service(), "anthropic-beta": "one-2025"}
        body = HELLO | {"model": f"claude-max/{MODEL}"}
        answer = httpx.post(f"{gateway.url}{URL}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        sent = sent_to(anthropic_server)[-1]
        assert sent.json["model"] == MODEL
        assert sent.headers["anthropic-beta"] == "oauth-2025-04-20,one-2025"
        assert sent.headers["authorization"] == "Bearer sk-ant-oat-test"


class TestAnswer:
    def test_thoughts_and_tools_come_plain_and_streamed(self, client: httpx.Client) -> None:
        body = HELLO | {"thinking": {"type": "adaptive"}, "tools": [TOOL]}
        plain = client.post(URL, json=body).json()
        assert plain["content"] == [
            {"type": "thinking", "thinking": "Let me think.", "signature": "c2ln"},
            {
                "type": "tool_use",
                "id": "toolu_1",
                "name": "get_weather",
                "input": {"city": "Paris"},
            },
        ]
        assert (plain["id"], plain["stop_reason"]) == ("msg_1", "tool_use")
        found = events(client.post(URL, json={**body, "stream": True}))
        deltas = [event["delta"] for event in found if event["type"] == "content_block_delta"]
        assert "".join(delta.get("thinking", "") for delta in deltas) == "Let me think."
        assert [delta["signature"] for delta in deltas if "signature" in delta] == ["c2ln"]
        arguments = "".join(delta.get("partial_json", "") for delta in deltas)
        assert json.loads(arguments) == {"city": "Paris"}
        assert found[-1] == {"type": "message_stop"}

    @pytest.mark.parametrize("stream", [False, True])
    def test_usage_with_what_was_cached(
        self, client: httpx.Client, usage: Usage, *, stream: bool
    ) -> None:
        answer = client.post(URL, json={**HELLO, "system": CACHED, "stream": stream})
        assert answer.status_code == 200
        (row,) = usage(1)
        # The provider counts 2 beside 7 that were read from its cache and 5 that were written.
        assert row["input_tokens"] == 14
        assert (row["cached_tokens"], row["cache_write_tokens"]) == (7, 5)
        assert row["output_tokens"] > 1
        assert (row["status"], row["estimated"], row["provider"]) == ("ok", False, "anthropic")
        thousandths = 2 * 1000 + 7 * 100 + 5 * 1250 + row["output_tokens"] * 2000
        assert row["cost_usd"] == Decimal(thousandths) / 1_000_000


class TestKey:
    def test_its_rate_and_its_models_bind(
        self, pass_gateway: GatewayProcess, anthropic_server: ProviderServer, new_key: NewKey
    ) -> None:
        url = f"{pass_gateway.url}{URL}"
        headers = new_key("slow", rate_limit_rpm=1, allowed_models=[MODEL])
        other = httpx.post(url, json={**HELLO, "model": "claude-slow"}, headers=headers)
        assert (other.status_code, other.json()["error"]["type"]) == (403, "permission_error")
        answer = httpx.post(url, json=HELLO, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-ratelimit-remaining-requests"] == "0"
        late = httpx.post(url, json=HELLO, headers=headers)
        assert (late.status_code, late.json()["error"]["type"]) == (429, "rate_limit_error")
        assert int(late.headers["retry-after"]) > 0
        wrong = httpx.post(url, json=HELLO, headers={"x-api-key": "sk-nova-none"})
        assert (wrong.status_code, wrong.json()["error"]["type"]) == (401, "authentication_error")
        assert len(sent_to(anthropic_server)) == 1


class TestRequestLog:
    def test_has_the_message_and_its_answer(self, client: httpx.Client, rows: Rows) -> None:
        rows("UPDATE platform_config SET value = 'true' WHERE key = 'llm.request_log'")
        logged = "SELECT * FROM logged_requests WHERE path = '/v1/messages'"

        def written() -> bool:
            assert client.post(URL, json={**HELLO, "stream": True}).status_code == 200
            return bool(rows(logged))

        wait_until(written, what="the log to be on")
        row = rows(logged)[0]
        assert (row["model"], row["status"]) == (MODEL, 200)
        assert "You said: hello there" in str(row["answer"])


class TestBrokenStream:
    @pytest.mark.parametrize("how", ["cut", "cut-clean", "late-error"])
    def test_ends_with_an_error(self, client: httpx.Client, usage: Usage, how: str) -> None:
        body = {**HELLO, "model": f"claude-{how}", "stream": True, "system": CACHED}
        found = events(client.post(URL, json=body))
        assert found[0]["type"] == "message_start"
        kind = "overloaded_error" if how == "late-error" else "api_error"
        assert (found[-1]["type"], found[-1]["error"]["type"]) == ("error", kind)
        assert "message_stop" not in [event["type"] for event in found]
        (row,) = usage(1)
        assert (row["status"], row["estimated"]) == ("error", True)
        # Its input was told at its start.
        assert (row["input_tokens"], row["cached_tokens"], row["cache_write_tokens"]) == (14, 7, 5)
        assert row["output_tokens"] > 0

    def test_an_error_as_the_first_event_is_tried_again_and_has_a_status(
        self, client: httpx.Client, anthropic_server: ProviderServer
    ) -> None:
        body = {**HELLO, "model": "claude-early-error", "stream": True}
        answer = client.post(URL, json=body)
        assert answer.status_code == 529
        assert answer.json()["error"]["type"] == "overloaded_error"
        assert len(sent_to(anthropic_server)) == 2

    def test_a_client_that_leaves_ends_the_call(
        self, client: httpx.Client, anthropic_server: ProviderServer, usage: Usage
    ) -> None:
        body = {**HELLO, "model": "claude-slow", "stream": True}
        with client.stream("POST", URL, json=body) as response:
            assert b"message_start" in next(response.iter_bytes())
        wait_until(lambda: anthropic_server.left == 1, what="the upstream call to end", seconds=8)
        (row,) = usage(1)
        assert (row["status"], row["estimated"], row["input_tokens"]) == ("cancelled", True, 2)


class TestErrors:
    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize(
        ("given", "status", "kind"),
        [
            (400, 400, "invalid_request_error"),
            (401, 502, "api_error"),
            (413, 413, "request_too_large"),
            (429, 429, "rate_limit_error"),
            (500, 502, "api_error"),
            (529, 529, "overloaded_error"),
        ],
    )
    def test_in_anthropics_shape(
        self, client: httpx.Client, given: int, status: int, kind: str, *, stream: bool
    ) -> None:
        answer = client.post(
            URL, json={**HELLO, "model": f"claude-error-{given}", "stream": stream}
        )
        found = answer.json()
        assert (answer.status_code, found["type"], found["error"]["type"]) == (
            status,
            "error",
            kind,
        )
        assert answer.headers.get("retry-after") == ("9" if given == 429 else None)
        assert answer.headers["request-id"] == answer.headers["x-request-id"]

    def test_a_budget_that_is_spent(
        self,
        pass_gateway: GatewayProcess,
        anthropic_server: ProviderServer,
        new_key: NewKey,
    ) -> None:
        headers = new_key("poor", budget_usd=0.01)
        answer = httpx.post(f"{pass_gateway.url}{URL}", json=HELLO, headers=headers)
        assert (answer.status_code, answer.json()["error"]["type"]) == (429, "rate_limit_error")
        assert answer.json()["error"]["code"] == "budget_exceeded"
        assert not sent_to(anthropic_server)

    def test_tools_and_thoughts_of_before_reserve_their_bytes(
        self, pass_gateway: GatewayProcess, new_key: NewKey
    ) -> None:
        """Counted as pictures they would reserve 50,000 tokens each, which is $50."""
        call: dict[str, Any] = {
            "type": "tool_use",
            "id": "toolu_1",
            "name": "get_weather",
            "input": {},
        }
        thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
        result: dict[str, Any] = {
            "type": "tool_result",
            "tool_use_id": "toolu_1",
            "content": "sunny",
        }
        messages: list[dict[str, Any]] = [
            *HELLO["messages"],
            {"role": "assistant", "content": [thought, call]},
            {"role": "user", "content": [result]},
        ]
        body = HELLO | {"messages": messages, "tools": [TOOL]}
        url, headers = f"{pass_gateway.url}{URL}", new_key("thrifty", budget_usd=2.0)
        assert httpx.post(url, json=body, headers=headers).status_code == 200
        picture = {"type": "image", "source": {"type": "url", "url": "http://a.invalid/b.png"}}
        messages[-1]["content"] = [{**result, "content": [picture]}]
        assert httpx.post(url, json=body, headers=headers).status_code == 429


class TestFallback:
    @pytest.mark.parametrize("stream", [False, True])
    def test_to_another_format_is_converted(
        self, client: httpx.Client, rows: Rows, usage: Usage, *, stream: bool
    ) -> None:
        _fall_back_to_openai(rows)
        body = {**HELLO, "model": "claude-error-529", "stream": stream}

        def answered() -> httpx.Response | None:
            found = client.post(URL, json=body)
            return found if found.status_code == 200 else None

        answer = wait_until(answered, what="the fallback to be known")
        assert answer.headers["x-nova-model"] == "gpt-4o-mini"
        if stream:
            found = events(answer)
            text = "".join(event.get("delta", {}).get("text", "") for event in found)
            assert found[-1]["type"] == "message_stop"
        else:
            text = answer.json()["content"][0]["text"]
        assert text == "You said: hello there"
        row = rows("SELECT * FROM usage_events WHERE status = 'ok'", until=1)[0]
        assert (row["provider"], row["input_tokens"], row["estimated"]) == ("openai", 2, False)

    def test_what_cannot_be_converted_answers_with_the_first_targets_error(
        self, client: httpx.Client, rows: Rows
    ) -> None:
        _fall_back_to_openai(rows)
        plain = {**HELLO, "model": "claude-error-529"}
        wait_until(
            lambda: client.post(URL, json=plain).status_code == 200, what="the fallback to be known"
        )
        answer = client.post(URL, json={**plain, "mcp_servers": [{"name": "one"}]})
        assert answer.status_code in {503, 529}, answer.text


def _fall_back_to_openai(rows: Rows) -> None:
    rows(
        "UPDATE platform_config SET value = $1::jsonb WHERE key = 'llm.fallbacks'",
        json.dumps({"claude-error-529": ["gpt-4o-mini"]}),
    )


class TestProcess:
    def test_no_translation_library_is_loaded(
        self, pass_gateway: GatewayProcess, client: httpx.Client
    ) -> None:
        chat = {"model": "gpt-4o-mini", "messages": HELLO["messages"]}
        for stream in (False, True):
            message = client.post(URL, json={**HELLO, "stream": stream})
            completion = client.post("/v1/chat/completions", json={**chat, "stream": stream})
            assert (message.status_code, completion.status_code) == (200, 200)
        maps = Path(f"/proc/{pass_gateway.process.pid}/maps").read_text()
        assert "httptools" in maps  # it is the process that serves
        # The compiled modules that litellm can't be imported without.
        for library in ("tiktoken", "fastuuid"):
            assert library not in maps, library
