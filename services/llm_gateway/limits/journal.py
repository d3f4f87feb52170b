"""What is to be written to the database soon, in a file meanwhile: so that it survives a SIGKILL.

Each process writes to files of its own, which it holds locked. A file that nobody holds was left by
a process that was killed; whoever starts next takes its rows. The files are mapped into memory: a
row costs no system call, and the page cache outlives the process. Nothing is flushed to the disk: a
machine that loses power loses what it had not.
"""

import fcntl
import mmap
import os
from pathlib import Path

from services.kit.log import get_logger

_log = get_logger(__name__)
_MOST_LEFT = 256 * 1024 * 1024
_SIZE = 1024 * 1024
_MOST_SPARE = 2
_END_OF_ROW = b"\n"


class Segment:
    """A file whose place on the disk is reserved, since a write to a full one would be a SIGBUS.

    Rows end with a line feed; what lies behind the last one is NUL. Raises OSError.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        unlocked = path.with_suffix(".new")
        self._number = os.open(unlocked, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._number, fcntl.LOCK_EX)
            # Only now, since a process that starts takes what it finds unlocked for left behind.
            unlocked.rename(path)
            os.posix_fallocate(self._number, 0, size)
            self._memory = mmap.mmap(self._number, size)
        except OSError:
            os.close(self._number)
            for each in (unlocked, path):
                each.unlink(missing_ok=True)
            raise
        self._size = size
        self._end = 0

    def append(self, row: bytes) -> bool:
        """False if there is no room for it."""
        end = self._end + len(row)
        if end >= self._size:
            return False
        self._memory[self._end : end] = row
        # Last: a row that a kill cut has no end, and is not taken for one.
        self._memory[end : end + 1] = _END_OF_ROW
        self._end = end + 1
        return True

    @property
    def is_empty(self) -> bool:
        return self._end == 0

    @property
    def is_usual(self) -> bool:
        return self._size == _SIZE

    def clear(self) -> None:
        self._memory[: self._end] = bytes(self._end)
        self._end = 0

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self._memory.close()
        os.close(self._number)


class LeftBehind:
    """A file of a process that is gone, locked now by this one."""

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self._number = number

    def rows(self) -> list[bytes]:
        data = os.pread(self._number, _MOST_LEFT, 0).partition(b"\0")[0]
        # The last one may have been cut by the kill.
        return [row for row in data.split(_END_OF_ROW)[:-1] if row]

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        os.close(self._number)


class Journal:
    """Rows of bytes without line ends or NUL. Without a folder that can be written it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current: Segment | None = None
        self._closed: list[Segment | LeftBehind] = []
        self._spare: list[Segment] = []
        self._count = 0
        self._in_trouble = False
        self._is_open = False

    def open(self) -> None:
        self._is_open = True
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._current = self._begun(_SIZE)
        except OSError as error:
            self._cannot(error)

    def append(self, row: bytes) -> None:
        if self._current is None or self._current.append(row):
            return
        self._closed.append(self._current)
        try:
            self._current = self._begun(max(_SIZE, len(row) + 2))
            self._current.append(row)
        except OSError as error:  # a full disk must not stop the calls
            self._current = None
            self._cannot(error)

    def turn(self) -> list[Segment | LeftBehind]:
        """Go on in another file; the files that hold all that was appended before."""
        if self._is_open and (self._current is None or not self._current.is_empty):
            if self._current is not None:
                self._closed.append(self._current)
                self._current = None
            try:
                self._current = self._begun(_SIZE)
            except OSError as error:
                self._cannot(error)
        return list(self._closed)

    def forget(self, files: list[Segment | LeftBehind]) -> None:
        """Their rows are in the database."""
        for file in files:
            self._closed.remove(file)
            if isinstance(file, Segment) and file.is_usual and len(self._spare) < _MOST_SPARE:
                file.clear()
                self._spare.append(file)
            else:
                file.remove()

    def close(self) -> None:
        """Leave nothing behind but what is not in the database."""
        if self._current is not None and self._current.is_empty:
            self._spare.append(self._current)
        for file in self._spare:
            file.remove()
        self._current, self._spare, self._is_open = None, [], False

    def left_behind(self) -> list[bytes]:
        """The rows of processes that are gone; their files are this one's to forget now. Before
        `open`.
        """
        rows: list[bytes] = []
        for path in sorted(self._folder.glob("*.usage")) if self._folder.is_dir() else []:
            try:
                number = os.open(path, os.O_RDWR)
            except OSError:
                continue
            found = LeftBehind(path, number)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                rows.extend(found.rows())
            except OSError:
                os.close(number)  # its process lives
                continue
            self._closed.append(found)
        return rows

    def _begun(self, size: int) -> Segment:
        if self._spare and size == _SIZE:
            return self._spare.pop()
        self._count += 1
        name = f"{os.getpid()}-{os.urandom(4).hex()}-{self._count}.usage"
        made = Segment(self._folder / name, size)
        self._in_trouble = False
        return made

    def _cannot(self, error: OSError) -> None:
        if not self._in_trouble:
            _log.warning("usage is not journalled; a kill may lose some", reason=str(error))
        self._in_trouble = True
