"""Gemini by its wire format: runs with each version of LiteLLM."""

import json
from typing import Any

import pytest

from tests.fixtures.providers import gemini
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_translate.cases import Cases
from tests.integration.llm_translate.conftest import CLOCK, WEATHER, Translate, headers_of


class TestGemini(Cases):
    provider = "gemini"
    model = "gemini-2.5-flash"
    prefix = "gemini-"
    key = gemini.KEY
    wait = "17"
    late_error = ("provider_503", "The model is overloaded. Please try again later.")

    @pytest.fixture
    def server(self, gemini_server: ProviderServer) -> ProviderServer:
        return gemini_server

    @pytest.fixture
    def translate(self, translate_client: Any, server: ProviderServer) -> Translate:
        return Translate(translate_client, headers_of(self.provider, server.url, self.key))

    def system_of(self, sent: dict[str, Any]) -> str:
        (part,) = sent["system_instruction"]["parts"]
        return part["text"]

    def options_of(self, sent: dict[str, Any]) -> dict[str, Any]:
        config = sent["generationConfig"]
        return {
            "temperature": config.get("temperature"),
            "max_tokens": config.get("max_output_tokens"),
            "stop": config.get("stop_sequences"),
        }

    def words_of(self, status: int) -> str:
        return gemini.error(status).body["error"]["message"]

    @pytest.mark.parametrize("stream", [False, True])
    def test_key_is_in_no_address(
        self, translate: Translate, server: ProviderServer, *, stream: bool
    ) -> None:
        translate.post(self.model, stream=stream)
        sent = server.requests[-1]
        assert sent.headers["x-goog-api-key"] == self.key
        assert "authorization" not in sent.headers
        assert sent.query == ("alt=sse" if stream else "")
        assert sent.path.startswith("/v1beta/models/gemini-2.5-flash:")

    def test_base_with_its_version(self, translate: Translate, server: ProviderServer) -> None:
        own = headers_of(self.provider, f"{server.url}/v1beta/", self.key)
        assert Translate(translate.client, own).say(self.model)["content"]

    @pytest.mark.parametrize("model", ["../files", "a/../../b", "x:countTokens?", "a b", ""])
    def test_model_that_is_another_address(
        self, translate: Translate, server: ProviderServer, model: str
    ) -> None:
        assert translate.post(model).status_code == 400
        assert server.requests == []

    def test_wrong_key(self, translate: Translate, server: ProviderServer) -> None:
        found = Translate(translate.client, headers_of(self.provider, server.url, "wrong")).post(
            self.model
        )
        assert found.status_code == 400
        assert found.json()["error"]["message"].startswith("API key not valid.")

    def test_json_object(self, translate: Translate) -> None:
        text = translate.say(self.model, response_format={"type": "json_object"})["content"]
        assert json.loads(text) == {"said": "hello there"}

    @pytest.mark.parametrize(
        ("choice", "mode"),
        [("auto", "AUTO"), ("required", "ANY"), ({"function": {"name": "get_time"}}, "ANY")],
    )
    def test_tool_choice(
        self, translate: Translate, server: ProviderServer, choice: Any, mode: str
    ) -> None:
        if isinstance(choice, dict):
            choice = {"type": "function", **choice}
        message = translate.say(self.model, tools=[WEATHER, CLOCK], tool_choice=choice)
        config = server.requests[-1].json["toolConfig"]["functionCallingConfig"]
        assert config["mode"] == mode
        called = message["tool_calls"][0]["function"]["name"]
        assert called == ("get_time" if isinstance(choice, dict) else "get_weather")

    def test_signature_of_a_thought_comes_back(
        self, translate: Translate, server: ProviderServer
    ) -> None:
        messages: list[Any] = [{"role": "user", "content": "hello there"}]
        message = translate.say(self.model, messages=messages, tools=[WEATHER])
        call = message["tool_calls"][0]
        result = {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}
        translate.chat(self.model, messages=[*messages, message, result], tools=[WEATHER])
        parts = server.requests[-1].json["contents"][1]["parts"]
        assert parts[0]["thoughtSignature"] == "c2lnbmF0dXJl"

    def test_thinking(self, translate: Translate) -> None:
        message = translate.say(self.model, reasoning_effort="low")
        assert message["reasoning_content"] == "Let me think."
        assert message["content"] == "You said: hello there"
        found = translate.stream(self.model, reasoning_effort="low")
        thought = "".join(delta.get("reasoning_content") or "" for delta in found.deltas)
        assert (thought, found.text) == ("Let me think.", "You said: hello there")
        assert found.usage is not None
        assert found.usage["completion_tokens_details"]["reasoning_tokens"] == 3

    def test_cached_tokens(self, translate: Translate) -> None:
        usage = translate.chat(self.model)["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] == 1
        assert translate.stream(self.model).usage == usage

    def test_blocked_prompt(self, translate: Translate) -> None:
        (choice,) = translate.chat("gemini-blocked")["choices"]
        assert choice["finish_reason"] == "content_filter"
        found = translate.stream("gemini-blocked")
        assert (found.text, found.finishes, found.done) == ("", ["content_filter"], True)
