"""From a Responses request to a chat completion."""

import json
from typing import Any

import pytest

from services.kit.errors import BadRequest
from services.llm_gateway.providers.base import ProviderTraits
from services.llm_gateway.responses.request import ResponseRequest, read_request
from services.llm_gateway.responses.tools import chat_name, custom_input
from tests.unit.llm_gateway.dialects.providers import LOCAL, OPENAI, OTHER

FUNCTION = {"type": "function", "name": "read", "parameters": {"type": "object"}}
PATCH = {
    "type": "custom",
    "name": "apply_patch",
    "description": "Edit files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": 'start: "x"'},
}
IMAGE = "data:image/png;base64,AAAA"


def _read(*, strict_tools: bool = False, **body: Any) -> ResponseRequest:
    return read_request({"model": "m", "input": "hi", **body}, strict_tools=strict_tools)


def _chat(provider: ProviderTraits = OTHER, **body: Any) -> dict[str, Any]:
    return _read(**body).chat_body(provider, [])


def _refusal(**body: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        _chat(**body)
    return caught.value


class TestMessages:
    def test_a_text(self) -> None:
        assert _chat() == {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

    def test_instructions_and_leading_developer_messages_are_one(self) -> None:
        items = [
            {"role": "developer", "content": [{"type": "input_text", "text": "B"}]},
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "C"},
        ]
        assert _chat(input=items, instructions="A")["messages"] == [
            {"role": "system", "content": "A\n\nB"},
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "C"},
        ]

    def test_a_turn_with_calls_is_one_message_and_results_follow_it(self) -> None:
        items = [
            {"role": "user", "content": "hi"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "a"}],
            },
            {"type": "function_call", "call_id": "1", "name": "read", "arguments": '{"p":1}'},
            {"type": "custom_tool_call", "call_id": "2", "name": "apply_patch", "input": "*** x"},
            {"type": "function_call_output", "call_id": "1", "output": "one"},
            {"type": "custom_tool_call_output", "call_id": "2", "output": "two"},
        ]
        *_, turn, one, two = _chat(input=items)["messages"]
        assert turn["content"] == "a"
        assert [(c["id"], c["function"]["name"]) for c in turn["tool_calls"]] == [
            ("1", "read"),
            ("2", "apply_patch"),
        ]
        assert json.loads(turn["tool_calls"][1]["function"]["arguments"]) == {"input": "*** x"}
        assert one == {"role": "tool", "tool_call_id": "1", "content": "one"}
        assert two == {"role": "tool", "tool_call_id": "2", "content": "two"}

    def test_pictures(self) -> None:
        content = [
            {"type": "input_text", "text": "look"},
            {"type": "input_image", "image_url": IMAGE, "detail": "high"},
        ]
        (message,) = _chat(input=[{"role": "user", "content": content}])["messages"]
        assert message["content"] == [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": IMAGE, "detail": "high"}},
        ]

    def test_pictures_of_a_tool_come_from_the_user_after_all_results(self) -> None:
        items = [
            {"type": "function_call", "call_id": "1", "name": "view", "arguments": "{}"},
            {"type": "function_call", "call_id": "2", "name": "read", "arguments": "{}"},
            {
                "type": "function_call_output",
                "call_id": "1",
                "output": [{"type": "input_image", "image_url": IMAGE}],
            },
            {"type": "function_call_output", "call_id": "2", "output": "two"},
        ]
        messages = _chat(input=items)["messages"]
        assert [message["role"] for message in messages] == ["assistant", "tool", "tool", "user"]
        assert messages[3]["content"][1]["image_url"] == {"url": IMAGE}

    def test_earlier_items_stand_before_the_input(self) -> None:
        chat = _read(instructions="I").chat_body(
            OTHER, [{"type": "message", "role": "user", "content": "before"}]
        )
        assert [message["content"] for message in chat["messages"]] == ["I", "before", "hi"]

    @pytest.mark.parametrize(
        ("item", "param", "code"),
        [
            ({"type": "item_reference", "id": "x"}, "input[0].type", "unsupported_item"),
            ({"type": "local_shell_call"}, "input[0].type", "unsupported_item"),
            (
                {"role": "user", "content": [{"type": "input_file", "file_id": "f"}]},
                "input[0].content[0].type",
                "unsupported_content",
            ),
            (
                {"role": "user", "content": [{"type": "input_image", "file_id": "f"}]},
                "input[0].content[0].image_url",
                "unsupported_content",
            ),
            ({"role": "nobody", "content": "x"}, "input[0].role", "invalid_request"),
            ({"role": [], "content": "x"}, "input[0].role", "invalid_request"),
            ({"role": "user"}, "input[0].content", "invalid_request"),
            ({"role": "user", "content": [5]}, "input[0].content[0]", "invalid_request"),
            ({"type": "function_call", "name": "f"}, "input[0].arguments", "invalid_request"),
            (
                {"type": "function_call_output", "output": "x"},
                "input[0].call_id",
                "invalid_request",
            ),
            ({}, "input[0].type", "invalid_request"),
            (5, "input[0]", "invalid_request"),
        ],
    )
    def test_refused(self, item: Any, param: str, code: str) -> None:
        error = _refusal(input=[item])
        assert (error.status, error.code, error.facts) == (400, code, {"param": param})


class TestTools:
    def test_functions(self) -> None:
        chat = _chat(tools=[FUNCTION | {"strict": True}], parallel_tool_calls=False)
        function = {"name": "read", "parameters": {"type": "object"}, "strict": True}
        assert chat["tools"] == [{"type": "function", "function": function}]
        assert chat["parallel_tool_calls"] is False

    def test_a_custom_tool_is_a_function_with_one_text(self) -> None:
        request = _read(tools=[PATCH])
        function = request.chat_body(OTHER, [])["tools"][0]["function"]
        assert function["parameters"]["required"] == ["input"]
        assert 'start: "x"' in function["description"]
        assert request.tools.called("apply_patch").kind == "custom"

    def test_a_namespace_is_part_of_the_name_and_comes_back(self) -> None:
        request = _read(tools=[{"type": "namespace", "name": "mcp__demo__", "tools": [FUNCTION]}])
        assert request.chat_body(OTHER, [])["tools"][0]["function"]["name"] == "mcp__demo__read"
        called = request.tools.called("mcp__demo__read")
        assert (called.namespace, called.name) == ("mcp__demo__", "read")

    def test_long_names_stay_different(self) -> None:
        names = {chat_name(f"{'n' * 80}{end}", "space") for end in "abc"}
        assert len(names) == 3
        assert max(map(len, names)) == 64

    def test_a_hosted_tool_that_is_only_offered_is_left_out(self) -> None:
        request = _read(tools=[FUNCTION, {"type": "web_search", "external_web_access": True}])
        assert request.tools.left_out == ("web_search",)
        assert [tool["type"] for tool in request.repeated()["tools"]] == ["function"]

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"tools": [{"type": "web_search"}]}, "tools[0]"),
            ({"tools": [{"type": "mcp", "server_label": "x"}]}, "tools[0]"),
            ({"tools": [FUNCTION], "tool_choice": {"type": "web_search_preview"}}, "tool_choice"),
        ],
    )
    def test_one_that_is_needed_is_refused(self, body: dict[str, Any], param: str) -> None:
        error = _refusal(**body)
        assert (error.code, error.facts) == ("unsupported_tool", {"param": param})

    def test_all_are_refused_strictly(self) -> None:
        with pytest.raises(BadRequest) as caught:
            _read(strict_tools=True, tools=[FUNCTION, {"type": "code_interpreter"}])
        assert caught.value.facts == {"param": "tools[1]"}

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("required", "required"),
            (
                {"type": "function", "name": "read"},
                {"type": "function", "function": {"name": "read"}},
            ),
            (
                {"type": "custom", "name": "apply_patch"},
                {"type": "function", "function": {"name": "apply_patch"}},
            ),
        ],
    )
    def test_choice(self, given: Any, expected: Any) -> None:
        assert _chat(tools=[FUNCTION, PATCH], tool_choice=given)["tool_choice"] == expected

    def test_allowed_tools_are_the_only_ones(self) -> None:
        allowed = {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "custom", "name": "apply_patch"}],
        }
        chat = _chat(tools=[FUNCTION, PATCH], tool_choice=allowed)
        assert [tool["function"]["name"] for tool in chat["tools"]] == ["apply_patch"]
        assert chat["tool_choice"] == "required"

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ('{"input": "a\\nb"}', "a\nb"),
            ('{"patch": "only"}', "only"),
            ("*** Begin Patch", "*** Begin Patch"),
            ('{"a": "x", "b": "y"}', '{"a": "x", "b": "y"}'),
            ("[]", "[]"),
        ],
    )
    def test_the_text_for_a_custom_tool(self, arguments: str, text: str) -> None:
        assert custom_input(arguments) == text


class TestParameters:
    def test_sampling_and_limits(self) -> None:
        given = {"temperature": 0, "top_p": 0.5, "max_output_tokens": 9}
        assert _chat(LOCAL, **given)["max_tokens"] == 9
        assert _chat(OPENAI, **given)["temperature"] == 0
        reasoning = _chat(OPENAI, **given, model="gpt-5-mini")
        assert reasoning["max_completion_tokens"] == 9
        assert not {"max_tokens", "temperature", "top_p"} & reasoning.keys()

    def test_only_openai_is_given_what_only_it_knows(self) -> None:
        given = {"prompt_cache_key": "k", "text": {"verbosity": "low"}}
        assert {"prompt_cache_key", "verbosity"} <= _chat(OPENAI, **given).keys()
        assert not {"prompt_cache_key", "verbosity"} & _chat(OTHER, **given).keys()

    def test_effort(self) -> None:
        assert _chat(reasoning={"effort": "low", "summary": "auto"})["reasoning_effort"] == "low"
        assert "reasoning_effort" not in _chat(reasoning=None)

    def test_json_schema(self) -> None:
        form = {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}
        assert _chat(text={"format": form})["response_format"] == {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
        }
        assert "response_format" not in _chat(text={"format": {"type": "text"}})

    def test_a_stream_asks_for_usage(self) -> None:
        chat = _chat(stream=True)
        assert (chat["stream"], chat["stream_options"]) == (True, {"include_usage": True})

    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"background": True}, "background"),
            ({"conversation": "conv_1"}, "conversation"),
            ({"prompt": {"id": "p"}}, "prompt"),
            ({"top_logprobs": 3}, "top_logprobs"),
            ({"include": ["message.output_text.logprobs"]}, "include"),
            ({"text": {"format": {"type": "grammar"}}}, "text.format.type"),
        ],
    )
    def test_unsupported(self, body: dict[str, Any], param: str) -> None:
        error = _refusal(**body)
        assert (error.code, error.facts) == ("unsupported_parameter", {"param": param})

    @pytest.mark.parametrize(
        "body",
        [
            {"model": ""},
            {"model": 5},
            {"input": None},
            {"input": 5},
            {"temperature": "hot"},
            {"temperature": True},
            {"max_output_tokens": 0},
            {"max_output_tokens": 1.5},
            {"metadata": []},
            {"instructions": ["x"]},
            {"tools": {}},
            {"tools": [{}]},
            {"tools": [{"type": "function"}]},
            {"tool_choice": "sometimes"},
            {"previous_response_id": 5},
        ],
    )
    def test_invalid(self, body: dict[str, Any]) -> None:
        error = _refusal(**body)
        assert (error.status, error.code) == (400, "invalid_request")
        assert error.facts
        assert error.facts["param"].startswith(next(iter(body)))

    def test_too_deep(self) -> None:
        deep: Any = {}
        for _ in range(2_000):
            deep = {"a": deep}
        with pytest.raises(BadRequest, match="nested deeper"):
            read_request({"model": "m", "input": "x", "metadata": deep}, strict_tools=False)

    def test_what_codex_always_sends_is_taken(self) -> None:
        _chat(
            store=False,
            include=["reasoning.encrypted_content"],
            background=False,
            truncation="auto",
            service_tier="auto",
            metadata=None,
        )
