"""Keeping a process's log short while the process writes to it."""

import os

LONGEST_BYTES = 20_000_000


def move_aside_if_long(path: str) -> None:
    """Copy a log that has grown too long to PATH.1 and empty it.

    The writer keeps its descriptor (opened for appending), so it goes on at the new beginning.
    """
    try:
        size = os.stat(path).st_size
    except FileNotFoundError:
        return
    if size <= LONGEST_BYTES:
        return
    with open(path, "rb") as full, open(f"{path}.1", "wb") as old:
        copied = 0
        while copied < size:
            copied += os.sendfile(old.fileno(), full.fileno(), copied, size - copied)
    os.truncate(path, 0)
