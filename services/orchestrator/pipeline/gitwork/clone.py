"""A task's clone of its workspace: made, kept as a branch of the workspace's repository, merged, removed."""

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from services.kit.failpoints import Failpoints
from services.kit.log import get_logger
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.gitwork.scripts import BEGIN, COMMIT, FETCH, MERGE, RECOVER
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import ArtifactRecord
from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.lease import ToolLease
from services.orchestrator.tools.sandboxed_git import run_git_script
from services.orchestrator.tools.workspace_files import made_folder, path_of, workspace_root
from services.orchestrator.tools.workspace_lock import locked_workspace

FOLDER = ".nova-worktrees"
CHANGES = "changes"
_LOCK_SECONDS = 600.0
_NOTHING = "Nothing was changed."
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """The commit that the branch has come to, and all that differs from where it began."""

    branch: str
    commit: str
    changes: str

    def as_artifact(self) -> ArtifactRecord:
        return ArtifactRecord(CHANGES, self.branch, self.changes)


@dataclass(frozen=True, slots=True)
class Clone:
    """`main` is the task's workspace folder. All methods raise ToolError, and may be done twice."""

    task_id: UUID
    main: Path
    room: ToolRoom
    lease: ToolLease
    failpoints: Failpoints

    @property
    def branch(self) -> str:
        return f"nova/{self.task_id}"

    @property
    def folder(self) -> Path:
        return self.room.workspace / FOLDER / str(self.task_id)

    @property
    def is_there(self) -> bool:
        """Its branch comes last: where that is, the clone is whole."""
        return (self.folder / ".git" / "refs" / "heads" / self.branch).exists()

    async def make(self, *, start: str = "") -> None:
        """Make it if need be: from its branch if that was kept, else from `start` if the workspace
        has that commit, else from the last one.
        """
        inner = str(self.folder.relative_to(self.room.workspace))
        with made_folder(self._context(self.room.workspace), inner) as made:
            beside = {"/worktree": (path_of(made), True)}
            async with locked_workspace(self._context(self.main)) as locked:
                self._check_lease()
                await run_git_script(locked, BEGIN, self.branch, start, beside=beside)

    async def keep(self, message: str) -> Kept:
        """Commit what there is, and keep it as the branch in the workspace's repository."""
        async with locked_workspace(self._context(self.folder)) as own:
            self._check_lease()
            await run_git_script(own, COMMIT, self.branch, message)
            self.failpoints.reach("git-committed")
            with workspace_root(own) as folder:
                beside = {"/worktree": (path_of(folder), False)}
                # Its process holds the lock too: when the lock is free, it is surely dead.
                main = replace(self._context(self.main), lock_descriptors=own.lock_descriptors)
                printed = await run_git_script(main, FETCH, self.branch, beside=beside)
        commit, _, changes = printed.partition("\n")
        text = await asyncio.to_thread(masked, changes.replace("\0", "\ufffd").strip())
        return Kept(self.branch, commit, text or _NOTHING)

    async def merge(self, message: str) -> str:
        """Merge the branch into what the workspace has checked out: the commit that this has then."""
        async with locked_workspace(self._context(self.main)) as locked:
            self._check_lease()
            try:
                merged = await run_git_script(locked, MERGE, self.branch, message)
            except (ToolError, asyncio.CancelledError):
                # Out of time, out of memory or cancelled, it may have been cut off in the middle.
                await self._recover(locked)
                raise
        return merged.strip()

    async def remove(self) -> None:
        """After its changes were kept."""
        if not self.folder.parent.is_symlink():
            await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def _recover(self, locked: ToolContext) -> None:
        try:
            await asyncio.shield(run_git_script(locked, RECOVER))
        except ToolError as error:
            _log.warning("merge not taken back", task_id=str(self.task_id), reason=str(error))

    def _context(self, folder: Path) -> ToolContext:
        return ToolContext(
            task_id=self.task_id,
            agent_id=self.task_id,
            workspace=folder,
            workspace_root=self.room.workspace,
            settings=replace(self.room.settings, lock_timeout=_LOCK_SECONDS),
            lease=self.lease,
            tier=SandboxTier.WORKSPACE,
            sandbox=self.room.sandbox,
        )

    def _check_lease(self) -> None:
        if self.lease.remaining <= 0:
            raise ToolError("This worker has lost its hold on the task.")
