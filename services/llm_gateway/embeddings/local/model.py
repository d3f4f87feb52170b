"""all-MiniLM-L6-v2 by onnxruntime: texts to vectors of length 1."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from services.llm_gateway.embeddings.local.files import DIMENSIONS, GRAPH, MAX_TOKENS, TOKENIZER

# Of this many characters the first 256 tokens are surely a part, unless most of them are spaces;
# cutting a text of a megabyte into tokens that nobody reads takes as long as embedding it.
_READ_CHARACTERS = 16_000
# Measured: from about 500 numbers on a run costs as much for each text, in more memory.
_RUN_TOKENS = 512
_RUN_TEXTS = 8

# They have no class in common.
_REFUSALS = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile")

Vectors = NDArray[np.float32]


class MiniLM:
    """The loaded model; not for several threads at once.

    Making one raises OSError, RuntimeError or ValueError if its files are not what they should be.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        runtime: Any = onnxruntime  # it has no types
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin between runs would take the processor from everything else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        state = runtime.capi.onnxruntime_pybind11_state
        try:
            self._session = runtime.InferenceSession(
                str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
            )
        except tuple(getattr(state, name) for name in _REFUSALS) as error:
            raise ValueError(str(error)) from error
        tokenizer: Any = Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer: Tokenizer = tokenizer

    def embed(self, texts: Sequence[str]) -> tuple[Vectors, list[int]]:
        """One row per text, in order, and how many tokens of each were read."""
        encoded = [self._tokenizer.encode(text[:_READ_CHARACTERS]) for text in texts]
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for group in _runs(encoded):
            vectors[group] = self._run([encoded[place] for place in group])
        return vectors, [len(each) for each in encoded]

    def _run(self, encoded: Sequence[Encoding]) -> Vectors:
        shape = (len(encoded), max(len(each) for each in encoded))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, each in enumerate(encoded):
            ids[row, : len(each)] = each.ids
            mask[row, : len(each)] = 1
        [vectors] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return vectors


def _runs(encoded: Sequence[Encoding]) -> Iterator[list[int]]:
    """Places of texts that are run together: of about one length, since all are padded to it."""
    group: list[int] = []
    for place in sorted(range(len(encoded)), key=lambda place: len(encoded[place])):
        padded = (len(group) + 1) * len(encoded[place])
        if group and (padded > _RUN_TOKENS or len(group) == _RUN_TEXTS):
            yield group
            group = []
        group.append(place)
    if group:
        yield group
