"""A log never grows without end, and its writer does not notice."""

from pathlib import Path

import pytest

from services.kit.launch import log_files


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_files, "LONGEST_BYTES", 100)


def test_a_long_log_moves_aside_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"x" * 150)
        log_files.move_aside_if_long(str(path))
        writer.write(b"more")
    assert path.read_bytes() == b"more"
    assert (tmp_path / "log.1").read_bytes() == b"x" * 150


def test_a_short_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 100)
    log_files.move_aside_if_long(str(path))
    assert path.stat().st_size == 100
    assert not (tmp_path / "log.1").exists()


def test_none_is_fine(tmp_path: Path) -> None:
    log_files.move_aside_if_long(str(tmp_path / "log"))
