"""Where each tensor lies in a safetensors file."""

import json
from dataclasses import dataclass
from pathlib import Path

_LENGTH_BYTES = 8
_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """`offset` from the beginning of the file, `length` in bytes."""

    shape: tuple[int, ...]
    offset: int
    length: int


def read_index(path: Path) -> dict[str, StoredTensor]:
    """Every float32 tensor by its name. Raises ValueError for a file of another kind."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if not 0 < size <= _LONGEST_HEADER:
            raise ValueError(f"{path} is no safetensors file")
        header = json.loads(file.read(size))
    index: dict[str, StoredTensor] = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        index[name] = StoredTensor(
            tuple(entry["shape"]), offset=_LENGTH_BYTES + size + begin, length=end - begin
        )
    return index
