"""Passes a stream of Anthropic's events on, whole and unchanged, and reads what counts on the way."""

import re
from typing import Any, cast

import orjson

from services.llm_gateway.dialects.deltas import as_object
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.limits.meter import Meter
from services.llm_gateway.messages.errors import status_of
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.upstream.errors import message_of
from services.llm_gateway.upstream.events import EventSplitter, end_of_events, whole_events

_LONGEST_EVENT = 16 * 1024 * 1024
# The events that have to be looked at. In a text these quotes would be escaped.
_NOTABLE = re.compile(rb'"type"\s*:\s*"(?:message_(?:start|delta|stop)|error)"')
_TEXT = re.compile(rb'"(?:text|partial_json|thinking)"\s*:\s*"((?:[^"\\]++|\\.)*+)"')


class MessageRelay:
    """`begun` once message_start has come, `ended` once message_stop has.

    An error that the provider sends is kept as `failure`, after which nothing is passed on.
    """

    def __init__(self, slug: str, meter: Meter) -> None:
        self.slug = slug
        self._meter = meter
        self._rest = b""
        self._usage: JsonDict = {}
        self.begun = False
        self.ended = False
        self.failure: UpstreamError | None = None

    def take(self, piece: bytes) -> bytes:
        """The whole events among what has come. Raises UpstreamError for what is no such stream."""
        data = self._rest + piece
        end = end_of_events(data)
        block, self._rest = data[:end], data[end:]
        if len(self._rest) > _LONGEST_EVENT:
            raise UpstreamError(self.slug, 0, "an event of its stream is too long")
        if not block or self.ended or self.failure is not None:
            return b""
        if self.begun and _NOTABLE.search(block) is None:
            self._count(block)
            return block
        return b"".join(event for event in whole_events(block) if self._is_passed_on(event))

    def _is_passed_on(self, event: bytes) -> bool:
        if self.ended or self.failure is not None:
            return False
        data = EventSplitter().feed(event)
        if not data:
            return self.begun  # a comment; before the first event it would only begin the answer
        found = self._read(data[0])
        kind = found.get("type")
        if kind == "error":
            status = status_of(as_object(found.get("error")).get("type"))
            self.failure = UpstreamError(self.slug, status, message_of(data[0]))
            return False
        if not self.begun:
            if kind == "ping":
                return False
            if kind != "message_start":
                raise UpstreamError(self.slug, 0, "its stream does not begin with message_start")
            self.begun = True
        self._count(event)
        self._note(kind, found)
        return True

    def _note(self, kind: Any, event: JsonDict) -> None:
        if kind == "message_start":
            message = as_object(event.get("message"))
            self._meter.describe(message)
            self._add(message.get("usage"), final=False)
        elif kind == "message_delta":
            self._meter.describe(as_object(event.get("delta")))
            self._add(event.get("usage"), final=True)
        elif kind == "message_stop":
            self.ended = True

    def _add(self, usage: Any, *, final: bool) -> None:
        """The later counts are of the whole answer; those that they leave out still hold."""
        given = as_object(usage)
        self._usage |= {name: count for name, count in given.items() if count is not None}
        if not final or "output_tokens" in given:
            self._meter.report_message(self._usage, final=final)

    def _read(self, data: bytes) -> JsonDict:
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise UpstreamError(self.slug, 0, "its stream holds what is not JSON") from error
        if not isinstance(event, dict):
            raise UpstreamError(self.slug, 0, "its stream holds what is no JSON object")
        return cast("JsonDict", event)

    def _count(self, block: bytes) -> None:
        # One for each event: it is counted as an answer, even if it holds no text.
        self._meter.output_characters += block.count(b"data:")
        self._meter.output_characters += sum(map(len, _TEXT.findall(block)))
