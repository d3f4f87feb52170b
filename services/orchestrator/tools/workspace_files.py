"""The workspace as file tools see it: paths as models write them, errors as models can use them."""

import errno
import os
import posixpath
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from services.orchestrator.tools.beneath import open_beneath, open_root
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandbox.isolation import WORKSPACE


class WorkspaceView(Protocol):
    """The folder that is seen as the root, and the shared one that it is, or is inside of."""

    @property
    def workspace(self) -> Path: ...
    @property
    def workspace_root(self) -> Path: ...


_OUTSIDE = {errno.EXDEV, errno.ELOOP}
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY


def inner_path(path: str) -> str:
    """The path relative to the workspace. `/workspace/…`, as commands see it, is accepted."""
    if "\0" in path:
        raise ToolError("A path cannot contain a NUL character.")
    inside = posixpath.normpath(path or ".")
    if inside == WORKSPACE or inside.startswith(WORKSPACE + "/"):
        inside = inside[len(WORKSPACE) :].lstrip("/") or "."
    if inside.startswith(("/", "../")) or inside == "..":
        raise ToolError(f"{path} is outside the workspace. Give a path relative to the workspace.")
    return inside


@contextmanager
def workspace_root(context: WorkspaceView) -> Generator[int]:
    """A descriptor of the workspace's folder; a link may have taken its place, but not lead out."""
    try:
        shared = open_root(context.workspace_root)
        try:
            inside = context.workspace.relative_to(context.workspace_root)
            root = open_beneath(shared, str(inside), _FOLDER_FLAGS)
        finally:
            os.close(shared)
    except OSError as error:
        raise ToolError(f"The workspace cannot be used: {error.strerror}.") from error
    try:
        yield root
    finally:
        os.close(root)


def path_of(descriptor: int) -> Path:
    """The name that an open folder has at this moment."""
    return Path(f"/proc/self/fd/{descriptor}").readlink()


@contextmanager
def explained(path: str) -> Generator[None]:
    """Turns the system's errors about a path into texts for the model."""
    try:
        yield
    except (OSError, UnicodeEncodeError) as error:
        raise ToolError(_explain(path, error)) from error


@contextmanager
def opened(context: WorkspaceView, path: str, flags: int) -> Generator[int]:
    """A descriptor of something in the workspace; never waits, even for a FIFO."""
    with workspace_root(context) as root, explained(path):
        descriptor = open_beneath(root, inner_path(path), flags | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened_folder(context: WorkspaceView, path: str) -> Generator[int]:
    with opened(context, path, _FOLDER_FLAGS) as descriptor:
        yield descriptor


@contextmanager
def opened_file(context: WorkspaceView, path: str) -> Generator[tuple[int, os.stat_result]]:
    """A regular file to read, with its status."""
    with opened(context, path, os.O_RDONLY) as descriptor:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise ToolError(f"{path} is a folder; list_dir shows what is in it.")
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{path} is not a regular file.")
        yield descriptor, status


@contextmanager
def made_folder(context: WorkspaceView, path: str) -> Generator[int]:
    """A descriptor of a folder (an inner path), which is made with all its parents if missing."""
    with workspace_root(context) as root, explained(path):
        folder = _make_folders(root, path)
        try:
            yield folder
        finally:
            os.close(folder)


def shown_name(name: str) -> str:
    """A file's name as text that always fits one line and one JSON string."""
    text = os.fsencode(name).decode(errors="replace")
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _make_folders(root: int, path: str) -> int:
    try:
        return open_beneath(root, path, _FOLDER_FLAGS)
    except FileNotFoundError:
        above, name = posixpath.split(path)
    parent = _make_folders(root, above or ".")
    try:
        return _enter(parent, name)
    finally:
        os.close(parent)


def _enter(folder: int, name: str) -> int:
    # It may exist by now: another call made it, or it is a link to nowhere. Opening tells.
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    return open_beneath(folder, name, _FOLDER_FLAGS)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _explain(path: str, error: OSError | UnicodeEncodeError) -> str:
    shown = path or "(an empty path)"
    if isinstance(error, UnicodeEncodeError):
        return f"{shown!a} is not a path that the file system can hold."
    if error.errno in _OUTSIDE:
        return f"{shown} leads outside the workspace, which is not allowed."
    if error.errno == errno.ENOENT:
        return f"There is no {shown} in the workspace. list_dir shows what there is."
    if error.errno == errno.ENOTDIR:
        return f"{shown} is not a folder, or a part of its path is not."
    return f"{shown}: {error.strerror}."
