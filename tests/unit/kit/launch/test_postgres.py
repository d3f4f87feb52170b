"""Choosing PostgreSQL's binaries, running them as root, and a lock file left by a crash."""

import os
from pathlib import Path

import pytest

from services.kit.launch import postgres
from services.kit.launch.problem import LaunchError


def install(folder: Path, version: str, *, vector: bool = True, initdb: bool = True) -> Path:
    """Lay out an installation as Nix does, with a program that only knows its version."""
    (folder / "bin").mkdir(parents=True)
    programs = ["postgres", "initdb"] if initdb else ["postgres"]
    for name in programs:
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    extensions = folder / "share" / "postgresql" / "extension"
    extensions.mkdir(parents=True)
    if vector:
        (extensions / "vector.control").touch()
    return folder / "bin"


class TestFindBinaries:
    def test_those_on_path_come_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = install(tmp_path, "17.2")
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        found = postgres.find_binaries()
        assert (found.folder, found.version, found.origin) == (folder, "17.2", "PATH")

    @pytest.mark.parametrize(
        ("version", "vector", "initdb"),
        [("15.8", True, True), ("16.4", False, True), ("16.4", True, False)],
    )
    def test_old_incomplete_and_vectorless_ones_are_passed_over(
        self,
        version: str,
        vector: bool,  # noqa: FBT001 - as above
        initdb: bool,  # noqa: FBT001 - as above
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        folder = install(tmp_path, version, vector=vector, initdb=initdb)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        found = postgres.find_binaries()
        assert found.folder != folder
        assert found.origin == "wheel"

    def test_with_none_each_reason_is_given(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = install(tmp_path, "15.8")
        monkeypatch.setattr(postgres, "_candidates", lambda: [(folder, "PATH")])
        with pytest.raises(LaunchError, match=r"version 15\.8 is older than 16"):
            postgres.find_binaries()


class TestUnprivileged:
    def test_an_ordinary_user_runs_it_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert postgres.unprivileged(["postgres"]) == ["postgres"]

    def test_root_without_user_namespaces_is_told_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        refusing = tmp_path / "unshare"
        refusing.write_text("#!/bin/sh\nexit 1\n")
        refusing.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(LaunchError, match=r"ordinary user.*DATABASE_URL"):
            postgres.unprivileged(["postgres"])


class TestStaleLock:
    def test_a_lock_of_another_program_is_removed(self, tmp_path: Path) -> None:
        lock = tmp_path / "postmaster.pid"
        lock.write_text(f"{os.getpid()}\n/data\n")  # a pytest, not a postgres
        postgres.forget_stale_lock(tmp_path)
        assert not lock.exists()

    def test_a_lock_of_no_process_is_left_to_postgresql(self, tmp_path: Path) -> None:
        lock = tmp_path / "postmaster.pid"
        lock.write_text("4194399\n/data\n")
        postgres.forget_stale_lock(tmp_path)
        assert lock.exists()

    def test_no_lock_is_fine(self, tmp_path: Path) -> None:
        postgres.forget_stale_lock(tmp_path)


class TestInitialise:
    def test_a_failed_try_leaves_nothing_and_says_why(self, tmp_path: Path) -> None:
        folder = install(tmp_path / "installed", "16.4")
        (folder / "initdb").write_text("#!/bin/sh\necho 'no space left' >&2\nexit 1\n")
        broken = postgres.PostgresBinaries(folder, "16.4", "PATH")
        with pytest.raises(LaunchError, match="no space left"):
            postgres.initialise(broken, tmp_path / "home" / "postgres", password="x")
        assert list((tmp_path / "home").iterdir()) == []
