"""Searches files for a pattern, in place of ripgrep where that cannot be used.

A program of its own (`main`), because a regular expression of a model's making may run for ever
and only a process can be stopped. Prints what `rg --null --line-number --sort path` prints. Links
are never followed: every file and folder is opened by its name in its own folder.
"""

import fnmatch
import os
import re
import stat
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.orchestrator.tools.beneath import open_beneath, open_root

SKIPPED_FOLDERS = (".git", "node_modules", ".venv", "__pycache__")
LARGEST_FILE = 4 << 20
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def main(arguments: list[str]) -> int:
    """Arguments: pattern, path, glob (or ""), "literal" or "regex", "ignore" or "match" case.

    Starts in the folder that the path belongs to. Returns 2 for a wrong pattern, as ripgrep does.
    """
    pattern, path, glob, kind, case = arguments
    text = re.escape(pattern) if kind == "literal" else pattern
    try:
        expression = re.compile(text, re.IGNORECASE if case == "ignore" else 0)
    except re.error as error:
        sys.stdout.write(f"regex parse error: {error}\n")
        return 2
    here = open_root(Path())
    top = open_beneath(here, path, os.O_RDONLY | os.O_NONBLOCK)
    for name, data in _files(top, "" if path == "." else path, glob):
        _print_matches(expression, name, data)
    return 0


def _print_matches(expression: re.Pattern[str], name: str, data: bytes) -> None:
    for number, line in enumerate(data.decode(errors="replace").splitlines(), start=1):
        if expression.search(line):
            output = f"{name}\0{number}:{line}\n"
            sys.stdout.buffer.write(output.encode(errors="surrogateescape"))
    sys.stdout.flush()


def _files(descriptor: int, name: str, glob: str) -> Iterator[tuple[str, bytes]]:
    """Text files at and under an open file or folder, sorted by name, with their contents."""
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        for entry in _names(descriptor):
            # What has gone meanwhile, became a link, or may not be read is passed over.
            with suppress(OSError), _opened(entry, descriptor) as child:
                yield from _files(child, f"{name}/{entry}" if name else entry, glob)
    elif stat.S_ISREG(status.st_mode) and _is_wanted(name, glob, status.st_size):
        data = os.read(descriptor, LARGEST_FILE)
        if b"\0" not in data:
            yield name, data


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name not in SKIPPED_FOLDERS and not entry.is_symlink()
        )


def _is_wanted(name: str, glob: str, size: int) -> bool:
    return size <= LARGEST_FILE and (not glob or fnmatch.fnmatchcase(Path(name).name, glob))


@contextmanager
def _opened(name: str, folder: int) -> Generator[int]:
    descriptor = os.open(name, _FLAGS, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
