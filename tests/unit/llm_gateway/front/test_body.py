"""What is changed in a request's bytes, and what is not."""

from typing import Any

import orjson
import pytest

from services.kit.errors import BadRequest, Invalid
from services.llm_gateway.front.body import edited, read_object


class TestReadObject:
    @pytest.mark.parametrize(
        ("raw", "error"),
        [
            (b"{", BadRequest),
            (b"[1]", BadRequest),
            (b'{"a": NaN}', BadRequest),
            (b'{"a": "\\ud800"}', Invalid),
            (b'{"a": "\xff"}', BadRequest),
            (b"", BadRequest),
        ],
    )
    def test_hopeless_bodies(self, raw: bytes, error: type[Exception]) -> None:
        with pytest.raises(error):
            read_object(raw)

    def test_byte_order_mark(self) -> None:
        assert read_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


class TestEdited:
    def test_nothing_changed_is_the_same_bytes(self) -> None:
        raw = b'{ "model":"m",  "n": 1.50, "n":2 }'
        given = read_object(raw)
        assert edited(raw, given, {**given, "model": "m"}) is raw

    @pytest.mark.parametrize("colon", [b":", b": "])
    def test_another_model_and_a_new_field(self, colon: bytes) -> None:
        raw = b'{"model"' + colon + b'"groq/a", "x": 1e2, "t": "models"}'
        given = read_object(raw)
        found = edited(raw, given, {**given, "model": "a", "stream_options": {"i": True}})
        assert found == (
            b'{"stream_options":{"i":true},"model"' + colon + b'"a", "x": 1e2, "t": "models"}'
        )

    @pytest.mark.parametrize(
        "raw",
        [
            b'{"a": {"model": "x"}, "model": "x"}',
            b'{"model" : "x"}',
            b'{"mode\\u006c": "x"}',
            b'{"model": "\\u0078"}',
            b'{"model": "x", "model": "x"}',
        ],
    )
    def test_a_model_that_is_not_found_for_sure(self, raw: bytes) -> None:
        given = read_object(raw)
        wanted: dict[str, Any] = {**given, "model": "y"}
        assert orjson.loads(edited(raw, given, wanted)) == wanted

    def test_fields_changed_or_dropped(self) -> None:
        raw = b'{"model": "x", "stream_options": {"a": 1}, "seed": 1, "one": true}'
        given = read_object(raw)
        for wanted in (
            {**given, "stream_options": {"a": 1, "include_usage": True}},
            {name: value for name, value in given.items() if name != "seed"},
            {**given, "one": 1},
        ):
            assert orjson.dumps(wanted) == edited(raw, given, wanted)

    def test_empty_object(self) -> None:
        assert orjson.loads(edited(b" {} ", {}, {"model": "m"})) == {"model": "m"}
