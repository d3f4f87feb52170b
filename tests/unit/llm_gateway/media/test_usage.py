"""Usage at the end of answers of many shapes."""

import json
from typing import Any

import pytest

from services.llm_gateway.media.usage import UsageTail


def tokens(answer: Any, kind: str = "application/json", size: int = 1000) -> Any:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    tail = UsageTail(kind)
    for start in range(0, len(body), size):
        tail.take(body[start : start + size])
    return tail.tokens()


def used(entry: int, output: int = 0) -> dict[str, int]:
    return {"prompt_tokens": entry, "completion_tokens": output}


class TestTokens:
    def test_shapes(self) -> None:
        assert tokens({"usage": {"input_tokens": 3, "output_tokens": 9}}) == used(3, 9)
        assert tokens({"results": [], "usage": {"total_tokens": 7}}) == used(7)
        assert tokens({"meta": {"tokens": {"input_tokens": 5}}}) == used(5)
        assert tokens({"usage": {"type": "duration", "seconds": 3}}) is None
        assert tokens({"text": "x"}) is None

    def test_behind_a_long_picture(self) -> None:
        answer = {"data": [{"b64_json": "x" * 500_000}], "usage": {"input_tokens": 3}}
        assert tokens(answer) == used(3)
        assert tokens(answer, size=10**6) == used(3)

    def test_last_event_of_a_stream(self) -> None:
        stream = b'data: {"delta": "a"}\n\ndata: {"text": "a", "usage": {"input_tokens": 4}}\n\n'
        assert tokens(stream, "text/event-stream; charset=utf-8") == used(4)

    def test_a_text_that_speaks_of_usage_is_none(self) -> None:
        assert tokens({"text": '"usage": {"input_tokens": 9}'}) is None

    @pytest.mark.parametrize("odd", [-1, 2**60, True, "7", None, 1.5, [], {}])
    def test_odd_numbers(self, odd: Any) -> None:
        assert tokens({"usage": {"input_tokens": odd}}) is None

    def test_other_types_are_not_looked_at(self) -> None:
        assert tokens(b'"usage": {"input_tokens": 3}', "audio/mpeg") is None
