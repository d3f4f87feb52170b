"""write_file: makes or replaces a file of the workspace, all of it or nothing."""

import asyncio
import contextlib
import os
import posixpath
import stat
from uuid import uuid4

from pydantic import Field

from services.orchestrator.tools.base import (
    FILE_TIERS,
    Effect,
    Tool,
    ToolOutcome,
    ToolParameters,
)
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.workspace_files import inner_path, made_folder

_NEW_MODE = 0o644
_LARGEST = 10 << 20


class WriteFileParameters(ToolParameters):
    path: str = Field(description="File, relative to the workspace; its folders are made.")
    content: str = Field(description="The whole new text.", max_length=_LARGEST)


async def write_file(parameters: WriteFileParameters, context: ToolContext) -> ToolOutcome:
    return await asyncio.to_thread(_write, parameters, context)


def _write(parameters: WriteFileParameters, context: ToolContext) -> ToolOutcome:
    path, data = inner_path(parameters.path), parameters.content.encode()
    folder_path, name = posixpath.split(path)
    if parameters.path.endswith("/") or name in {"", "."}:
        raise ToolError(f"{parameters.path or '(an empty path)'} names a folder, not a file.")
    with made_folder(context, folder_path or ".") as folder:
        _replace(folder, name, data, mode=_mode_of(folder, name, parameters.path))
    text = f"Wrote {len(data)} bytes to {path}."
    return ToolOutcome(ok=True, text=text, summary=text)


def _mode_of(folder: int, name: str, path: str) -> int:
    """The mode of the file to be replaced, or that of a new one."""
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return _NEW_MODE
    if stat.S_ISDIR(status.st_mode):
        raise ToolError(f"{path} is a folder; a file cannot take its place.")
    if not stat.S_ISREG(status.st_mode):
        raise ToolError(f"{path} is a link or a special file, which is not written to.")
    return status.st_mode & 0o777


def _replace(folder: int, name: str, data: bytes, *, mode: int) -> None:
    """Readers see the old file or the new one; after a crash, too."""
    temporary = f".nova-{uuid4().hex}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


TOOL = Tool(
    name="write_file",
    description=(
        "Write a text file of the workspace: it is made, or replaced as a whole. "
        "Missing folders are made."
    ),
    category="files",
    parameters=WriteFileParameters,
    handler=write_file,
    effect=Effect.IDEMPOTENT,
    tiers=FILE_TIERS,
    changes_workspace=True,
)
