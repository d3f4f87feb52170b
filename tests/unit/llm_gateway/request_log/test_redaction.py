"""No credential gets into the log, whatever it stands in."""

import contextlib
import json
import random
import time
from typing import Any

import pytest

from services.llm_gateway.request_log.assembly import assembled
from services.llm_gateway.request_log.redaction import MASK, Redactor, TooSlow
from tests.fixtures.scanner_corpus import provider_keys

KEY = "sk-nova-" + "aB3dE5gH7jK9mN1pQ2sT4vW6"


def redacted(value: Any, *fields: str) -> tuple[Any, int]:
    redactor = Redactor(fields, time.monotonic() + 5)
    return redactor.value(value), redactor.found


class TestValue:
    @pytest.mark.parametrize("text", provider_keys(random.Random(7)).items(), ids=lambda t: t[0])
    def test_every_shape_that_the_scanners_know(self, text: tuple[str, str]) -> None:
        found, number = redacted({"messages": [{"content": f"use {text[1]} please"}]})
        assert number >= 1
        assert MASK in found["messages"][0]["content"]

    @pytest.mark.parametrize("name", ["Authorization", "api_key", "PASSWORD", "x-api-key"])
    def test_named_fields_whatever_is_in_them(self, name: str) -> None:
        for value in ("hunter2", 7, {"a": "b"}, ["x"]):
            assert redacted({"a": {name: value}}) == ({"a": {name: MASK}}, 1)
        assert redacted({name: None}) == ({name: None}, 0)

    def test_fields_of_the_configuration(self) -> None:
        assert redacted({"Iban": "DE00", "b": 1}, "iban") == ({"Iban": MASK, "b": 1}, 1)

    def test_json_in_a_string(self) -> None:
        arguments = json.dumps({"password": "hunter2", "path": "/a"})
        found, number = redacted({"arguments": arguments})
        assert (json.loads(found["arguments"]), number) == ({"password": MASK, "path": "/a"}, 1)
        same = '{"path":   "/a"}'
        assert redacted(same) == (same, 0)
        assert redacted(f'{{"broken {KEY}') == (f'{{"broken {MASK}', 1)

    def test_in_names_of_fields_and_in_urls(self) -> None:
        assert redacted({KEY: 1}) == ({MASK: 1}, 1)
        url = "postgres://nova:s3cretpass@db/x"
        assert redacted(url) == (f"postgres://nova:{MASK}@db/x", 1)
        assert redacted(f"Authorization: Bearer {'z9' * 20}")[0] == f"Authorization: Bearer {MASK}"

    def test_what_is_none_stays(self) -> None:
        value = {"text": "Ölfaß 🙂 max_tokens", "max_tokens": 7, "n": None, "l": [1.5, True, ""]}
        assert redacted(value) == (value, 0)

    def test_deep_nesting_ends(self) -> None:
        value: Any = KEY
        for _ in range(900):
            value = [value]
        assert KEY not in json.dumps(redacted(value)[0])
        inner = KEY
        for _ in range(3):
            inner = json.dumps([inner])
        assert KEY not in redacted(inner)[0]

    def test_out_of_time_nothing_is_given(self) -> None:
        with pytest.raises(TooSlow):
            Redactor((), time.monotonic() - 1).value(KEY)

    def test_hostile_text_ends_in_time(self) -> None:
        hostile = "-----BEGIN PRIVATE KEY-----" * 40_000
        begun = time.process_time()
        with contextlib.suppress(TooSlow):
            redacted(hostile)
        assert time.process_time() - begun < 20


class TestAssembled:
    def test_a_key_in_pieces_is_seen_whole(self) -> None:
        events = [
            {"choices": [{"index": i, "delta": {"content": piece}}]}
            for piece in (KEY[:10], KEY[10:20], KEY[20:])
            for i in (0, 1)
        ]
        stream = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
        found = assembled(b": heartbeat\n\n" + stream + b"data: [DONE]\n\n")
        texts = {"choices[0].delta.content": KEY, "choices[1].delta.content": KEY}
        assert found == {"events": 6, "texts": texts}
        assert KEY not in json.dumps(redacted(found)[0])

    def test_other_dialects(self) -> None:
        events = [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "x", "text": "he"}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "x", "text": "llo"}},
            {"type": "content_block_delta", "index": 1, "delta": {"partial_json": '{"a"'}},
            {"type": "response.output_text.delta", "output_index": 0, "delta": "hey"},
            {"type": "end", "usage": {"output_tokens": 3}},
        ]
        stream = b"".join(b"data: " + json.dumps(event).encode() + b"\r\n\r\n" for event in events)
        found = assembled(stream)
        assert found["texts"] == {
            "[0].delta.text": "hello",
            "[1].delta.partial_json": '{"a"',
            "[0].delta": "hey",
        }
        assert found["usage"] == {"output_tokens": 3}

    @pytest.mark.parametrize("odd", [b"", b"data: {", b"data: 7\n\n", b"\xff\n", b"data:" * 1000])
    def test_odd_streams(self, odd: bytes) -> None:
        assert assembled(odd) == {"events": 0, "texts": {}}
