"""What of an answer is kept, and how one that came whole is given as a stream, and the other way."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import orjson

from services.llm_gateway.providers.base import JsonDict

# Only what can be put together for sure; anything else in a delta, and the stream stays a stream.
_JOINED = frozenset({"content", "refusal", "reasoning", "reasoning_content"})
_HEAD = ("id", "created", "model", "service_tier", "system_fingerprint")


def is_whole(answer: JsonDict) -> bool:
    """Whether a completion may be kept: it ended by itself, and calls no tool.

    A call of a tool is an act: who asks again decides on it anew, and its id stays unique.
    """
    choices = _choices(answer)
    return bool(choices) and all(
        choice.get("finish_reason") == "stop" and not _calls(choice.get("message"))
        for choice in choices
    )


def is_whole_stream(chunks: Iterable[JsonDict]) -> bool:
    """The same of a stream's chunks, all of them."""
    begun: set[int] = set()
    ended: set[int] = set()
    for chunk in chunks:
        for choice in _choices(chunk):
            if _calls(choice.get("delta")):
                return False
            index = _index(choice)
            begun.add(index)
            reason = choice.get("finish_reason")
            if reason == "stop":
                ended.add(index)
            elif reason is not None:
                return False
    return bool(begun) and begun == ended


def as_chunks(answer: JsonDict) -> list[bytes]:
    """A completion as the chunks of a stream, the last one with its usage."""
    head = {name: answer[name] for name in _HEAD if name in answer}
    head["object"] = "chat.completion.chunk"
    chunks: list[JsonDict] = []
    for choice in _choices(answer):
        same: JsonDict = {"index": _index(choice)}
        if "logprobs" in choice:
            same["logprobs"] = choice["logprobs"]
        chunks.append(
            {**head, "choices": [{**same, "delta": _delta(choice), "finish_reason": None}]}
        )
        last: JsonDict = {
            "index": same["index"],
            "delta": {},
            "finish_reason": choice.get("finish_reason"),
        }
        chunks.append({**head, "choices": [last]})
    if answer.get("usage") is not None:
        chunks.append({**head, "choices": [], "usage": answer["usage"]})
    return [orjson.dumps(chunk) for chunk in chunks]


def as_completion(chunks: Sequence[JsonDict]) -> JsonDict | None:
    """A stream's chunks as one completion; None if they hold what can't be put together for sure."""
    answer: JsonDict = {"object": "chat.completion"}
    found: dict[int, JsonDict] = {}
    for chunk in chunks:
        for name in _HEAD:
            if chunk.get(name) is not None:
                answer.setdefault(name, chunk[name])
        if chunk.get("usage") is not None:
            answer["usage"] = chunk["usage"]
        for choice in _choices(chunk):
            if not _join(found, choice):
                return None
    answer["choices"] = [found[index] for index in sorted(found)]
    return answer


def _join(found: dict[int, JsonDict], choice: JsonDict) -> bool:
    index = _index(choice)
    if choice.get("logprobs") or set(choice) - {"index", "delta", "finish_reason", "logprobs"}:
        return False
    joined = found.setdefault(
        index,
        {
            "index": index,
            "message": {"role": "assistant", "content": None, "refusal": None},
            "logprobs": None,
            "finish_reason": None,
        },
    )
    if choice.get("finish_reason") is not None:
        joined["finish_reason"] = choice["finish_reason"]
    message = cast("JsonDict", joined["message"])
    for name, value in cast("JsonDict", choice.get("delta") or {}).items():
        if name == "role" or value is None:
            continue
        if name not in _JOINED or not isinstance(value, str):
            return False
        message[name] = (message.get(name) or "") + value
    return True


def _delta(choice: JsonDict) -> JsonDict:
    message = cast("JsonDict", choice.get("message") or {})
    return {name: value for name, value in message.items() if value is not None}


def _choices(answer: JsonDict) -> list[JsonDict]:
    choices: Any = answer.get("choices")
    if not isinstance(choices, list):
        return []
    return [
        cast("JsonDict", choice)
        for choice in cast("list[Any]", choices)
        if isinstance(choice, dict)
    ]


def _index(choice: JsonDict) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) else 0


def _calls(part: Any) -> bool:
    """Whether a message or delta calls a tool (or a function, as it was called before)."""
    if not isinstance(part, dict):
        return False
    given = cast("JsonDict", part)
    return bool(given.get("tool_calls") or given.get("function_call"))
