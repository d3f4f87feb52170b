"""What a client of OpenAI's format may expect of every translated provider."""

import json
from abc import ABC, abstractmethod
from typing import Any

import httpx
import pytest

from contracts.translate import CHAT_PATH
from tests.fixtures.ports import free_port
from tests.fixtures.processes import wait_until
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_translate.conftest import (
    CLOCK,
    HELLO,
    PERSON,
    PIXEL,
    STRUCTURED,
    WEATHER,
    Translate,
    headers_of,
)

STATUSES = [400, 401, 403, 404, 413, 429, 500, 529]
ARGUMENTS = {"city": "Paris", "unit": "Paris"}


class Cases(ABC):
    """A provider's class says which models behave how, and gives `translate` and `server`."""

    provider: str
    model: str
    prefix = ""
    key: str | None = None

    def named(self, behaviour: str) -> str:
        return self.prefix + behaviour

    @abstractmethod
    def system_of(self, sent: dict[str, Any]) -> str: ...

    @abstractmethod
    def options_of(self, sent: dict[str, Any]) -> dict[str, Any]:
        """What was sent as temperature, max_tokens and stop."""

    def test_plain(self, translate: Translate) -> None:
        answer = translate.chat(self.model)
        assert (answer["object"], answer["model"]) == ("chat.completion", self.model)
        (choice,) = answer["choices"]
        assert (choice["index"], choice["finish_reason"], choice["logprobs"]) == (0, "stop", None)
        message = choice["message"]
        assert (message["role"], message["content"], message["refusal"]) == (
            "assistant",
            "You said: hello there",
            None,
        )
        usage = answer["usage"]
        assert usage["prompt_tokens"] == 2
        assert usage["completion_tokens"] > 0
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]

    def test_streamed(self, translate: Translate) -> None:
        found = translate.stream(self.model)
        assert (found.text, found.finishes, found.done) == ("You said: hello there", ["stop"], True)
        assert found.deltas[0]["role"] == "assistant"
        assert len([delta for delta in found.deltas if delta.get("content")]) > 1
        assert {(c["id"], c["model"], c["object"]) for c in found.chunks} == {
            (found.chunks[0]["id"], self.model, "chat.completion.chunk")
        }
        assert found.chunks[-1]["choices"] == []
        assert found.usage == translate.chat(self.model)["usage"]

    def test_streamed_without_usage(self, translate: Translate) -> None:
        response = translate.post(self.model, stream=True)
        assert '"usage"' not in response.text
        assert response.text.endswith("data: [DONE]\n\n")

    @pytest.mark.parametrize(
        "said", ["", "  two\nlines ", 'Grüße 🚀 "quoted" \\ \u2028 \x7f', "x" * 50_000]
    )
    def test_any_text(self, translate: Translate, said: str) -> None:
        messages = [{"role": "user", "content": f"a{said}b"}]
        assert translate.say(self.model, messages=messages)["content"] == f"You said: a{said}b"
        assert translate.stream(self.model, messages=messages).text == f"You said: a{said}b"

    def test_tool_call(self, translate: Translate) -> None:
        answer = translate.chat(self.model, tools=[WEATHER, CLOCK])
        (choice,) = answer["choices"]
        assert choice["finish_reason"] == "tool_calls"
        (call,) = choice["message"]["tool_calls"]
        assert (call["type"], call["function"]["name"]) == ("function", "get_weather")
        assert json.loads(call["function"]["arguments"]) == ARGUMENTS
        talk = [
            *HELLO,
            choice["message"],
            {"role": "tool", "tool_call_id": call["id"], "content": "sunny"},
        ]
        assert "sunny" in translate.say(self.model, messages=talk, tools=[WEATHER])["content"]

    def test_tool_call_streamed(self, translate: Translate) -> None:
        found = translate.stream(self.model, tools=[WEATHER])
        assert found.calls == [("get_weather", ARGUMENTS)]
        assert (found.finishes, found.done) == (["tool_calls"], True)

    def test_parallel_tool_calls(self, translate: Translate) -> None:
        expected = [("get_weather", ARGUMENTS), ("get_time", {})]
        model = self.named("parallel")
        message = translate.say(model, tools=[WEATHER, CLOCK])
        functions = [call["function"] for call in message["tool_calls"]]
        assert [(f["name"], json.loads(f["arguments"])) for f in functions] == expected
        ids = {call["id"] for call in message["tool_calls"]}
        assert len(ids) == 2
        assert all(ids)
        assert translate.stream(model, tools=[WEATHER, CLOCK]).calls == expected

    def test_results_of_parallel_tool_calls(self, translate: Translate) -> None:
        message = translate.say(self.named("parallel"), tools=[WEATHER, CLOCK])
        results = [
            {"role": "tool", "tool_call_id": call["id"], "content": f"result {number}"}
            for number, call in enumerate(message["tool_calls"])
        ]
        talk = [*HELLO, message, *results]
        said = translate.say(self.model, messages=talk, tools=[WEATHER, CLOCK])["content"]
        assert "result 1" in said

    def test_no_tool_by_choice(self, translate: Translate) -> None:
        message = translate.say(self.model, tools=[WEATHER], tool_choice="none")
        assert (message["content"], "tool_calls" in message) == ("You said: hello there", False)

    def test_image(self, translate: Translate, server: ProviderServer) -> None:
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
        parts = [{"type": "text", "text": "look"}, image]
        for found in (
            translate.say(self.model, messages=[{"role": "user", "content": parts}])["content"],
            translate.stream(self.model, messages=[{"role": "user", "content": parts}]).text,
        ):
            assert "look" in found
            assert PIXEL in found

    @pytest.mark.parametrize(
        "part",
        [
            {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest"}},
            {"type": "image_url", "image_url": " http://127.0.0.1/x.png"},
            {"type": "image_url", "image_url": {"url": "gs://bucket/x.png"}},
            {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
            {"type": "file", "file": {"file_id": "https://10.0.0.1/x.pdf"}},
            {"type": "file", "file": {"file_data": "HTTPS://10.0.0.1/x.pdf"}},
        ],
    )
    def test_remote_media_is_refused(
        self, translate: Translate, server: ProviderServer, part: dict[str, Any]
    ) -> None:
        refused = translate.post(self.model, messages=[{"role": "user", "content": [part]}])
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "remote_media")
        assert server.requests == []

    def test_json_schema(self, translate: Translate) -> None:
        text = translate.say(self.model, response_format=STRUCTURED)["content"]
        assert json.loads(text).keys() == PERSON["properties"].keys()
        found = translate.stream(self.model, response_format=STRUCTURED)
        assert json.loads(found.text).keys() == PERSON["properties"].keys()
        assert found.finishes == ["stop"]

    def test_options_are_passed_on(self, translate: Translate, server: ProviderServer) -> None:
        options = {"temperature": 0.5, "max_tokens": 77, "stop": ["STOP", "END"]}
        translate.chat(self.model, **options)
        assert self.options_of(server.requests[-1].json) == options
        translate.chat(self.model, max_completion_tokens=78)
        assert self.options_of(server.requests[-1].json)["max_tokens"] == 78

    def test_length(self, translate: Translate) -> None:
        messages = [{"role": "user", "content": "one two three four five"}]
        (choice,) = translate.chat(self.model, messages=messages, max_tokens=3)["choices"]
        assert (choice["message"]["content"], choice["finish_reason"]) == (
            "You said: one",
            "length",
        )
        found = translate.stream(self.model, messages=messages, max_tokens=3)
        assert (found.text, found.finishes) == ("You said: one", ["length"])

    def test_stop(self, translate: Translate) -> None:
        (choice,) = translate.chat(self.model, stop="there")["choices"]
        assert choice["message"]["content"].strip() == "You said: hello"
        assert choice["finish_reason"] == "stop"

    @pytest.mark.parametrize("role", ["system", "developer"])
    def test_system_message(self, translate: Translate, server: ProviderServer, role: str) -> None:
        messages = [{"role": role, "content": "Be brief."}, *HELLO]
        assert translate.say(self.model, messages=messages)["content"] == "You said: hello there"
        assert self.system_of(server.requests[-1].json) == "Be brief."

    def test_unknown_fields_stay_here(self, translate: Translate, server: ProviderServer) -> None:
        hostile = {
            "api_base": "http://127.0.0.1:9",
            "base_url": "http://127.0.0.1:9",
            "mock_response": "mocked",
            "custom_llm_provider": "openai",
            "extra_headers": {"x-evil": "1"},
            "extra_body": {"evil": 1},
            "metadata": {"user_id": "x"},
        }
        assert translate.say(self.model, **hostile)["content"] == "You said: hello there"
        sent = server.requests[-1]
        assert "x-evil" not in sent.headers
        assert "evil" not in sent.body.decode()

    @pytest.mark.parametrize("field", [{"n": 2}, {"functions": [{"name": "f"}]}])
    def test_what_would_be_misread_is_refused(
        self, translate: Translate, field: dict[str, Any]
    ) -> None:
        if "n" in field and self.provider == "gemini":
            pytest.skip("Gemini can give several choices")
        refused = translate.post(self.model, **field)
        found = (refused.status_code, refused.json()["error"]["code"])
        assert found == (400, "unsupported_parameter")

    @pytest.mark.parametrize(
        "messages", [[], [{"role": "user"}], [{"role": "tool", "content": 7}], ["x"], [None], "x"]
    )
    def test_malformed_messages(self, translate: Translate, messages: Any) -> None:
        found = translate.post(self.model, messages=messages)
        assert found.status_code < 500, found.text

    @pytest.mark.parametrize("status", STATUSES)
    @pytest.mark.parametrize("stream", [False, True])
    def test_errors(
        self, translate: Translate, server: ProviderServer, status: int, *, stream: bool
    ) -> None:
        found = translate.post(self.named(f"error-{status}"), stream=stream)
        assert (found.status_code, found.json()["error"]["code"]) == (status, f"provider_{status}")
        assert found.json()["error"]["message"] == self.words_of(status)
        assert found.headers.get("retry-after") == (self.wait if status == 429 else None)
        assert len(server.requests) == 1  # a retry is the gateway's to decide

    wait: str | None = None

    @abstractmethod
    def words_of(self, status: int) -> str: ...

    def test_cut_answer(self, translate: Translate, server: ProviderServer) -> None:
        found = translate.post(self.named("cut"))
        assert (found.status_code, found.json()["error"]["code"]) == (504, "provider_reply_lost")
        assert len(server.requests) == 1

    @pytest.mark.parametrize("behaviour", ["cut", "cut-clean"])
    def test_cut_stream(self, translate: Translate, behaviour: str) -> None:
        found = translate.stream(self.named(behaviour))
        assert found.text
        assert found.error is not None
        assert found.error["code"] == "provider_reply_lost"
        assert (found.finishes, found.done) == ([], False)

    def test_late_error(self, translate: Translate) -> None:
        found = translate.stream(self.named("late-error"))
        assert found.text
        assert found.error is not None
        assert (found.error["code"], found.error["message"]) == self.late_error
        assert (found.finishes, found.done) == ([], False)

    late_error: tuple[str, str]

    def test_refused_connection(self, translate: Translate) -> None:
        nobody = headers_of(self.provider, f"http://127.0.0.1:{free_port()}", "k")
        for stream in (False, True):
            found = Translate(translate.client, nobody).post(self.model, stream=stream)
            assert found.status_code == 503
            assert found.json()["error"]["code"] == "provider_unreachable"
            assert found.headers["retry-after"]

    @pytest.mark.parametrize("stream", [False, True])
    def test_client_that_leaves(
        self, translate: Translate, server: ProviderServer, *, stream: bool
    ) -> None:
        body = {"model": self.named("slow"), "messages": HELLO, "stream": stream}
        with pytest.raises(TimeoutError):
            leave(translate, body)
        wait_until(lambda: server.left == 1, what="the provider to be left")

    def test_connections_are_kept(self, translate: Translate, server: ProviderServer) -> None:
        for _ in range(3):
            translate.chat(self.model)
            translate.stream(self.model)
        assert server.connections == 1


def leave(translate: Translate, body: dict[str, Any]) -> None:
    """Send a call and go away while it is being answered."""
    try:
        with translate.client.stream(
            "POST", CHAT_PATH, json=body, headers=translate.headers, timeout=0.7
        ) as response:
            for _ in response.iter_bytes():
                pass
    except httpx.ReadTimeout as error:
        raise TimeoutError from error
