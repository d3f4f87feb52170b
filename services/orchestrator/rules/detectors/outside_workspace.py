"""Finds arguments that are paths out of the workspace; links only the tool itself can follow."""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, cast

NAME = "outside_workspace"
_WORKSPACE = "/workspace"  # as commands and file tools know it
_PATH_NAMES = frozenset(
    ("path", "paths", "file", "files", "filename", "folder", "folders", "dir", "directory", "cwd",
     "root", "source", "destination", "src", "dst")
)  # fmt: skip
_PATH_ENDINGS = ("_path", "_paths", "_file", "_files", "_folder", "_dir", "_directory")


def detect(arguments: Mapping[str, Any]) -> str | None:
    """The first path that leads outside, or None; looks at arguments that are named as paths."""
    for name, value in arguments.items():
        lowered = name.lower()
        if lowered in _PATH_NAMES or lowered.endswith(_PATH_ENDINGS):
            for path in _texts(value):
                if (found := detect_text(path)) is not None:
                    return found
    return None


def detect_text(path: str) -> str | None:
    if path.startswith("~"):
        return path
    inside = posixpath.normpath(path or ".")
    if inside.startswith("//"):  # which POSIX lets mean something of its own
        inside = inside[1:]
    if inside == _WORKSPACE or inside.startswith(_WORKSPACE + "/"):
        return None
    return path if inside.startswith(("/", "../")) or inside == ".." else None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in cast("list[object]", value) if isinstance(item, str))
