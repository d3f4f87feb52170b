"""Streams of chunks, cut anywhere."""

from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.auth import Principal
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.front.relay import NOTABLE, Relay, may_be_notable
from services.llm_gateway.limits.meter import Caller, Meter

_USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}}


def chunk(text: str | None, **more: object) -> bytes:
    choices = [] if text is None else [{"index": 0, "delta": {"content": text}}]
    return b"data: " + orjson.dumps({"id": "c", "choices": choices, **more}) + b"\n\n"


def relay(*, wants_usage: bool = False) -> tuple[Relay, Meter]:
    caller = Caller(Principal(kind="admin", name="admin"))
    meter = Meter(UUID(int=1), "step", caller, "chat")
    return Relay("p", meter, wants_usage=wants_usage), meter


WHOLE = chunk("Hä") + b": wait\n\n" + chunk(' "usage": {x} [DONE] \n') + chunk("", usage=None)
END = chunk(None, usage=_USAGE) + b"data: [DONE]\n\n"


class TestTake:
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
    @pytest.mark.parametrize("wants_usage", [False, True])
    @pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
    def test_pieces_of_any_size(self, size: int, newline: bytes, *, wants_usage: bool) -> None:
        found, meter = relay(wants_usage=wants_usage)
        data = (WHOLE + END).replace(b"\n", newline)
        out = b"".join(found.take(data[i : i + size]) for i in range(0, len(data), size))
        expected = WHOLE + (chunk(None, usage=_USAGE) if wants_usage else b"")
        assert out == expected.replace(b"\n", newline)
        assert found.ended
        assert (meter.reported, meter.input_tokens, meter.output_tokens) == (True, 3, 2)
        assert meter.cached_tokens == 1

    def test_the_ends_of_all_choices_are_noted(self) -> None:
        found, meter = relay()
        ends: list[dict[str, object]] = [
            {"index": place, "delta": {}, "finish_reason": reason}
            for place, reason in enumerate(("stop", "length", None))
        ]
        found.take(WHOLE + chunk('"finish_reason": "no end"'))
        found.take(b"data: " + orjson.dumps({"id": "c", "choices": ends}) + b"\n\n" + END)
        assert meter.finish_reasons == ["stop", "length"]

    def test_characters_are_counted_without_a_usage(self) -> None:
        found, meter = relay()
        for text in ("one", "", "three"):
            found.take(chunk(text))
        meter.count_rest()
        assert meter.output_characters >= len("onethree")
        before = meter.output_characters
        meter.count_rest()
        assert meter.output_characters == before
        assert not meter.reported

    def test_a_usage_that_can_not_be_read_is_no_report(self) -> None:
        for usage in ({}, {"prompt_tokens": "x"}, {"prompt_tokens": -1, "completion_tokens": 1}):
            found, meter = relay(wants_usage=True)
            found.take(chunk("a") + chunk("b", usage=usage))
            assert not meter.reported

    def test_comments_do_not_begin_an_answer(self) -> None:
        found, _ = relay()
        assert found.take(b": processing\n\n") == b""
        assert not found.begun

    @pytest.mark.parametrize(("code", "status"), [(429, 429), ("rate_limited", 0), (None, 0)])
    def test_an_error_in_place_of_a_chunk(self, code: object, status: int) -> None:
        found, _ = relay()
        found.take(b"data: " + orjson.dumps({"error": {"message": "no", "code": code}}) + b"\n\n")
        assert found.failure is not None
        assert (found.failure.provider_status, found.failure.message) == (status, "no")
        assert not found.begun

    def test_an_error_after_chunks_ends_what_is_passed_on(self) -> None:
        found, _ = relay()
        failure = b'data: {"error": {"message": "late"}}\n\n'
        assert found.take(chunk("a") + failure + chunk("b")) == chunk("a")
        assert found.failure is not None

    @pytest.mark.parametrize("data", [b"data: {\n\n", b"data: [1]\n\n", b"data: null\n\n"])
    def test_what_is_no_chunk(self, data: bytes) -> None:
        found, _ = relay()
        with pytest.raises(UpstreamError):
            found.take(data)

    def test_an_endless_event(self) -> None:
        found, _ = relay()
        found.take(b"x" * 16 * 1024 * 1024)
        with pytest.raises(UpstreamError):
            found.take(b"x")


class TestNotable:
    """The quick look lets nothing by that the pattern would find."""

    @given(
        st.lists(
            st.sampled_from(
                [
                    *(b'"usage"', b":", b" ", b"null", b"{", b"}", b'"error"', b"[DONE]", b","),
                    *(b'"usage":null', b'\\"usage\\":{', b"data: ", b"\n\n", b'"x"'),
                    *(b'"finish_reason"', b'"finish_reason":null', b'"stop"'),
                ]
            ),
            max_size=12,
        )
    )
    def test_against_the_pattern(self, parts: list[bytes]) -> None:
        block = b"".join(parts)
        if NOTABLE.search(block):
            assert may_be_notable(block)

    def test_most_blocks_need_no_pattern(self) -> None:
        assert not may_be_notable(chunk("a") + chunk("b", usage=None))
        assert may_be_notable(chunk("a") + chunk(None, usage=_USAGE))

    def test_a_long_stream_is_counted_in_between(self) -> None:
        found, meter = relay()
        for _ in range(1_000):
            found.take(chunk("x" * 100))
        assert meter.output_characters > 60_000
        meter.count_rest()
        assert meter.output_characters == 1_000 * 101
