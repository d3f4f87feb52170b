"""Vectors as little-endian float32 bytes: what is kept, and what clients are given."""

import base64
import binascii
import math
from array import array
from collections.abc import Sequence
from typing import Any, cast

BYTES = 4


def from_provider(given: object) -> bytes:
    """A vector out of an answer in OpenAI's form: numbers, or base64. Raises ValueError."""
    if isinstance(given, str):
        try:
            data = base64.b64decode(given, validate=True)
        except binascii.Error as error:
            raise ValueError("a vector is no base64") from error
        if not data or len(data) % BYTES:
            raise ValueError("a vector holds no whole numbers")
        return _finite(array("f", data))
    if not isinstance(given, list) or not given:
        raise ValueError("a vector is missing")
    try:
        return _finite(array("f", cast("list[float]", given)))
    except (TypeError, OverflowError) as error:
        raise ValueError("a vector holds something else than numbers") from error


def _finite(numbers: "array[float]") -> bytes:
    # One infinity, or one that is no number, makes the sum so.
    if not math.isfinite(sum(map(abs, numbers))):
        raise ValueError("a vector holds a number that is not finite")
    return numbers.tobytes()


def to_numbers(vector: bytes) -> list[float]:
    """The shortest decimals that are these float32 numbers: half as long in JSON as the doubles."""
    exact = array("f", vector)
    numbers = [float(f"{number:.7g}") for number in exact]
    for digits in (8, 9):
        differing = [
            place
            for place, (one, other) in enumerate(zip(array("f", numbers), exact, strict=True))
            if one != other
        ]
        for place in differing:
            numbers[place] = float(f"{exact[place]:.{digits}g}")
    return numbers


def to_base64(vector: bytes) -> str:
    return base64.b64encode(vector).decode()


def dimensions_of(vector: bytes) -> int:
    return len(vector) // BYTES


def shortened(vector: bytes, dimensions: int) -> bytes:
    """The first `dimensions` numbers, scaled to length 1 again."""
    numbers: Sequence[float] = array("f", vector)[:dimensions]
    length = math.sqrt(math.fsum(number * number for number in numbers))
    if length == 0.0:
        return vector[: dimensions * BYTES]
    return array("f", [number / length for number in numbers]).tobytes()


def form(vector: bytes, encoding: Any) -> list[float] | str:
    """As OpenAI's `encoding_format` asks for it."""
    return to_base64(vector) if encoding == "base64" else to_numbers(vector)
