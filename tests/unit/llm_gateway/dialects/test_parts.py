"""Parts of an answer: in turn, and the same wherever the chunks are cut."""

import json

import pytest
from hypothesis import given

from services.llm_gateway.dialects.deltas import Delta, ToolDelta, read_answer, read_chunk
from services.llm_gateway.dialects.parts import Part, PartEvent, Parts
from tests.unit.llm_gateway.dialects.answers import Answer, streamed


def _run(deltas: list[Delta]) -> list[PartEvent]:
    parts = Parts()
    events = [event for delta in deltas for event in parts.take(delta)]
    return [*events, *parts.finish()]


def _result(events: list[PartEvent]) -> list[tuple[str, str, str, str]]:
    """Each part by its events alone; fails if one begins before another has ended."""
    found: list[tuple[str, str, str, str]] = []
    current: Part | None = None
    text = ""
    for event in events:
        if event.what == "opened":
            assert current is None
            current, text = event.part, ""
        assert event.part is current
        text += event.piece
        if event.what == "closed":
            found.append((event.part.kind, event.part.id, event.part.name, text))
            assert text == event.part.text
            current = None
    assert current is None
    return found


def _expected(answer: Answer) -> list[tuple[str, str, str, str]]:
    found = [("reasoning", "", "", answer.reasoning), ("text", "", "", answer.text)]
    calls = [("tool", f"call_{i}", *call) for i, call in enumerate(answer.calls)]
    return [part for part in found if part[3]] + calls


class TestTake:
    @given(streamed())
    def test_the_cuts_do_not_matter(self, case: tuple[Answer, list[bytes]]) -> None:
        answer, chunks = case
        assert _result(_run([read_chunk(chunk) for chunk in chunks])) == _expected(answer)
        assert _result(_run([read_answer(answer.whole())])) == _expected(answer)

    @given(streamed(mixed=True))
    def test_mixed_calls_come_in_turn(self, case: tuple[Answer, list[bytes]]) -> None:
        answer, chunks = case
        result = _result(_run([read_chunk(chunk) for chunk in chunks]))
        assert sorted(result) == sorted(_expected(answer))

    def test_a_call_is_given_as_soon_as_the_next_one_begins(self) -> None:
        parts = Parts()
        first = ToolDelta(0, "a", "read", '{"x": 1}')
        assert [e.what for e in parts.take(Delta(tools=(first,)))] == ["opened", "grown"]
        second = ToolDelta(1, "b", "read")
        assert [e.what for e in parts.take(Delta(tools=(second,)))] == ["closed", "opened"]

    def test_broken_arguments_are_kept_open_until_the_end(self) -> None:
        pieces = [
            Delta(tools=(ToolDelta(0, "a", "read", '{"x": '),)),
            Delta(tools=(ToolDelta(1, "b", "write", "{}"),)),
            Delta(tools=(ToolDelta(0, arguments="oops"),)),
        ]
        assert _result(_run(pieces)) == [
            ("tool", "a", "read", '{"x": oops'),
            ("tool", "b", "write", "{}"),
        ]

    def test_calls_that_all_have_the_number_0(self) -> None:
        pieces = [Delta(tools=(ToolDelta(0, key, "read", "{}"),)) for key in ("a", "b")]
        assert [part[1] for part in _result(_run(pieces))] == ["a", "b"]

    def test_no_arguments_are_an_empty_object(self) -> None:
        assert _result(_run([Delta(tools=(ToolDelta(0, "a", "now"),))])) == [
            ("tool", "a", "now", "{}")
        ]

    def test_the_name_may_come_after_the_id(self) -> None:
        pieces = [
            Delta(tools=(ToolDelta(0, "a"),)),
            Delta(tools=(ToolDelta(0, name="read", arguments="{}"),)),
        ]
        assert _result(_run(pieces)) == [("tool", "a", "read", "{}")]


class TestReadAnswer:
    @pytest.mark.parametrize(
        "content", ["hi", [{"type": "text", "text": "h"}, {"type": "text", "text": "i"}]]
    )
    def test_content(self, content: object) -> None:
        message = {"content": content, "tool_calls": None}
        data = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
        assert read_answer(data) == Delta(text="hi", finish="stop")

    def test_arguments_as_an_object(self) -> None:
        call = {"id": "a", "function": {"name": "f", "arguments": {"x": 1}}}
        data = json.dumps({"choices": [{"message": {"tool_calls": [call]}}]}).encode()
        assert read_answer(data).tools == (ToolDelta(0, "a", "f", '{"x":1}'),)

    @pytest.mark.parametrize(
        "usage",
        [
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}},
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4.0}},
        ],
    )
    def test_cached_tokens(self, usage: dict[str, object]) -> None:
        found = read_chunk(json.dumps({"choices": [], "usage": usage}).encode()).usage
        assert found is not None
        assert (found.input_tokens, found.cached_tokens, found.output_tokens) == (9, 4, 0)
