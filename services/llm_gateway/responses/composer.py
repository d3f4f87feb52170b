"""Composes a response, and the events of its stream, from the deltas of a chat completion."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from services.kit.errors import LimitExceeded, NovaError
from services.kit.ids import new_id
from services.llm_gateway.dialects.deltas import Delta, Usage
from services.llm_gateway.dialects.parts import Part, PartEvent, Parts
from services.llm_gateway.dialects.tokens import estimate_tokens, tokens_of
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.responses.rendering import Item, item_of
from services.llm_gateway.responses.request import ResponseRequest

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_BAD_REQUEST, _RATE_LIMITED = 400, 429


class Composer:
    """One response. Without a stream its events are thrown away: both come out the same."""

    def __init__(self, request: ResponseRequest, chat: JsonDict, *, stored: bool) -> None:
        self.id = f"resp_{new_id().hex}"
        self.stored = stored and request.store
        self.begun = False
        self._request = request
        self._chat = chat
        self._created = int(time.time())
        self._parts = Parts()
        self._items: list[tuple[Part, Item]] = []
        self._done: list[JsonDict] = []
        self._finish: str | None = None
        self._model = request.model
        self._usage: Usage | None = None
        self._number = 0

    def take(self, delta: Delta) -> Iterator[JsonDict]:
        """The events of what the delta adds; the first one of all begins the response."""
        yield from self._begin()
        self._model = delta.model or self._model
        self._finish = delta.finish or self._finish
        self._usage = delta.usage or self._usage
        yield from self._events(self._parts.take(delta))

    def finish(self) -> Iterator[JsonDict]:
        """The events that end the last items; `last_event` ends the response."""
        yield from self._begin()
        yield from self._events(self._parts.finish())
        if not self._items:
            # OpenAI's clients look for a message's text, if only an empty one.
            yield from self._events(iter(_empty_message()))

    def last_event(self) -> JsonDict:
        response = self.response()
        return self._numbered({"type": f"response.{response['status']}", "response": response})

    def fail(self, error: NovaError) -> Iterator[JsonDict]:
        yield from self._begin()
        failure = {"code": _code_of(error), "message": error.detail}
        failed = self._response("failed", error=failure)
        yield self._numbered({"type": "response.failed", "response": failed})

    def response(self) -> JsonDict:
        """The response at its end."""
        reason = _INCOMPLETE.get(self._finish or "")
        if reason is not None:
            return self._response("incomplete", incomplete_details={"reason": reason})
        return self._response("completed", completed_at=int(time.time()))

    def _begin(self) -> Iterator[JsonDict]:
        if not self.begun:
            self.begun = True
            for name in ("response.created", "response.in_progress"):
                response = self._response("in_progress")
                yield self._numbered({"type": name, "response": response})

    def _events(self, changes: Iterable[PartEvent]) -> Iterator[JsonDict]:
        for change in changes:
            for event in self._rendered(change):
                place = len(self._items) - 1
                yield self._numbered({"output_index": place, **event})

    def _rendered(self, change: PartEvent) -> Iterator[JsonDict]:
        if change.what == "opened":
            tool = self._request.tools.called(change.part.name)
            item = item_of(change.part, tool)
            self._items.append((change.part, item))
            added = _without_content(item.item("in_progress"))
            yield {"type": "response.output_item.added", "item": added}
            yield from item.opened()
            return
        item = self._items[-1][1]
        if change.what == "grown":
            yield from item.grown(change.piece)
            return
        yield from item.closed()
        done = item.item("completed" if self._is_whole(change.part) else "incomplete")
        self._done.append(done)
        yield {"type": "response.output_item.done", "item": done}

    def _is_whole(self, part: Part) -> bool:
        """All are, but the last one of an answer that was cut off."""
        return self._finish not in _INCOMPLETE or part is not (self._parts.all or [part])[-1]

    def _numbered(self, event: JsonDict) -> JsonDict:
        event["sequence_number"] = self._number
        self._number += 1
        return event

    def _response(self, status: str, **more: Any) -> JsonDict:
        response: JsonDict = {
            "id": self.id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": self._model,
            "output": list(self._done),
            "store": self.stored,
        }
        if status != "in_progress":
            response["usage"] = self._counted()
        return {**response, **self._request.repeated(), **more}

    def _counted(self) -> JsonDict:
        usage = self._usage or Usage(estimate_tokens(self._chat), tokens_of(self._parts.characters))
        return {
            "input_tokens": usage.input_tokens,
            "input_tokens_details": {
                "cached_tokens": usage.cached_tokens,
                "cache_write_tokens": usage.cache_write_tokens,
            },
            "output_tokens": usage.output_tokens,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
            "total_tokens": usage.input_tokens + usage.output_tokens,
        }


def _empty_message() -> list[PartEvent]:
    part = Part("text", opened=True)
    return [PartEvent("opened", part), PartEvent("closed", part)]


def _without_content(item: JsonDict) -> JsonDict:
    return {**item, "content": []} if "content" in item else item


def _code_of(error: NovaError) -> str:
    """One of the codes that OpenAI's document has."""
    status = error.provider_status if isinstance(error, UpstreamError) else error.status
    if status == _RATE_LIMITED or isinstance(error, LimitExceeded):
        return "rate_limit_exceeded"
    return "invalid_prompt" if status == _BAD_REQUEST else "server_error"
