"""Reads /proc: who descends from whom, and how much a set of processes uses."""

import contextlib
import os
from collections.abc import Iterable

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Positions in /proc/<pid>/stat, counted from the field after the name.
_STATE, _PARENT, _THREADS, _RESIDENT = 0, 1, 17, 21


def descendants(ancestor: int) -> list[int]:
    """Every living process under `ancestor`, nearest first."""
    parents = _parents()
    found: list[int] = []
    ring = {ancestor}
    while ring := {pid for pid, parent in parents.items() if parent in ring}:
        found.extend(ring)
    return found


def usage(ancestor: int) -> tuple[int, int]:
    """Threads and resident bytes of all processes under `ancestor`."""
    return _usage("/proc", [str(pid) for pid in descendants(ancestor)])


def namespace_usage(member: int) -> tuple[int, int]:
    """The same of the process namespace of `member`, whose own /proc shows nothing else.

    Nothing while the namespace is being made or is over.
    """
    root = f"/proc/{member}/root/proc"
    try:
        if _device(root) == _device("/proc"):
            return 0, 0  # still the host's root
        return _usage(root, _pids(root))
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0


def _usage(root: str, pids: Iterable[str]) -> tuple[int, int]:
    threads = pages = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = _stat(f"{root}/{pid}/stat")
            threads, pages = threads + int(fields[_THREADS]), pages + int(fields[_RESIDENT])
    return threads, pages * _PAGE_BYTES


def _device(folder: str) -> int:
    descriptor = os.open(folder, os.O_PATH)
    try:
        return os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)


def _parents() -> dict[int, int]:
    parents: dict[int, int] = {}
    for pid in _pids("/proc"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = _stat(f"/proc/{pid}/stat")
            if fields[_STATE] not in "ZX":
                parents[int(pid)] = int(fields[_PARENT])
    return parents


def _pids(root: str) -> list[str]:
    with os.scandir(root) as entries:
        return [entry.name for entry in entries if entry.name.isdigit()]


def _stat(path: str) -> list[str]:
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib is a costly import for this program
        return file.read().rpartition(b")")[2].decode().split()
