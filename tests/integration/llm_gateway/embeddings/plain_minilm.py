"""all-MiniLM-L6-v2 in plain NumPy, in double precision, straight from the published weights.

Written from the papers (BERT, Sentence-BERT), one text at a time and without masks or padding, to
have something to compare the graph with.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

_LAYERS, _HEADS = 6, 12
_erf = np.vectorize(math.erf)


def load(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    body = data[8 + size :]
    return {
        name: np.frombuffer(body[slice(*entry["data_offsets"])], np.float32)
        .reshape(entry["shape"])
        .astype(np.float64)
        for name, entry in header.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


class PlainMiniLM:
    def __init__(self, folder: Path) -> None:
        self._weights = load(folder / "model.safetensors")
        tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(256)
        self._tokenizer = tokenizer

    def embed(self, text: str) -> Any:
        ids = self._tokenizer.encode(text).ids
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
        x = self._norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(_LAYERS):
            x = self._layer(x, f"encoder.layer.{layer}")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, x: Any, name: str) -> Any:
        heads = [
            np.split(self._linear(x, f"{name}.attention.self.{part}"), _HEADS, axis=1)
            for part in ("query", "key", "value")
        ]
        mixed = []
        for query, key, value in zip(*heads, strict=True):
            scores = np.exp(query @ key.T / math.sqrt(query.shape[1]))
            mixed.append(scores / scores.sum(axis=1, keepdims=True) @ value)
        attended = self._linear(np.concatenate(mixed, axis=1), f"{name}.attention.output.dense")
        x = self._norm(attended + x, f"{name}.attention.output.LayerNorm")
        inner = self._linear(x, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + _erf(inner / math.sqrt(2)))
        return self._norm(
            self._linear(inner, f"{name}.output.dense") + x, f"{name}.output.LayerNorm"
        )

    def _linear(self, x: Any, name: str) -> Any:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: Any, name: str) -> Any:
        centred = x - x.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
