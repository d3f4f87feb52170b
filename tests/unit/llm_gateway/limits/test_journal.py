"""The file that usage rows wait in, as processes that end in all ways leave it."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from services.kit.launch.configuration import ROOT
from services.llm_gateway.limits.journal import Journal

_WRITER = """
import sys, time
from pathlib import Path
from services.llm_gateway.limits.journal import Journal

journal = Journal(Path(sys.argv[1]))
journal.open()
for row in sys.argv[2:]:
    journal.append(row.encode())
print("written", flush=True)
time.sleep(600)
"""


@contextmanager
def writing(folder: Path, *rows: str) -> Generator[subprocess.Popen[bytes]]:
    """Another process that has written these rows and lives."""
    command = [sys.executable, "-c", _WRITER, str(folder), *rows]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        try:
            yield process
        finally:
            process.kill()


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.usage"))


def contents(folder: Path) -> list[bytes]:
    """What stands in the files that are not empty."""
    return [found for path in files_in(folder) if (found := path.read_bytes().rstrip(b"\0"))]


class TestLeftBehind:
    def test_rows_of_a_killed_process_are_taken_once(self, tmp_path: Path) -> None:
        with writing(tmp_path, "one", "two") as process:
            process.send_signal(signal.SIGKILL)
            process.wait()
        first, second = Journal(tmp_path), Journal(tmp_path)
        assert first.left_behind() == [b"one", b"two"]
        # The first holds the file until its rows are in the database.
        assert second.left_behind() == []
        first.forget(first.turn())
        assert files_in(tmp_path) == []

    def test_rows_of_a_living_process_stay_its_own(self, tmp_path: Path) -> None:
        with writing(tmp_path, "one"):
            journal = Journal(tmp_path)
            assert journal.left_behind() == []
            journal.open()
            journal.forget(journal.turn())
            assert contents(tmp_path) == [b"one\n"]

    def test_a_torn_last_line_is_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "1-a-1.usage").write_bytes(b'{"id": 1}\n{"id": 2}\n{"id"')
        (tmp_path / "1-b-1.usage").write_bytes(b"")
        (tmp_path / "1-c-1.usage").write_bytes(b"torn")
        journal = Journal(tmp_path)
        assert journal.left_behind() == [b'{"id": 1}', b'{"id": 2}']
        journal.forget(journal.turn())
        assert files_in(tmp_path) == []

    def test_without_a_folder_there_is_nothing(self, tmp_path: Path) -> None:
        assert Journal(tmp_path / "none").left_behind() == []


class TestAppend:
    def test_a_file_is_forgotten_only_with_all_its_rows(self, tmp_path: Path) -> None:
        journal = Journal(tmp_path)
        journal.open()
        journal.append(b"one")
        closed = journal.turn()
        journal.append(b"two")
        journal.forget(closed)
        assert contents(tmp_path) == [b"two\n"]

    def test_a_folder_that_can_not_be_written_stops_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        journal = Journal(tmp_path / "file")
        journal.open()
        journal.append(b"one")
        assert journal.turn() == []

    def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        journal = Journal(tmp_path)
        journal.open()
        (path,) = files_in(tmp_path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.name.startswith(f"{os.getpid()}-")
