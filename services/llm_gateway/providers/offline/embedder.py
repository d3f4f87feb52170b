"""Embeddings without a model: hashed words and character n-grams, normalised to length 1."""

import math
import re
import zlib
from collections.abc import Iterator, Sequence

MODEL = "offline/hash-384"
DIMENSIONS = 384
_WORD = re.compile(r"\w+")
_GRAM = 3
_WORD_WEIGHT = 1.0
_GRAM_WEIGHT = 0.35
_STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "do", "does", "for", "from"),
        *("had", "has", "have", "he", "i", "in", "is", "it", "its", "me", "my", "of", "on", "or"),
        *("she", "that", "the", "their", "they", "this", "to", "was", "we", "were", "what"),
        *("which", "who", "will", "with", "you", "your"),
    )
)
_STOP_WEIGHT = 0.1


def embed(texts: Sequence[str], dimensions: int = DIMENSIONS) -> list[list[float]]:
    """One vector of `dimensions` numbers per text; an empty text has a fixed unit vector."""
    return [_embed(text, dimensions) for text in texts]


def _embed(text: str, dimensions: int) -> list[float]:
    vector = [0.0] * dimensions
    for feature, weight in _features(text.casefold()):
        digest = zlib.crc32(feature.encode("utf-8", "surrogatepass"))
        # The top bit signs the feature, so that collisions cancel out on average.
        sign = 1.0 if digest & 0x8000_0000 else -1.0
        vector[(digest & 0x7FFF_FFFF) % dimensions] += sign * weight
    length = math.sqrt(math.fsum(value * value for value in vector))
    if length == 0.0:
        vector[0] = 1.0
        return vector
    return [value / length for value in vector]


def _features(text: str) -> Iterator[tuple[str, float]]:
    for match in _WORD.finditer(text):
        word = match.group()
        if word in _STOP_WORDS:
            yield f"w:{word}", _STOP_WEIGHT
            continue
        yield f"w:{word}", _WORD_WEIGHT
        padded = f"<{word}>"
        for start in range(len(padded) - _GRAM + 1):
            yield f"g:{padded[start : start + _GRAM]}", _GRAM_WEIGHT
