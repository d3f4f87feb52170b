"""Completions as streams, streams as completions, and which of either may be kept."""

from typing import Any

import orjson
import pytest

from services.llm_gateway.cache.forms import (
    as_chunks,
    as_completion,
    is_whole,
    is_whole_stream,
)

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
HEAD = {"id": "c-1", "created": 17, "model": "m"}


def completion(*reasons: str | None, **message: Any) -> dict[str, Any]:
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": f"answer {index}", **message},
            "logprobs": None,
            "finish_reason": reason,
        }
        for index, reason in enumerate(reasons)
    ]
    return {**HEAD, "object": "chat.completion", "choices": choices, "usage": USAGE}


def chunk(delta: dict[str, Any], reason: str | None = None, index: int = 0) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": reason}
    return {**HEAD, "object": "chat.completion.chunk", "choices": [choice]}


class TestIsWhole:
    def test_stop(self) -> None:
        assert is_whole(completion("stop"))
        assert is_whole(completion("stop", "stop"))

    @pytest.mark.parametrize("reason", ["length", "content_filter", "tool_calls", None, "other"])
    def test_any_other_end_is_not(self, reason: str | None) -> None:
        assert not is_whole(completion("stop", reason))

    def test_calls_of_tools_and_broken_shapes_are_not(self) -> None:
        assert not is_whole(completion("stop", tool_calls=[{"id": "1"}]))
        assert not is_whole(completion("stop", function_call={"name": "f"}))
        for odd in ({}, {"choices": []}, {"choices": None}, {"choices": [1]}, {"choices": "x"}):
            assert not is_whole(odd)


class TestIsWholeStream:
    def test_every_choice_has_to_stop(self) -> None:
        assert is_whole_stream([chunk({"content": "a"}), chunk({}, "stop")])
        assert not is_whole_stream([chunk({"content": "a"})])
        assert not is_whole_stream([chunk({}, "stop"), chunk({"content": "b"}, index=1)])
        assert not is_whole_stream([chunk({}, "length")])
        assert not is_whole_stream([chunk({"tool_calls": [{"index": 0}]}), chunk({}, "stop")])
        assert not is_whole_stream([])


class TestBothWays:
    @pytest.mark.parametrize("number", [1, 3])
    def test_a_completion_comes_back_as_it_was(self, number: int) -> None:
        given = completion(*["stop"] * number, refusal=None)
        chunks = [orjson.loads(piece) for piece in as_chunks(given)]
        assert is_whole_stream(chunks)
        assert all(piece["object"] == "chat.completion.chunk" for piece in chunks)
        assert as_completion(chunks) == given

    def test_pieces_are_joined_in_order(self) -> None:
        chunks = [
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "ein "}),
            chunk({"reasoning_content": "hm"}),
            chunk({"content": "Ölfaß 🙂"}),
            chunk({}, "stop"),
            {**HEAD, "choices": [], "usage": USAGE},
        ]
        found = as_completion(chunks)
        assert found is not None
        message = found["choices"][0]["message"]
        assert (message["content"], message["reasoning_content"]) == ("ein Ölfaß 🙂", "hm")
        assert (found["usage"], found["id"]) == (USAGE, "c-1")

    @pytest.mark.parametrize(
        "odd",
        [
            chunk({"audio": {"data": "x"}}),
            chunk({"content": ["x"]}),
            {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": []}, "x": 1}]},
            {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [1]}}]},
        ],
    )
    def test_what_can_not_be_joined_for_sure_is_not(self, odd: dict[str, Any]) -> None:
        assert as_completion([chunk({"content": "a"}), odd, chunk({}, "stop")]) is None
