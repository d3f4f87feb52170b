"""From a request in Anthropic's form to a chat completion."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import BadRequest
from services.llm_gateway.messages.request import MessageRequest, read_request
from services.llm_gateway.providers.base import ProviderTraits
from tests.unit.llm_gateway.dialects.answers import ARGUMENTS
from tests.unit.llm_gateway.dialects.providers import LOCAL, OPENAI, OTHER

USER = {"role": "user", "content": "hi"}
TOOL = {"name": "read", "description": "Reads.", "input_schema": {"type": "object"}}
PICTURE = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
CACHED = {"cache_control": {"type": "ephemeral"}}


def _read(*, strict_tools: bool = False, **body: Any) -> MessageRequest:
    whole = {"model": "m", "max_tokens": 9, "messages": [USER], **body}
    return read_request(whole, strict_tools=strict_tools)


def _chat(provider: ProviderTraits = OTHER, **body: Any) -> dict[str, Any]:
    return _read(**body).chat_body(provider)


def _messages(*content: Any, **body: Any) -> list[dict[str, Any]]:
    """The chat messages of one user's message with those blocks."""
    return _chat(messages=[{"role": "user", "content": list(content)}], **body)["messages"]


def _refusal(**body: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        _chat(**body)
    return caught.value


class TestSystem:
    def test_a_text(self) -> None:
        assert _chat(system="S")["messages"][0] == {"role": "system", "content": "S"}

    def test_blocks_are_one_message_without_the_billing_line(self) -> None:
        blocks = [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1; cch=1a2b3;"},
            {"type": "text", "text": "A", **CACHED},
            {"type": "text", "text": "B", **CACHED},
        ]
        assert [m["content"] for m in _chat(system=blocks)["messages"]] == ["A\n\nB", "hi"]

    def test_something_else_is_refused(self) -> None:
        assert _refusal(system=[{"type": "image"}]).facts == {"param": "system[0]"}


class TestMessages:
    def test_pictures(self) -> None:
        url = {"type": "url", "url": "https://example.org/a.png"}
        (message,) = _messages(
            {"type": "text", "text": "look", **CACHED},
            {"type": "image", "source": PICTURE},
            {"type": "image", "source": url},
        )
        assert message["content"] == [
            {"type": "text", "text": "look"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        ]

    def test_results_stand_before_what_the_user_says(self) -> None:
        tool, user = _messages(
            {"type": "text", "text": "and now"},
            {"type": "tool_result", "tool_use_id": "t", "content": "done"},
        )
        assert tool == {"role": "tool", "tool_call_id": "t", "content": "done"}
        assert user == {"role": "user", "content": "and now"}

    def test_a_result_of_blocks_a_failed_one_and_an_empty_one(self) -> None:
        results = _messages(
            {
                "type": "tool_result",
                "tool_use_id": "1",
                "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            },
            {"type": "tool_result", "tool_use_id": "2", "content": "x", "is_error": True},
            {"type": "tool_result", "tool_use_id": "3"},
        )
        assert [result["content"] for result in results] == ["a\n\nb", "The tool failed.\n\nx", ""]

    def test_a_picture_in_a_result(self) -> None:
        block = {"type": "image", "source": PICTURE}
        tool, user = _messages({"type": "tool_result", "tool_use_id": "1", "content": [block]})
        assert tool["role"] == "tool"
        assert [part["type"] for part in user["content"]] == ["text", "image_url"]

    def test_a_turn_of_the_assistant(self) -> None:
        turn = [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "text", "text": "a"},
            {"type": "tool_use", "id": "1", "name": "read", "input": {"p": "ü"}},
            {"type": "tool_use", "id": "2", "name": "read", "input": {}},
        ]
        messages = _chat(messages=[USER, {"role": "assistant", "content": turn}])["messages"]
        assert messages[1]["content"] == "a"
        assert [
            (call["id"], json.loads(call["function"]["arguments"]))
            for call in messages[1]["tool_calls"]
        ] == [("1", {"p": "ü"}), ("2", {})]

    def test_a_turn_of_thoughts_alone_is_passed_over(self) -> None:
        turn = [{"type": "thinking", "thinking": "hm", "signature": "s"}]
        messages = _chat(messages=[USER, {"role": "assistant", "content": turn}])["messages"]
        assert [message["role"] for message in messages] == ["user"]

    def test_what_only_anthropics_server_can_read_is_passed_over(self) -> None:
        turn = [
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
            {"type": "text", "text": "found"},
        ]
        messages = _chat(messages=[USER, {"role": "assistant", "content": turn}])["messages"]
        assert messages[1] == {"role": "assistant", "content": "found"}

    def test_a_document_of_text(self) -> None:
        source = {"type": "text", "media_type": "text/plain", "data": "long"}
        (message,) = _messages({"type": "document", "title": "T", "source": source})
        assert message["content"] == "T\n\nlong"

    @given(st.lists(ARGUMENTS, min_size=1, max_size=4), st.text(min_size=1, max_size=20))
    def test_calls_keep_their_arguments(self, calls: list[dict[str, Any]], text: str) -> None:
        blocks = [
            {"type": "tool_use", "id": f"t{i}", "name": "read", "input": arguments}
            for i, arguments in enumerate(calls)
        ]
        turn = {"role": "assistant", "content": [{"type": "text", "text": text}, *blocks]}
        found = _chat(messages=[USER, turn])["messages"][1]
        assert found["content"] == text
        assert [json.loads(c["function"]["arguments"]) for c in found["tool_calls"]] == calls

    @pytest.mark.parametrize(
        ("block", "param"),
        [
            (
                {"type": "document", "source": {"type": "base64"}},
                "messages[0].content[0].source.type",
            ),
            ({"type": "image", "source": {"type": "file"}}, "messages[0].content[0].source.type"),
            ({"type": {"not": "hashable"}}, "messages[0].content[0].type"),
            ({"type": "container_upload"}, "messages[0].content[0].type"),
            ({}, "messages[0].content[0].type"),
        ],
    )
    def test_unsupported_content(self, block: dict[str, Any], param: str) -> None:
        error = _refusal(messages=[{"role": "user", "content": [block]}])
        assert (error.code, error.facts) == ("unsupported_content", {"param": param})


class TestTools:
    def test_functions(self) -> None:
        chat = _chat(tools=[{**TOOL, **CACHED}, {**TOOL, "type": "custom", "name": "b"}])
        assert chat["tools"][0] == {
            "type": "function",
            "function": {
                "name": "read",
                "description": "Reads.",
                "parameters": {"type": "object"},
            },
        }
        assert chat["tools"][1]["function"]["name"] == "b"

    def test_long_names(self) -> None:
        name = "mcp__server__" + "n" * 80
        use = {"type": "tool_use", "id": "1", "name": name, "input": {}}
        request = _read(
            tools=[{**TOOL, "name": name}],
            tool_choice={"type": "tool", "name": name},
            messages=[USER, {"role": "assistant", "content": [use]}],
        )
        chat = request.chat_body(OTHER)
        short = chat["tools"][0]["function"]["name"]
        assert len(short) == 64
        assert chat["tool_choice"]["function"]["name"] == short
        assert chat["messages"][1]["tool_calls"][0]["function"]["name"] == short
        assert request.names[short] == name

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"type": "auto"}, "auto"),
            ({"type": "any"}, "required"),
            ({"type": "none"}, "none"),
            ({"type": "tool", "name": "read"}, {"type": "function", "function": {"name": "read"}}),
        ],
    )
    def test_choice(self, given: Any, expected: Any) -> None:
        chat = _chat(tools=[TOOL], tool_choice=given | {"disable_parallel_tool_use": True})
        assert (chat["tool_choice"], chat["parallel_tool_calls"]) == (expected, False)

    def test_a_hosted_tool_that_is_only_offered_is_left_out(self) -> None:
        request = _read(tools=[TOOL, {"type": "web_search_20250305", "name": "web_search"}])
        assert (len(request.tools), request.left_out) == (1, ("web_search_20250305",))

    def test_one_alone_is_refused(self) -> None:
        error = _refusal(tools=[{"type": "web_search_20250305", "name": "web_search"}])
        assert (error.code, error.facts) == ("unsupported_tool", {"param": "tools[0]"})

    def test_all_are_refused_strictly(self) -> None:
        with pytest.raises(BadRequest):
            _read(strict_tools=True, tools=[TOOL, {"type": "bash_20250124", "name": "bash"}])


class TestParameters:
    def test_limits_and_sampling(self) -> None:
        given = {"temperature": 0.5, "top_p": 1, "top_k": 3, "stop_sequences": ["END"]}
        assert _chat(LOCAL, **given) == {
            "model": "m",
            "messages": [USER],
            "max_tokens": 9,
            "temperature": 0.5,
            "top_p": 1,
            "top_k": 3,
            "stop": ["END"],
        }
        assert "top_k" not in _chat(OPENAI, **given)
        reasoning = _read(**given).chat_body(OPENAI, model="gpt-5-mini")
        assert reasoning["max_completion_tokens"] == 9
        assert not {"max_tokens", "temperature", "top_p"} & reasoning.keys()

    def test_no_more_is_asked_for_than_the_model_can_write(self) -> None:
        request = _read(max_tokens=32_000)
        assert request.chat_body(OTHER, most_output=4_096)["max_tokens"] == 4_096
        assert request.chat_body(OTHER, most_output=64_000)["max_tokens"] == 32_000

    def test_structured_output(self) -> None:
        form = {"type": "json_schema", "schema": {"type": "object"}}
        new, old = _chat(output_config={"format": form}), _chat(output_format=form)
        assert new == old
        assert new["response_format"]["json_schema"]["schema"] == {"type": "object"}

    def test_what_only_anthropic_knows_is_passed_over(self) -> None:
        chat = _chat(
            metadata={"user_id": "user_1"},
            thinking={"type": "adaptive"},
            context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
            output_config={"effort": "high"},
            service_tier="auto",
        )
        assert chat.keys() == {"model", "messages", "max_tokens"}

    @pytest.mark.parametrize(
        "body",
        [
            {"model": None},
            {"messages": []},
            {"messages": "hi"},
            {"messages": [{"role": "user"}]},
            {"messages": [5]},
            {"messages": [{"role": "tool", "content": "x"}]},
            {"max_tokens": None},
            {"max_tokens": "9"},
            {"temperature": "hot"},
            {"tools": [{"name": "read"}]},
            {"tools": [{"input_schema": {}}]},
            {"tools": [TOOL], "tool_choice": {"type": "some"}},
            {"tools": [TOOL], "tool_choice": {"type": "tool"}},
            {"tools": [TOOL], "tool_choice": {"type": []}},
            {"tools": [{**TOOL, "type": []}]},
            {"messages": [{"role": "assistant", "content": [{"type": []}]}]},
            {"stop_sequences": [5]},
            {"mcp_servers": [{"url": "x"}]},
            {"output_format": {"type": "text"}},
        ],
    )
    def test_invalid(self, body: dict[str, Any]) -> None:
        error = _refusal(**body)
        assert error.status == 400
        assert error.facts is not None
        assert error.facts["param"]

    def test_counting_needs_no_limit(self) -> None:
        body = {"model": "m", "messages": [USER]}
        assert read_request(body, strict_tools=False, counting=True).max_tokens is None
