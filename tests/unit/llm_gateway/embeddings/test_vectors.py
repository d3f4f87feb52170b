"""Vectors survive every form in which they are given, bit by bit."""

import base64
import json
import math
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.llm_gateway.embeddings import vectors

numbers = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1)


class TestForms:
    @given(numbers)
    def test_numbers_are_the_same_float32_after_json(self, given: list[float]) -> None:
        kept = vectors.from_provider(given)
        again = json.loads(json.dumps(vectors.to_numbers(kept)))
        assert array("f", again).tobytes() == kept

    def test_numbers_are_as_short_as_the_provider_wrote_them(self) -> None:
        given = [0.1, -0.25, 0.0023064255, 1e-9]
        assert vectors.to_numbers(vectors.from_provider(given)) == given

    @given(numbers)
    def test_base64_is_little_endian_float32(self, given: list[float]) -> None:
        kept = vectors.from_provider(given)
        packed = base64.b64decode(vectors.to_base64(kept))
        assert list(struct.unpack(f"<{len(given)}f", packed)) == given
        assert vectors.from_provider(vectors.to_base64(kept)) == kept
        assert vectors.form(kept, "base64") == vectors.to_base64(kept)
        assert vectors.dimensions_of(kept) == len(given)

    @pytest.mark.parametrize(
        "given", [None, [], "", "####", "AAA=", "AAAAAAA=", ["a"], [None], {}, 3, [[1.0]], [1e39]]
    )
    def test_anything_else_is_refused(self, given: object) -> None:
        with pytest.raises(ValueError, match="a vector"):
            vectors.from_provider(given)


class TestShortened:
    def test_has_length_one(self) -> None:
        short = array("f", vectors.shortened(vectors.from_provider([3.0, 4.0, 12.0]), 2))
        assert list(short) == pytest.approx([0.6, 0.8])
        assert math.hypot(*short) == pytest.approx(1)

    def test_zeros_stay_zeros(self) -> None:
        assert vectors.shortened(bytes(16), 2) == bytes(8)
