"""Ollama by its wire format: runs with each version of LiteLLM."""

from typing import Any

import pytest

from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_translate.cases import Cases
from tests.integration.llm_translate.conftest import HELLO, WEATHER, Translate, headers_of


class TestOllama(Cases):
    provider = "ollama_chat"
    model = "llama3.2"
    late_error = ("provider_500", "model runner has unexpectedly stopped")

    @pytest.fixture
    def server(self, ollama_server: ProviderServer) -> ProviderServer:
        return ollama_server

    @pytest.fixture
    def translate(self, translate_client: Any, server: ProviderServer) -> Translate:
        return Translate(translate_client, headers_of(self.provider, server.url, None))

    def system_of(self, sent: dict[str, Any]) -> str:
        assert sent["messages"][0]["role"] == "system"
        return sent["messages"][0]["content"]

    def options_of(self, sent: dict[str, Any]) -> dict[str, Any]:
        options = sent["options"]
        return {
            "temperature": options.get("temperature"),
            "max_tokens": options.get("num_predict"),
            "stop": options.get("stop"),
        }

    def words_of(self, status: int) -> str:
        return f"model 'error-{status}' says {status}"

    def test_json_object(self, translate: Translate) -> None:
        text = translate.say(self.model, response_format={"type": "json_object"})["content"]
        assert text == '{"said": "hello there"}'

    def test_thinking(self, translate: Translate) -> None:
        message = translate.say(self.model, think=True)
        assert message["reasoning_content"] == "Let me think."
        assert message["content"] == "You said: hello there"
        found = translate.stream(self.model, think=True)
        thought = "".join(delta.get("reasoning_content") or "" for delta in found.deltas)
        assert (thought, found.text) == ("Let me think.", "You said: hello there")

    def test_own_options(self, translate: Translate, server: ProviderServer) -> None:
        translate.chat(self.model, num_ctx=4096, keep_alive="5m", seed=7)
        sent = server.requests[-1].json
        assert (sent["options"]["num_ctx"], sent["options"]["seed"]) == (4096, 7)
        assert sent["keep_alive"] == "5m"

    def test_key_of_a_server_that_wants_one(
        self, translate: Translate, server: ProviderServer
    ) -> None:
        own = headers_of(self.provider, server.url, "secret")
        Translate(translate.client, own).chat(self.model, messages=HELLO, tools=[WEATHER])
        assert server.requests[-1].headers["authorization"] == "Bearer secret"
