"""From the chunks of a chat completion to a response and its events."""

from typing import Any

from hypothesis import given, settings

from services.llm_gateway.dialects.deltas import Delta, ToolDelta, read_answer, read_chunk
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.responses.composer import Composer
from services.llm_gateway.responses.request import read_request
from tests.unit.llm_gateway.dialects.answers import Answer, streamed

TOOLS: list[dict[str, Any]] = [
    {"type": "function", "name": "read", "parameters": {}},
    {"type": "custom", "name": "apply_patch"},
]


def _composer() -> Composer:
    request = read_request({"model": "m", "input": "hi", "tools": TOOLS}, strict_tools=False)
    return Composer(request, {"messages": []}, stored=False)


def _events(composer: Composer, deltas: list[Delta]) -> list[dict[str, Any]]:
    events = [event for delta in deltas for event in composer.take(delta)]
    return [*events, *composer.finish(), composer.last_event()]


def _comparable(output: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: item[name] for name in item if name != "id"} for item in output]


def _replayed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The output as a client builds it that reads nothing but the deltas."""
    items: list[dict[str, Any]] = []
    for event in events:
        kind = event["type"].removeprefix("response.")
        if kind == "output_item.added":
            assert event["output_index"] == len(items)
            items.append({"id": event["item"]["id"], "text": "", "done": None})
        elif kind.endswith(".delta"):
            assert event["item_id"] == items[event["output_index"]]["id"]
            items[event["output_index"]]["text"] += event["delta"]
        elif kind == "output_item.done":
            items[event["output_index"]]["done"] = event["item"]
    return items


def _text(item: dict[str, Any]) -> str:
    if "content" in item:
        return "".join(part.get("text", "") for part in item["content"])
    return item["input"] if item["type"] == "custom_tool_call" else item["arguments"]


@given(streamed())
@settings(deadline=None)
def test_a_stream_says_the_same_as_an_answer_in_one_piece(case: tuple[Answer, list[bytes]]) -> None:
    answer, chunks = case
    whole = _composer()
    _events(whole, [read_answer(answer.whole())])
    composer = _composer()
    events = _events(composer, [read_chunk(chunk) for chunk in chunks])
    output = composer.response()["output"]
    assert _comparable(output) == _comparable(whole.response()["output"])
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    replayed = _replayed(events)
    assert [item["done"] for item in replayed] == output == events[-1]["response"]["output"]
    assert [item["text"] for item in replayed] == [_text(item) for item in output]


class TestTake:
    def test_items(self) -> None:
        composer = _composer()
        calls = (
            ToolDelta(0, "call_a", "read", '{"p": 1}'),
            ToolDelta(1, "call_b", "apply_patch", '{"input": "*** x"}'),
        )
        _events(composer, [Delta(reasoning="hm", text="yes", tools=calls, finish="tool_calls")])
        thought, message, call, patch = composer.response()["output"]
        assert thought["content"] == [{"type": "reasoning_text", "text": "hm"}]
        assert message["content"][0]["text"] == "yes"
        assert (call["type"], call["call_id"], call["arguments"]) == (
            "function_call",
            "call_a",
            '{"p": 1}',
        )
        assert (patch["type"], patch["call_id"], patch["input"]) == (
            "custom_tool_call",
            "call_b",
            "*** x",
        )

    def test_a_refusal(self) -> None:
        composer = _composer()
        events = _events(composer, [Delta(refusal="no")])
        (item,) = composer.response()["output"]
        assert item["content"] == [{"type": "refusal", "refusal": "no"}]
        assert "response.refusal.done" in {event["type"] for event in events}

    def test_nothing_is_an_empty_message(self) -> None:
        composer = _composer()
        _events(composer, [Delta(finish="stop")])
        (item,) = composer.response()["output"]
        assert (item["type"], item["content"][0]["text"]) == ("message", "")

    def test_a_cut_answer_is_incomplete(self) -> None:
        composer = _composer()
        events = _events(composer, [Delta(text="and th", finish="length")])
        response = composer.response()
        assert events[-1]["type"] == "response.incomplete"
        assert response["incomplete_details"] == {"reason": "max_output_tokens"}
        assert [item["status"] for item in response["output"]] == ["incomplete"]

    def test_usage_is_estimated_where_none_is_given(self) -> None:
        composer = _composer()
        _events(composer, [Delta(text="12345678")])
        assert composer.response()["usage"]["output_tokens"] == 2


class TestFail:
    def test_in_the_middle(self) -> None:
        composer = _composer()
        list(composer.take(Delta(text="a")))
        (event,) = composer.fail(UpstreamError("p", 429, "slow down"))
        assert event["type"] == "response.failed"
        assert event["response"]["status"] == "failed"
        assert event["response"]["error"]["code"] == "rate_limit_exceeded"
