"""Removes the clones of tasks that can't go on any more, after what is in them was kept."""

import asyncio
import time
from pathlib import Path
from uuid import UUID

from services.kit.db import Database
from services.kit.errors import DatabaseDown
from services.kit.failpoints import Failpoints
from services.kit.log import get_logger
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.gitwork import queries
from services.orchestrator.pipeline.gitwork.clone import FOLDER, Clone
from services.orchestrator.pipeline.gitwork.queries import CloneOwner
from services.orchestrator.pipeline.gitwork.steps import store_changes
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.lease import ToolLease, now

_EVERY_SECONDS = 600.0
_DAY = 86_400.0
# A clone whose task is not known may be that of a database which is being restored, and one whose
# changes can't be kept may only wait for somebody to mend the sandbox.
_UNKNOWN_FOR = _DAY
_UNKEPT_FOR = 7 * _DAY
_LEASE_SECONDS = 900.0
_log = get_logger(__name__)


class Leftovers:
    """One per worker; those of one workspace may look at the same time."""

    def __init__(self, database: Database, room: ToolRoom) -> None:
        self._database = database
        self._room = room

    async def run(self) -> None:
        """Look again and again, without end."""
        while True:
            try:
                await self.look()
            except DatabaseDown as error:
                _log.warning("clones not looked at", reason=error.detail)
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Remove what can be removed now. Raises DatabaseDown."""
        found = await asyncio.to_thread(_clones, self._room.workspace / FOLDER)
        if not found:
            return
        async with self._database.connection() as connection:
            owners = await queries.owners(connection, list(found))
        for task_id, age in found.items():
            owner = owners.get(task_id)
            if owner is None:
                if age > _UNKNOWN_FOR:
                    await self._clone(task_id, self._room.workspace).remove()
            elif not owner.may_go_on:
                await self._keep_and_remove(owner, age)

    async def _keep_and_remove(self, owner: CloneOwner, age: float) -> None:
        try:
            clone = self._clone(owner.id, self._room.folder(owner.metadata))
            kept = await clone.keep(f"Left behind: {owner.user_input}")
        except (ToolError, TaskFailed) as error:
            _log.warning("clone's changes not kept", task_id=str(owner.id), reason=str(error))
            if age > _UNKEPT_FOR:
                await self._clone(owner.id, self._room.workspace).remove()
            return
        async with self._database.transaction() as connection:
            await store_changes(connection, owner.id, kept.as_artifact())
        await clone.remove()

    def _clone(self, task_id: UUID, main: Path) -> Clone:
        lease = ToolLease(now() + _LEASE_SECONDS)
        return Clone(task_id, main, self._room, lease, Failpoints())


def _clones(folder: Path) -> dict[UUID, float]:
    """The tasks that have one, and for how many seconds nothing has changed at its top."""
    found: dict[UUID, float] = {}
    if folder.is_symlink() or not folder.is_dir():
        return found
    for path in folder.iterdir():
        try:
            task_id = UUID(path.name)
            changed = max(path.lstat().st_mtime, (path / ".git").lstat().st_mtime)
        except (ValueError, OSError):
            continue  # not one of ours, half made, or just removed
        found[task_id] = time.time() - changed
    return found
