"""Of a JSON body only what can't be held is refused, and nothing else is touched."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.errors import BadRequest, Invalid
from services.kit.json_body import check_json
from tests.fixtures.kit_app import build, client

TEXT = st.text(st.characters(exclude_categories=()))  # surrogates too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=10,
)


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def can_be_held(value: Any) -> bool:
    for leaf in leaves(value):
        if isinstance(leaf, float) and not math.isfinite(leaf):
            return False
        # Two escapes that follow each other are read as one character.
        if isinstance(leaf, str) and not json.loads(json.dumps(leaf)).isascii():
            try:
                json.loads(json.dumps(leaf)).encode()
            except UnicodeEncodeError:
                return False
    return True


def passes(body: bytes) -> bool:
    try:
        check_json(body)
    except (BadRequest, Invalid):
        return False
    return True


@given(VALUES)
def test_exactly_what_no_utf8_and_no_json_can_hold_is_refused(value: Any) -> None:
    assert passes(json.dumps(value).encode()) == can_be_held(value)


@given(VALUES.filter(can_be_held))
def test_unescaped_text_passes(value: Any) -> None:
    assert passes(json.dumps(value, ensure_ascii=False).encode())


@given(st.binary())
def test_any_bytes_are_judged_without_another_error(body: bytes) -> None:
    passes(body)


@pytest.mark.parametrize(
    "body",
    [
        b'"\\\\ud800"',  # an escaped backslash before letters
        b'"\\ud83d\\ude00"',
        b'"\\uD83D\\uDE00\\u00e4"',
        b'"NaN and Infinity"',
        b'{"NaN": "\\"NaN"}',
        b"\xef\xbb\xbf{}",
        b"",
        b'"\\u12',  # the parser's to complain of
        b'"\\',
        b"Nothing",
    ],
)
def test_it_is_left_alone(body: bytes) -> None:
    assert passes(body)


@pytest.mark.parametrize(
    "body",
    [b'"\\ude00"', b'"\\ud83d"', b'"\\ud83dx\\ude00"', b'"\\\\\\ud800"', b"[-Infinity]", b"NaN"],
)
def test_it_is_refused(body: bytes) -> None:
    assert not passes(body)


@pytest.mark.parametrize("body", [b'"' + b"\\\\" * 4_000_000 + b'"', b'["' * 3_000_000 + b"NaN"])
def test_a_large_body_is_read_in_one_go(body: bytes) -> None:
    passes(body)  # quadratic work would run into the time limit


async def test_another_kind_of_body_is_not_looked_at() -> None:
    async with client(build()) as http:
        sent = {"content": b"\\ud800 NaN", "headers": {"Content-Type": "text/plain"}}
        assert (await http.post("/nowhere", **sent)).status_code == 404
        sent["headers"] = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
        assert (await http.post("/nowhere", **sent)).status_code == 422
