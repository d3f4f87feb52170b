"""The local embedding model as scripts/test has made it, and copies of it to spoil."""

import shutil
from pathlib import Path

import pytest

from services.llm_gateway.embeddings.local import files


@pytest.fixture(scope="session")
def model_folder() -> Path:
    folder = files.default_folder()
    problem = files.problem(folder)
    if problem is not None:
        pytest.skip(f"the local embedding model is missing: {problem}")
    return folder


@pytest.fixture
def own_model_folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small files; the weights are the same ones."""
    own = tmp_path / "model"
    own.mkdir()
    for name in (files.GRAPH, files.TOKENIZER, files.MANIFEST):
        shutil.copyfile(model_folder / name, own / name)
    (own / files.WEIGHTS).hardlink_to(model_folder / files.WEIGHTS)
    return own
