"""A stream of Anthropic's events, however it is cut into pieces."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.kit.auth import Principal
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.limits.meter import Caller, Meter
from services.llm_gateway.messages.relay import MessageRelay


def relay() -> tuple[MessageRelay, Meter]:
    meter = Meter(UUID(int=1), "step", Caller(Principal(kind="admin", name="test")), "chat")
    return MessageRelay("anthropic", meter), meter


def event(kind: str, end: str = "\n\n", **content: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}{end}".encode()


USAGE = {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 1}
START = event("message_start", message={"id": "msg_1", "model": "m", "usage": USAGE})
# It looks like events that count, and is a text.
TEXT = event("content_block_delta", delta={"text": '"type": "message_stop", "type": "error" é\n\n'})
DELTA = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9})
STOP = event("message_stop")
UNKNOWN = b": a comment\n\n" + event("made_up", nested={"type": "error"})
WHOLE = START + event("ping") + TEXT + UNKNOWN + DELTA + STOP


class TestTake:
    @pytest.mark.parametrize("size", [1, 7, 64, 10_000])
    def test_every_byte_passes(self, size: int) -> None:
        found, meter = relay()
        pieces = [WHOLE[start : start + size] for start in range(0, len(WHOLE), size)]
        assert b"".join(map(found.take, pieces)) == WHOLE
        assert (found.begun, found.ended, found.failure) == (True, True, None)
        assert (meter.reported, meter.input_tokens, meter.cached_tokens) == (True, 7, 4)
        assert (meter.output_tokens, meter.finish_reasons) == (9, ["end_turn"])

    def test_nothing_begins_the_answer_but_message_start(self) -> None:
        found, _ = relay()
        assert found.take(b": hello\n\n" + event("ping")) == b""
        assert not found.begun
        with pytest.raises(UpstreamError):
            found.take(TEXT)

    def test_before_the_last_counts_the_call_is_estimated(self) -> None:
        found, meter = relay()
        found.take(START + TEXT)
        meter.dispatched = True
        meter.settle_counts()
        assert (meter.reported, meter.input_tokens, meter.cached_tokens) == (False, 7, 4)
        assert meter.output_tokens > 0

    @pytest.mark.parametrize(
        ("kind", "status"), [("overloaded_error", 529), ("api_error", 500), ("new", 0), (None, 0)]
    )
    def test_an_error_is_kept_and_ends_what_passes(self, kind: str | None, status: int) -> None:
        found, _ = relay()
        failure = event("error", error={"type": kind, "message": "No."})
        assert found.take(START + failure + TEXT) == START
        assert found.failure is not None
        assert (found.failure.provider_status, found.failure.message) == (status, "No.")
        assert found.take(STOP) == b""
        assert not found.ended

    @pytest.mark.parametrize("data", ["{", "[1]", "null"])
    def test_what_is_no_event(self, data: str) -> None:
        found, _ = relay()
        with pytest.raises(UpstreamError):
            found.take(f"data: {data}\n\n".encode())

    @pytest.mark.parametrize("usage", [None, [], {}, {"input_tokens": "7"}, {"input_tokens": -1}])
    def test_usage_that_cannot_be_read_is_none(self, usage: Any) -> None:
        found, meter = relay()
        found.take(event("message_start", message={"usage": usage}) + DELTA + STOP)
        assert (found.ended, meter.reported) == (True, False)
