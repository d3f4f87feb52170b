"""Answers of a chat model, whole and cut into chunks anywhere."""

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(max_size=30)
ARGUMENTS = st.dictionaries(
    st.text(max_size=8), st.text(max_size=12) | st.integers(-(2**63), 2**63 - 1), max_size=3
)


@dataclass(frozen=True)
class Answer:
    """What a model says: thoughts, then text, then calls of tools with their arguments' JSON."""

    reasoning: str = ""
    text: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    finish: str = "stop"

    def whole(self) -> bytes:
        calls = [
            {
                "id": f"call_{place}",
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for place, (name, arguments) in enumerate(self.calls)
        ]
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None}
        if self.reasoning:
            message["reasoning_content"] = self.reasoning
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return json.dumps({"model": "m", "choices": [choice], "usage": USAGE}).encode()


USAGE = {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    names = draw(st.lists(st.sampled_from(["read", "write", "apply_patch"]), max_size=4))
    calls = [(name, json.dumps(draw(ARGUMENTS))) for name in names]
    return Answer(draw(TEXT), draw(TEXT), calls, draw(st.sampled_from(["stop", "length"])))


@st.composite
def streamed(draw: st.DrawFn, *, mixed: bool = False) -> tuple[Answer, list[bytes]]:
    """An answer, and its chunks; `mixed`: the pieces of its calls come in any order."""
    answer = draw(answers())
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in _cut(draw, answer.reasoning)]
    deltas += [{"content": piece} for piece in _cut(draw, answer.text)]
    waiting = [
        [_call(place, name), *(_more(place, piece) for piece in _cut(draw, arguments))]
        for place, (name, arguments) in enumerate(answer.calls)
    ]
    while waiting:
        place = draw(st.integers(0, len(waiting) - 1)) if mixed else 0
        deltas.append({"tool_calls": [waiting[place].pop(0)]})
        waiting = [calls for calls in waiting if calls]
    chunks = [_chunk(delta) for delta in deltas]
    chunks.append(_chunk({}, answer.finish))
    chunks.append(json.dumps({"model": "m", "choices": [], "usage": USAGE}).encode())
    return answer, chunks


def _cut(draw: st.DrawFn, text: str) -> list[str]:
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=5)))
    return [text[start:end] for start, end in zip([0, *places], [*places, None], strict=True)]


def _call(place: int, name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": ""}
    return {"index": place, "id": f"call_{place}", "type": "function", "function": function}


def _more(place: int, piece: str) -> dict[str, Any]:
    return {"index": place, "function": {"arguments": piece}}


def _chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({"model": "m", "choices": [choice], "usage": None}).encode()
