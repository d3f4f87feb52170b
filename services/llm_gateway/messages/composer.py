"""Composes a message, and the events of its stream, from the deltas of a chat completion."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import orjson

from services.kit.ids import new_id
from services.llm_gateway.dialects.deltas import Delta, Usage
from services.llm_gateway.dialects.parts import Part, PartEvent, Parts
from services.llm_gateway.dialects.tokens import estimate_tokens, tokens_of
from services.llm_gateway.messages.request import MessageRequest
from services.llm_gateway.providers.base import JsonDict

_STOP_REASONS = {"length": "max_tokens", "content_filter": "refusal"}


class Composer:
    """One message. Without a stream its events are thrown away: both come out the same.

    A model's thoughts are not shown: Anthropic's own API, which may get the conversation next, takes
    only those that it has signed.
    """

    def __init__(self, request: MessageRequest, chat: JsonDict) -> None:
        self.begun = False
        self._id = f"msg_{new_id().hex}"
        self._request = request
        self._chat = chat
        self._parts = Parts()
        self._content: list[JsonDict] = []
        self._finish: str | None = None
        self._stopped_by: str | None = None
        self._model = request.model
        self._usage: Usage | None = None

    def take(self, delta: Delta) -> Iterator[JsonDict]:
        """The events of what the delta adds; the first one of all begins the message."""
        self._model = delta.model or self._model
        self._finish = delta.finish or self._finish
        self._stopped_by = delta.stopped_by or self._stopped_by
        self._usage = delta.usage or self._usage
        yield from self._begin()
        yield from self._events(self._parts.take(delta))

    def finish(self) -> Iterator[JsonDict]:
        """The events that end the last block and the message."""
        yield from self._begin()
        yield from self._events(self._parts.finish())
        end = self._end()
        yield {"type": "message_delta", "delta": end, "usage": self._counted()}
        yield {"type": "message_stop"}

    def message(self) -> JsonDict:
        """The message at its end."""
        return self._message(content=self._content, usage=self._counted(), **self._end())

    def _begin(self) -> Iterator[JsonDict]:
        if not self.begun:
            self.begun = True
            usage = _usage(Usage(estimate_tokens(self._chat), 0))
            message = self._message(content=[], usage=usage, stop_reason=None, stop_sequence=None)
            yield {"type": "message_start", "message": message}
            yield {"type": "ping"}

    def _message(self, **more: Any) -> JsonDict:
        message: JsonDict = {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
        }
        return message | more

    def _events(self, changes: Iterable[PartEvent]) -> Iterator[JsonDict]:
        for change in changes:
            if change.part.kind != "reasoning":
                yield self._event(change)

    def _event(self, change: PartEvent) -> JsonDict:
        is_tool = change.part.kind == "tool"
        if change.what == "opened":
            block = self._tool_use(change.part) if is_tool else {"type": "text", "text": ""}
            self._content.append(block)
            # A copy: the one that is kept is filled in when it closes.
            return {
                "type": "content_block_start",
                "index": len(self._content) - 1,
                "content_block": dict(block),
            }
        place: JsonDict = {"index": len(self._content) - 1}
        if change.what == "grown":
            delta = (
                {"type": "input_json_delta", "partial_json": change.piece}
                if is_tool
                else {"type": "text_delta", "text": change.piece}
            )
            return {"type": "content_block_delta", **place, "delta": delta}
        text = change.part.text
        self._content[-1] |= {"input": _input(text)} if is_tool else {"text": text}
        return {"type": "content_block_stop", **place}

    def _tool_use(self, part: Part) -> JsonDict:
        name = self._request.names.get(part.name, part.name)
        call_id = part.id or f"toolu_{new_id().hex}"
        return {"type": "tool_use", "id": call_id, "name": name, "input": {}}

    def _end(self) -> JsonDict:
        if any(block["type"] == "tool_use" for block in self._content):
            reason = _STOP_REASONS.get(self._finish or "", "tool_use")
        else:
            reason = _STOP_REASONS.get(self._finish or "", "end_turn")
        stopped_by = self._stopped_by if self._stopped_by in self._request.stop_sequences else None
        if reason == "end_turn" and stopped_by is not None:
            reason = "stop_sequence"
        return {"stop_reason": reason, "stop_sequence": stopped_by}

    def _counted(self) -> JsonDict:
        if self._usage is not None:
            return _usage(self._usage)
        estimated = tokens_of(self._parts.characters)
        return _usage(Usage(estimate_tokens(self._chat), estimated))


def _input(text: str) -> JsonDict:
    """The arguments; what the model wrote that is no JSON object is shown to the tool as it is."""
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {"_raw": text}
    return cast("JsonDict", parsed) if isinstance(parsed, dict) else {"_raw": text}


def _usage(usage: Usage) -> JsonDict:
    """Anthropic counts what came from a cache, or went into one, beside the rest."""
    apart = usage.cached_tokens + usage.cache_write_tokens
    return {
        "input_tokens": max(0, usage.input_tokens - apart),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
    }
