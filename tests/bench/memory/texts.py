"""Made texts with a natural skew of words (Zipf), and vectors in which texts that share words are near."""

import random

import numpy as np
import numpy.typing as npt

DIMENSIONS = 384
_VOCABULARY = 5000
_SEED = 20240501
_COMMON_DIRECTION = 4.0

Floats = npt.NDArray[np.float32]


class Texts:
    """The same texts and vectors each time."""

    def __init__(self) -> None:
        self.chance = random.Random(_SEED)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = [
            "".join(self.chance.choices(letters, k=self.chance.randint(3, 10)))
            for _ in range(_VOCABULARY)
        ]
        self._weights = [1 / (rank + 10) for rank in range(_VOCABULARY)]
        numbers = np.random.default_rng(_SEED)
        self._vectors = numbers.standard_normal((_VOCABULARY, DIMENSIONS)).astype(np.float32)
        self._common = numbers.standard_normal(DIMENSIONS).astype(np.float32) * _COMMON_DIRECTION
        self._rows = {word: row for row, word in enumerate(self._words)}

    def text(self) -> str:
        """8 to 30 words."""
        return " ".join(
            self.chance.choices(self._words, self._weights, k=self.chance.randint(8, 30))
        )

    def vector(self, text: str) -> list[float]:
        rows = [self._rows[word] for word in text.split() if word in self._rows]
        summed = self._vectors[rows].sum(0) + self._common
        unit: Floats = summed / np.linalg.norm(summed)
        return [round(float(value), 5) for value in unit]
