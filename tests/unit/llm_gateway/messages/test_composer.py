"""From the chunks of a chat completion to a message and its events."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from services.llm_gateway.dialects.deltas import Delta, ToolDelta, Usage, read_answer, read_chunk
from services.llm_gateway.dialects.names import short_name
from services.llm_gateway.messages.composer import Composer
from services.llm_gateway.messages.request import read_request
from tests.unit.llm_gateway.dialects.answers import Answer, streamed


def _composer(**body: Any) -> Composer:
    whole = {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
        **body,
    }
    request = read_request(whole, strict_tools=False)
    return Composer(request, {"messages": whole["messages"]})


def _events(composer: Composer, deltas: list[Delta]) -> list[dict[str, Any]]:
    events = [event for delta in deltas for event in composer.take(delta)]
    return [*events, *composer.finish()]


def _message(deltas: list[Delta], **body: Any) -> dict[str, Any]:
    composer = _composer(**body)
    _events(composer, deltas)
    return composer.message()


def _replayed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The content as a client builds it out of the events alone."""
    blocks: list[dict[str, Any]] = []
    is_open = False
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert not is_open
                assert event["index"] == len(blocks)
                is_open = True
                blocks.append({**event["content_block"], "json": ""})
            case "content_block_delta":
                assert is_open
                assert event["index"] == len(blocks) - 1
                delta = event["delta"]
                blocks[-1]["json"] += delta.get("partial_json", "")
                if delta["type"] == "text_delta":
                    blocks[-1]["text"] += delta["text"]
            case "content_block_stop":
                is_open = False
                text = blocks[-1].pop("json")
                if blocks[-1]["type"] == "tool_use":
                    blocks[-1]["input"] = json.loads(text)
            case _:
                continue
    assert not is_open
    return blocks


@given(streamed())
@settings(deadline=None)
def test_a_stream_says_the_same_as_an_answer_in_one_piece(case: tuple[Answer, list[bytes]]) -> None:
    answer, chunks = case
    whole = _message([read_answer(answer.whole())])
    composer = _composer()
    events = _events(composer, [read_chunk(chunk) for chunk in chunks])
    message = composer.message()
    assert {**message, "id": ""} == {**whole, "id": ""}
    assert _replayed(events) == message["content"]
    assert [event["type"] for event in events[:2]] == ["message_start", "ping"]
    *_, delta, stop = events
    assert stop == {"type": "message_stop"}
    assert (delta["delta"]["stop_reason"], delta["usage"]) == (
        message["stop_reason"],
        message["usage"],
    )


class TestMessage:
    @pytest.mark.parametrize(
        ("delta", "reason"),
        [
            (Delta(text="a", finish="stop"), "end_turn"),
            (Delta(text="a", finish="length"), "max_tokens"),
            (Delta(text="a", finish="content_filter"), "refusal"),
            (Delta(text="a"), "end_turn"),
            (Delta(tools=(ToolDelta(0, "t", "f", "{}"),), finish="tool_calls"), "tool_use"),
            (Delta(tools=(ToolDelta(0, "t", "f", "{}"),), finish="stop"), "tool_use"),
            (Delta(tools=(ToolDelta(0, "t", "f", "{"),), finish="length"), "max_tokens"),
        ],
    )
    def test_stop_reason(self, delta: Delta, reason: str) -> None:
        assert _message([delta])["stop_reason"] == reason

    def test_a_stop_sequence_where_the_server_tells_it(self) -> None:
        message = _message([Delta(finish="stop", stopped_by="END")], stop_sequences=["END"])
        assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "END")
        message = _message([Delta(finish="stop", stopped_by="</s>")], stop_sequences=["END"])
        assert (message["stop_reason"], message["stop_sequence"]) == ("end_turn", None)

    def test_usage_counts_the_cache_apart(self) -> None:
        usage = Usage(100, 7, cached_tokens=60, cache_write_tokens=10)
        assert _message([Delta(text="a", usage=usage)])["usage"] == {
            "input_tokens": 30,
            "cache_creation_input_tokens": 10,
            "cache_read_input_tokens": 60,
            "output_tokens": 7,
        }

    def test_usage_is_estimated_where_none_is_given(self) -> None:
        usage = _message([Delta(text="12345678")])["usage"]
        assert (usage["input_tokens"], usage["output_tokens"]) == (5, 2)

    def test_thoughts_are_not_shown(self) -> None:
        message = _message([Delta(reasoning="hm"), Delta(text="a")])
        assert message["content"] == [{"type": "text", "text": "a"}]

    def test_a_tools_long_name_comes_back(self) -> None:
        name = "mcp__server__" + "n" * 80
        tool = {"name": name, "input_schema": {}}
        calls = (ToolDelta(0, "t", short_name(name), "{}"),)
        (block,) = _message([Delta(tools=calls)], tools=[tool])["content"]
        assert block["name"] == name

    def test_arguments_that_are_no_object(self) -> None:
        message = _message([Delta(tools=(ToolDelta(0, "t", "f", "oops"),))])
        assert message["content"][0]["input"] == {"_raw": "oops"}
