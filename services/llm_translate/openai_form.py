"""Writes OpenAI's answers and chunks from what LiteLLM makes of a provider's."""

import time
from typing import Any, cast
from uuid import uuid4

import orjson

from services.llm_translate.call import Call, JsonDict

DONE = b"data: [DONE]\n\n"

_FINISHES = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
_SAID_TWICE = ("thinking_blocks", "reasoning_content", "citations")


def new_id() -> str:
    return f"chatcmpl-{uuid4().hex}"


def completion(response: Any, call: Call) -> JsonDict:
    """A whole answer. `response` is LiteLLM's ModelResponse."""
    usage = getattr(response, "usage", None)
    return {
        "id": str(response.id or new_id()),
        "object": "chat.completion",
        "created": int(response.created or time.time()),
        "model": call.name,
        "choices": [_choice(choice, place) for place, choice in enumerate(response.choices)],
        **({} if usage is None else {"usage": plain(usage)}),
    }


def answer_of_text(call: Call, text: str, *, finish: str, usage: JsonDict) -> JsonDict:
    """A whole answer that is one text and nothing else."""
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return {
        "id": new_id(),
        "object": "chat.completion",
        "created": int(time.time()),
        "model": call.name,
        "choices": [choice],
        "usage": usage,
    }


def error_event(message: str, *, code: str, kind: str = "server_error") -> bytes:
    """What a stream ends with in place of its end mark."""
    text = message.encode(errors="replace").decode()
    error = {"message": text, "type": kind, "param": None, "code": code}
    return b"data: " + orjson.dumps({"error": error}) + b"\n\n"


def plain(value: Any) -> JsonDict:
    """A pydantic object of LiteLLM's as JSON has it, without what it does not say."""
    return cast("JsonDict", value.model_dump(exclude_none=True))


def finish_reason(found: Any) -> str | None:
    """One of those that OpenAI knows."""
    if not found:
        return None
    return found if found in _FINISHES else "stop"


def _choice(choice: Any, place: int) -> JsonDict:
    message = _without_doubles(plain(choice.message))
    for number, tool in enumerate(message.get("tool_calls") or ()):
        tool.pop("index", None)
        tool["id"] = tool.get("id") or f"call_{uuid4().hex}_{number}"
        tool.setdefault("type", "function")
    if not message.get("tool_calls"):
        message.pop("tool_calls", None)
    logprobs = getattr(choice, "logprobs", None)
    return {
        "index": place if choice.index is None else choice.index,
        "message": {"content": None, "refusal": None, **message, "role": "assistant"},
        "logprobs": plain(logprobs) if hasattr(logprobs, "model_dump") else None,
        "finish_reason": finish_reason(choice.finish_reason) or "stop",
    }


def _without_doubles(fields: JsonDict) -> JsonDict:
    """Without what LiteLLM says a second time, or says empty."""
    extra = fields.pop("provider_specific_fields", None)
    if isinstance(extra, dict):
        given = {
            name: value
            for name, value in cast("JsonDict", extra).items()
            if value not in (None, [], {}) and (name not in fields or name not in _SAID_TWICE)
        }
        if given:
            fields["provider_specific_fields"] = given
    for name in ("images", "annotations", "thinking_blocks"):
        if fields.get(name) == []:
            del fields[name]
    return fields


class ChunkWriter:
    """One stream's chunks, each a whole event. A text costs one concatenation."""

    def __init__(self, call: Call) -> None:
        self._wants_usage = call.wants_usage
        head = {
            "id": new_id(),
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": call.name,
        }
        self._head = b"data: " + orjson.dumps(head)[:-1] + b',"choices":['
        self._before_text = self._head + b'{"index":0,"delta":{"content":'
        self._calls = 0
        self._begun: set[int] = set()
        self.usage: JsonDict | None = None
        self.finished: set[int] = set()

    def text(self, text: str) -> bytes:
        """A piece of the first choice's text."""
        return b'%b%b},"logprobs":null,"finish_reason":null}]}\n\n' % (
            self._before_text if 0 in self._begun else self._first(),
            orjson.dumps(text),
        )

    def of(self, chunk: Any, *, whole_calls: bool = False) -> bytes:
        """What a ModelResponseStream says; b"" if it says nothing.

        `whole_calls`: its tool calls are whole and not numbered over the stream.
        """
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self.usage = plain(usage)
        return b"".join(
            self._choice(choice, whole_calls=whole_calls) for choice in chunk.choices or ()
        )

    def end(self) -> bytes:
        """What comes after a stream that ended well."""
        if self._wants_usage and self.usage is not None:
            return self._head + b'],"usage":' + orjson.dumps(self.usage) + b"}\n\n" + DONE
        return DONE

    def _first(self) -> bytes:
        self._begun.add(0)
        return self._head + b'{"index":0,"delta":{"role":"assistant","content":'

    def _choice(self, choice: Any, *, whole_calls: bool) -> bytes:
        index = int(choice.index or 0)
        delta = _without_doubles(plain(choice.delta))
        delta.pop("role", None)
        if not delta.get("content"):
            delta.pop("content", None)
        for tool in delta.get("tool_calls") or ():
            self._complete_call(tool, whole=whole_calls)
        finish = finish_reason(choice.finish_reason)
        if finish is not None:
            self.finished.add(index)
        if not delta and finish is None:
            return b""
        if index not in self._begun:
            self._begun.add(index)
            delta = {"role": "assistant", "content": None, **delta}
        logprobs = getattr(choice, "logprobs", None)
        said = {
            "index": index,
            "delta": delta,
            "logprobs": plain(logprobs) if hasattr(logprobs, "model_dump") else None,
            "finish_reason": finish,
        }
        return self._head + orjson.dumps(said) + b"]}\n\n"

    def _complete_call(self, tool: JsonDict, *, whole: bool) -> None:
        if whole:
            tool["index"] = self._calls
            tool["id"] = tool.get("id") or f"call_{uuid4().hex}"
            self._calls += 1
