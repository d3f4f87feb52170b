"""Reading deliveries: JSON, GitHub's form, text, and what is none of them."""

from typing import Any

import pytest

from services.kit.errors import BadRequest, Invalid
from services.orchestrator.webhooks.payload import read_payload

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'{"a": 1}', JSON, {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', "Application/JSON; charset=utf-8", {"a": 1}),
        (b'{"a": 1}', "application/cloudevents+json", {"a": 1}),
        (b'{"a": 1}', "", {"a": 1}),
        (b"null", "text/plain", None),
        (b"a sentence, not JSON", "text/plain", "a sentence, not JSON"),
        (b"", "", ""),
        ("Grüße 😀".encode(), "text/plain", "Grüße 😀"),
        (b"payload=%7B%22a%22%3A+1%7D", FORM, {"a": 1}),
        (b"a=1&b=2", FORM, "a=1&b=2"),
        (b"payload=1&payload=2", FORM, "payload=1&payload=2"),
    ],
)
def test_what_is_read(body: bytes, content_type: str, expected: Any) -> None:
    assert read_payload(body, content_type=content_type) == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"{", JSON),
        (b'{"a": NaN}', JSON),
        (b"payload={", FORM),
        (b"\xff\xfe", "text/plain"),
        (b"\xff\xfe", JSON),
        (b"[" * 5000 + b"]" * 5000, JSON),
    ],
)
def test_what_is_not_what_it_says(body: bytes, content_type: str) -> None:
    with pytest.raises(BadRequest):
        read_payload(body, content_type=content_type)


@pytest.mark.parametrize("body", [b'{"a": "\\u0000"}', b"a\x00b", b"[" * 100 + b"]" * 100])
def test_what_can_not_be_stored(body: bytes) -> None:
    with pytest.raises(Invalid):
        read_payload(body, content_type="text/plain")
