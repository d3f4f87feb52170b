"""What is to be written to the database soon, in a file meanwhile: so that it survives a SIGKILL.

Each process appends to files of its own, which it holds locked. A file that nobody holds was left
by a process that was killed; whoever starts next takes its rows. The page cache outlives the
process, so nothing is flushed to the disk: a machine that loses power loses what it had not.
"""

import fcntl
import os
from pathlib import Path

from services.kit.log import get_logger

_log = get_logger(__name__)
_MOST_LEFT = 256 * 1024 * 1024


class Journal:
    """Rows of bytes without line ends. Without a folder that can be written it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current: int | None = None
        self._closed: list[Path] = []
        self._open_files: dict[Path, int] = {}
        self._path: Path | None = None
        self._number = 0

    def open(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._begin()
        except OSError as error:
            _log.warning("usage is not journalled; a kill may lose some", reason=str(error))

    def append(self, row: bytes) -> None:
        if self._current is not None:
            try:
                os.write(self._current, row + b"\n")
            except OSError as error:  # a full disk must not stop the calls
                _log.warning("a usage row was not journalled", reason=str(error))

    def turn(self) -> list[Path]:
        """Go on in a new file; the files that hold all that was appended before."""
        if self._path is not None:
            self._closed.append(self._path)
            try:
                self._begin()
            except OSError as error:
                self._current = self._path = None
                _log.warning("usage is not journalled; a kill may lose some", reason=str(error))
        return list(self._closed)

    def forget(self, files: list[Path]) -> None:
        """Their rows are in the database."""
        for path in files:
            self._closed.remove(path)
            path.unlink(missing_ok=True)
            os.close(self._open_files.pop(path))

    def left_behind(self) -> list[bytes]:
        """The rows of processes that are gone; their files are this one's to forget now."""
        rows: list[bytes] = []
        for path in sorted(self._folder.glob("*.usage")) if self._folder.is_dir() else []:
            if path in self._open_files:
                continue
            try:
                number = os.open(path, os.O_RDWR)
            except OSError:
                continue
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                data = os.pread(number, _MOST_LEFT, 0)
            except OSError:
                os.close(number)  # its process lives
                continue
            # The last one may have been cut by the kill.
            rows.extend(row for row in data.split(b"\n")[:-1] if row)
            self._open_files[path] = number
            self._closed.append(path)
        return rows

    def _begin(self) -> None:
        self._number += 1
        path = self._folder / f"{os.getpid()}-{os.urandom(4).hex()}-{self._number}.usage"
        unlocked = path.with_suffix(".new")
        number = os.open(unlocked, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_RDWR, 0o600)
        fcntl.flock(number, fcntl.LOCK_EX)
        # Only now, since a process that starts takes what it finds unlocked for left behind.
        unlocked.rename(path)
        self._open_files[path] = number
        self._current, self._path = number, path
