"""Passes a provider's stream of chat chunks on in whole events, and reads on the way what counts."""

import re
from typing import Any, cast

import orjson

from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.limits.meter import Meter
from services.llm_gateway.providers.base import JsonDict
from services.llm_gateway.upstream.errors import message_of
from services.llm_gateway.upstream.events import (
    EventSplitter,
    end_of_events,
    end_of_first,
    whole_events,
)

_LONGEST_EVENT = 16 * 1024 * 1024
_DONE = b"[DONE]"
# What an event holds that has to be looked at. In a text these quotes would be escaped.
NOTABLE = re.compile(rb'"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|"error"\s*:|\[DONE\]')
_TEXT = re.compile(
    rb'"(?:content|arguments|reasoning_content|reasoning|refusal|text)"\s*:\s*"((?:[^"\\]++|\\.)*+)"'
)
_FIRST_ERROR, _LAST_ERROR = 400, 599
_MOST_UNCOUNTED = 32 * 1024


class Relay:
    """`begun` once a valid chunk has come, `ended` once the end mark has.

    The chunk that holds only the usage is dropped unless `wants_usage`.
    """

    def __init__(self, slug: str, meter: Meter, *, wants_usage: bool) -> None:
        self.slug = slug
        self._meter = meter
        meter.uncounted = self.count_rest
        self._uncounted: list[bytes] = []
        self._uncounted_size = 0
        self._wants_usage = wants_usage
        self._rest = b""
        self.begun = False
        self.ended = False
        self.failure: UpstreamError | None = None

    def take(self, piece: bytes) -> bytes:
        """The whole events among what has come, as they are to be passed on.

        Raises UpstreamError for what is no stream of chunks. An error that the provider sends is
        kept as `failure`, after which nothing is passed on.
        """
        data = self._rest + piece if self._rest else piece
        end = end_of_events(data)
        self._rest = data[end:]
        if len(self._rest) > _LONGEST_EVENT:
            raise UpstreamError(self.slug, 0, "an event of its stream is too long")
        block = data if end == len(data) else data[:end]
        if not block or self.ended or self.failure is not None:
            return b""
        head = b""
        if not self.begun:
            head, block = self._until_begun(block)
        notable = NOTABLE.search(block) if may_be_notable(block) else None
        if notable is None:
            self._count(block)
            return head + block if head else block
        # What stands before the first event that has to be looked at passes as it is.
        start = end_of_events(block[: notable.start()])
        self._count(block[:start])
        passed = b"".join(
            event for event in whole_events(block[start:]) if self._is_passed_on(event)
        )
        return head + block[:start] + passed

    def _until_begun(self, block: bytes) -> tuple[bytes, bytes]:
        """The events up to the first chunk, and the rest."""
        head = b""
        while block and not self.begun and not self.ended and self.failure is None:
            end = end_of_first(block)
            event, block = block[:end], block[end:]
            if self._is_passed_on(event):
                head += event
        return head, block

    def _is_passed_on(self, event: bytes) -> bool:
        if self.ended or self.failure is not None:
            return False
        data = EventSplitter().feed(event)
        if not data:
            return self.begun  # a comment; before the first chunk it would only begin the answer
        if data[0] == _DONE:
            self.ended = True
            return False
        chunk = self._read(data[0])
        choices = chunk.get("choices")
        if chunk.get("error") is not None and not choices:
            self.failure = _failure(self.slug, chunk, data[0])
            return False
        self._meter.describe(chunk)
        self.begun = True
        self._count(event)
        usage = chunk.get("usage")
        if not isinstance(usage, dict):
            return True
        self._meter.report(cast("JsonDict", usage))
        return bool(choices) or self._wants_usage

    def _read(self, data: bytes) -> JsonDict:
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise UpstreamError(self.slug, 0, "its stream holds what is not JSON") from error
        if not isinstance(chunk, dict):
            raise UpstreamError(self.slug, 0, "its stream holds what is no JSON object")
        return cast("JsonDict", chunk)

    def count_rest(self) -> None:
        """Count the characters of what was passed on. It is left until it is known to be needed:
        most providers say at the end how many tokens it was.
        """
        block, self._uncounted, self._uncounted_size = b"".join(self._uncounted), [], 0
        # One for each chunk: it is counted as an answer, even if it holds no text.
        self._meter.output_characters += block.count(b"data:")
        self._meter.output_characters += sum(map(len, _TEXT.findall(block)))

    def _count(self, block: bytes) -> None:
        if not block:
            return
        self._uncounted.append(block)
        self._uncounted_size += len(block)
        if self._uncounted_size > _MOST_UNCOUNTED:
            self.count_rest()


def may_be_notable(block: bytes) -> bool:
    """Most blocks are told apart at a tenth of the pattern's time; all that it finds are among
    these.
    """
    if b"[DONE]" in block or b'"error"' in block:
        return True
    # Most providers send null for both with each chunk but the last.
    return block.count(b'"usage"') != block.count(b'"usage":null') or (
        block.count(b'"finish_reason"') != block.count(b'"finish_reason":null')
    )


def _failure(slug: str, chunk: JsonDict, data: bytes) -> UpstreamError:
    """An error that came with status 200; some servers put the real one into its code."""
    error: Any = chunk["error"]
    code: Any = cast("JsonDict", error).get("code") if isinstance(error, dict) else None
    is_status = isinstance(code, int) and _FIRST_ERROR <= code <= _LAST_ERROR
    return UpstreamError(slug, code if is_status else 0, message_of(data))
