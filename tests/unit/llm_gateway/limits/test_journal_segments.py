"""Rows in files that outlive their process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.kit.launch.configuration import ROOT
from services.llm_gateway.limits.journal import Journal

MEBIBYTE = 1024 * 1024


def opened(folder: Path) -> Journal:
    journal = Journal(folder)
    journal.open()
    return journal


def killed(folder: Path, code: str) -> None:
    """A process that keeps a journal, does `code` and is killed there."""
    program = (
        "import os, signal\nfrom pathlib import Path\n"
        "from services.llm_gateway.limits.journal import Journal\n"
        f"journal = Journal(Path({str(folder)!r}))\njournal.open()\n{code}\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


class TestJournal:
    def test_the_rows_of_a_killed_process_are_found(self, tmp_path: Path) -> None:
        killed(tmp_path, "for i in range(5000): journal.append(b'x' * 300 + b'%d' % i)")
        journal = Journal(tmp_path)
        expected = [b"x" * 300 + b"%d" % i for i in range(5000)]
        assert sorted(journal.left_behind()) == sorted(expected)
        journal.open()
        journal.forget(journal.turn())
        journal.close()
        assert list(tmp_path.iterdir()) == []

    def test_rows_that_are_forgotten_do_not_come_back(self, tmp_path: Path) -> None:
        killed(
            tmp_path,
            "journal.append(b'a' * 2000)\nfiles = journal.turn()\njournal.append(b'b')\n"
            "journal.forget(files)\nfiles = journal.turn()\njournal.append(b'c')",
        )
        assert sorted(Journal(tmp_path).left_behind()) == [b"b", b"c"]

    def test_a_row_that_the_kill_has_cut_is_none(self, tmp_path: Path) -> None:
        killed(
            tmp_path,
            "journal.append(b'whole')\n"
            "segment = journal._current\nsegment._memory[segment._end : segment._end + 4] = b'half'",
        )
        assert Journal(tmp_path).left_behind() == [b"whole"]

    def test_the_files_of_a_living_process_are_its_own(self, tmp_path: Path) -> None:
        living = opened(tmp_path)
        living.append(b"mine")
        assert Journal(tmp_path).left_behind() == []

    def test_a_row_longer_than_a_file(self, tmp_path: Path) -> None:
        killed(tmp_path, f"journal.append(b'a')\njournal.append(b'y' * {3 * MEBIBYTE})")
        assert sorted(map(len, Journal(tmp_path).left_behind())) == [1, 3 * MEBIBYTE]

    def test_files_are_used_again(self, tmp_path: Path) -> None:
        journal = opened(tmp_path)
        for number in range(200):
            journal.append(b"%d" % number)
            journal.forget(journal.turn())
        assert len(list(tmp_path.iterdir())) <= 3
        journal.close()
        assert list(tmp_path.iterdir()) == []

    def test_what_was_not_forgotten_stays_on_the_disk(self, tmp_path: Path) -> None:
        journal = opened(tmp_path)
        journal.append(b"kept")
        journal.close()
        (left,) = tmp_path.iterdir()
        assert left.read_bytes().startswith(b"kept\n")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
    def test_a_full_disk_loses_the_journal_and_nothing_else(self, tmp_path: Path) -> None:
        folder = tmp_path / "small"
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("this machine mounts nothing")
        try:
            journal = opened(folder)
            for _ in range(3):
                journal.append(b"z" * (MEBIBYTE // 2))
            files = journal.turn()
            assert len(files) == 1
            journal.forget(files)
            journal.turn()
            journal.append(b"again")
            assert any(path.read_bytes().startswith(b"again") for path in folder.iterdir())
            journal.close()
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)

    def test_a_folder_that_can_not_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        journal = opened(tmp_path / "file" / "usage")
        journal.append(b"row")
        assert journal.turn() == []
        journal.close()
