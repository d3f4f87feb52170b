"""The files of the local model: where they lie, and whether they are all there.

They belong to the Python environment, which `scripts/up` makes and the container image carries.
"""

import json
import sys
from pathlib import Path

NAME = "all-minilm-l6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256
"""As sentence-transformers sets it for this model; what follows is not read."""

GRAPH = "model.onnx"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MANIFEST = "manifest.json"
FILES = (GRAPH, WEIGHTS, TOKENIZER)


def default_folder() -> Path:
    return Path(sys.prefix) / "share" / "nova" / NAME


def problem(folder: Path) -> str | None:
    """Why the model can't be loaded from `folder`; None if all of it is there."""
    try:
        sizes = json.loads((folder / MANIFEST).read_bytes())["sizes"]
        found = {name: (folder / name).stat().st_size for name in FILES}
    except FileNotFoundError:
        return f"its files are not in {folder}; scripts/up installs them"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"its files in {folder} can't be read ({error})"
    if found != sizes:
        return f"its files in {folder} are damaged; remove the folder and run scripts/up"
    return None
