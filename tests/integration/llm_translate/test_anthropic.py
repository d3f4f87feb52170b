"""Anthropic by its wire format: runs with each version of LiteLLM."""

import json
from typing import Any

import pytest

from tests.fixtures.providers import anthropic
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_translate.cases import Cases
from tests.integration.llm_translate.conftest import (
    CLOCK,
    PERSON,
    STRUCTURED,
    WEATHER,
    Translate,
    headers_of,
    tool,
)


class TestAnthropic(Cases):
    provider = "anthropic"
    model = "claude-sonnet-4-5"
    prefix = "claude-"
    key = anthropic.KEY
    wait = "9"
    late_error = ("provider_529", "Overloaded")

    @pytest.fixture
    def server(self, anthropic_server: ProviderServer) -> ProviderServer:
        return anthropic_server

    @pytest.fixture
    def translate(self, translate_client: Any, server: ProviderServer) -> Translate:
        return Translate(translate_client, headers_of(self.provider, server.url, self.key))

    def system_of(self, sent: dict[str, Any]) -> str:
        (block,) = sent["system"]
        return block["text"]

    def options_of(self, sent: dict[str, Any]) -> dict[str, Any]:
        return {
            "temperature": sent.get("temperature"),
            "max_tokens": sent["max_tokens"],
            "stop": sent.get("stop_sequences"),
        }

    def words_of(self, status: int) -> str:
        return anthropic.error(status).body["error"]["message"]

    def test_headers(self, translate: Translate, server: ProviderServer) -> None:
        translate.chat(self.model)
        sent = server.requests[-1]
        assert (sent.path, sent.query) == ("/v1/messages", "")
        assert sent.headers["x-api-key"] == self.key
        assert sent.headers["anthropic-version"] == "2023-06-01"
        assert "x-nova-provider-key" not in sent.headers

    def test_image_over_tls_is_passed_on(
        self, translate: Translate, server: ProviderServer
    ) -> None:
        address = "https://images.example.org/x.png"
        part = {"type": "image_url", "image_url": {"url": address}}
        translate.chat(self.model, messages=[{"role": "user", "content": [part]}])
        (sent,) = server.requests[-1].json["messages"][0]["content"]
        assert sent["source"] == {"type": "url", "url": address}

    def test_json_schema_by_tool(self, translate: Translate) -> None:
        model = "claude-3-5-haiku-20241022"  # it has no structured output of its own
        (choice,) = translate.chat(model, response_format=STRUCTURED)["choices"]
        assert choice["finish_reason"] == "stop"
        assert json.loads(choice["message"]["content"]).keys() == PERSON["properties"].keys()
        found = translate.stream(model, response_format=STRUCTURED)
        assert json.loads(found.text).keys() == PERSON["properties"].keys()
        assert (found.calls, found.finishes) == ([], ["stop"])

    def test_json_object(self, translate: Translate) -> None:
        assert translate.say(self.model, response_format={"type": "json_object"})["content"]

    @pytest.mark.parametrize(
        ("choice", "sent"),
        [
            ("auto", {"type": "auto"}),
            ("required", {"type": "any"}),
            ({"type": "function", "function": {"name": "get_time"}}, {"name": "get_time"}),
        ],
    )
    def test_tool_choice(
        self, translate: Translate, server: ProviderServer, choice: Any, sent: dict[str, Any]
    ) -> None:
        translate.chat(self.model, tools=[WEATHER, CLOCK], tool_choice=choice)
        assert sent.items() <= server.requests[-1].json["tool_choice"].items()

    def test_one_call_at_a_time(self, translate: Translate) -> None:
        found = translate.say("claude-parallel", tools=[WEATHER, CLOCK], parallel_tool_calls=False)
        assert len(found["tool_calls"]) == 1

    def test_tool_names_that_anthropic_refuses(self, translate: Translate) -> None:
        name = "files/read.text"
        (call,) = translate.say(self.model, tools=[tool(name, "path")])["tool_calls"]
        assert call["function"]["name"] == name
        assert translate.stream(self.model, tools=[tool(name, "path")]).calls[0][0] == name

    def test_prompt_cache(self, translate: Translate, server: ProviderServer) -> None:
        mark = {"cache_control": {"type": "ephemeral"}}
        parts = [{"type": "text", "text": "hello there", **mark}]
        system = [{"type": "text", "text": "Be brief.", **mark}]
        messages = [{"role": "system", "content": system}, {"role": "user", "content": parts}]
        usage = translate.chat(self.model, messages=messages)["usage"]
        assert usage["prompt_tokens"] == 2 + 5 + 7
        assert usage["prompt_tokens_details"]["cached_tokens"] == 7
        assert usage["prompt_tokens_details"]["cache_creation_tokens"] == 5
        assert translate.stream(self.model, messages=messages).usage == usage
        sent = server.requests[-1].json
        assert sent["system"][0]["cache_control"] == {"type": "ephemeral"}
        assert sent["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}

    def test_thinking(self, translate: Translate) -> None:
        thinking = {"type": "enabled", "budget_tokens": 2000}
        message = translate.say(self.model, thinking=thinking)
        assert message["reasoning_content"] == "Let me think."
        assert message["thinking_blocks"][0]["signature"] == "c2ln"
        found = translate.stream(self.model, reasoning_effort="low")
        thought = "".join(delta.get("reasoning_content") or "" for delta in found.deltas)
        assert (thought, found.text) == ("Let me think.", "You said: hello there")
