"""One changing call at a time per workspace, across all workers of a host."""

import asyncio
import errno
import fcntl
import os
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.lease import now

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


@asynccontextmanager
async def locked_workspace(context: ToolContext) -> AsyncGenerator[ToolContext, None]:
    """Holds the workspace alone; yields the context with the descriptors that hold it.

    A call on the whole shared folder excludes calls on each of its subfolders and the other way
    round: every folder above the workspace, up to the shared one, is held in common. The locks are
    flock's, so they end with the last process that has the descriptors: a tool's supervisor
    inherits them and keeps them while the tool lives, even if this worker is killed.
    """
    deadline = now() + context.settings.lock_timeout
    folder_of_locks = context.settings.state_folder / "locks"
    folder_of_locks.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        descriptors: list[int] = []
        for folder, mode in _locks(context):
            descriptor = _open_lock(folder_of_locks, folder)
            stack.callback(os.close, descriptor)
            await _acquire(descriptor, mode, deadline=deadline)
            descriptors.append(descriptor)
        yield replace(context, lock_descriptors=tuple(descriptors))


def _locks(context: ToolContext) -> list[tuple[Path, int]]:
    """From the shared folder down, so that two calls never wait for each other crosswise."""
    root, workspace = context.workspace_root.resolve(), context.workspace.resolve()
    between = [folder for folder in workspace.parents if folder.is_relative_to(root)]
    return [(folder, fcntl.LOCK_SH) for folder in reversed(between)] + [(workspace, fcntl.LOCK_EX)]


def _open_lock(folder_of_locks: Path, folder: Path) -> int:
    try:
        status = folder.stat()
    except OSError as error:
        raise ToolError(f"The workspace cannot be used: {error.strerror}.") from error
    name = f"{status.st_dev}-{status.st_ino}.lock"
    return os.open(folder_of_locks / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


async def _acquire(descriptor: int, mode: int, *, deadline: float) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                raise
        else:
            return
        if now() + pause > deadline:
            raise ToolError(
                "Another call is changing this workspace and did not end in time. Try again later."
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
