"""A task's own git repository: made at its start, kept as a branch, merged when its gates are passed.

Each of these is a step of the journal, so that a resumed task does none of them again. Killed
within one, a task makes it anew: each script leaves what a single one leaves.
"""

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.kit.db import Connection
from services.kit.log import get_logger
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.run import StepPlace, TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.gitwork.changes import fit_changes
from services.orchestrator.pipeline.gitwork.scripts import BEGIN, COMMIT, FETCH, MERGE
from services.orchestrator.pipeline.gitwork.steps import (
    STAGE,
    GitRequest,
    as_message,
    git_step,
    store_changes,
)
from services.orchestrator.pipeline.places import StagePlace
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import ArtifactRecord
from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandboxed_git import run_git_script
from services.orchestrator.tools.workspace_files import made_folder, path_of, workspace_root
from services.orchestrator.tools.workspace_lock import locked_workspace

FOLDER = ".nova-worktrees"
CHANGES = "changes"
_LOCK_SECONDS = 600.0
_MOST_SHOWN = 128 * 1024
# Behind the last attempt that a stage can have: what it has changed, before what comes after it.
_AFTER_ATTEMPTS = 99
_NOTHING = "Nothing was changed."
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    commit: str
    changes: str


@dataclass
class GitWork:
    """The git work of one run; `acts` is False where the journal alone is gone through."""

    run: TaskRun
    room: ToolRoom
    acts: bool
    _kept: bool = False
    _shows: bool = False

    @property
    def branch(self) -> str:
        return f"nova/{self.run.task.id}"

    async def begin(self) -> None:
        """Give the task a folder of its own. Raises TaskFailed where git can't be used."""
        main = self.room.folder(self.run.task.metadata)

        async def work() -> dict[str, Any]:
            await self._make(main)
            # A task that began before reviewers were shown changes goes on without.
            return {"text": f"The task works on the branch {self.branch}.", "shows": True}

        request = GitRequest(branch=self.branch)
        begun = await git_step(self.run, _place(1), "git_begin", request, work=work)
        self._shows = begun.get("shows") is True
        if not self.acts:
            return
        self.run.folder = self._folder
        self.run.on_interruption = self.keep_when_interrupted
        if not (self._folder / ".git").is_dir():
            # Another host's, a fork's, or removed after the end: from what was kept, else anew.
            await self._make(main)

    async def show(self, message: str, *, round_number: int, position: int) -> str:
        """What the task has changed by the end of the stage at `position`, for its reviewers.

        It is committed and kept as the branch, so that what they see is what would be merged.
        Empty for a task that does not show its changes. Raises TaskFailed.
        """
        if not self._shows:
            return ""
        ordinal = StagePlace(round_number, position, _AFTER_ATTEMPTS).ordinal
        message = as_message(message, self.run.task.id)

        async def work() -> dict[str, Any]:
            kept = await self._keep(message)
            shown = await asyncio.to_thread(fit_changes, kept.changes, _MOST_SHOWN)
            return {"text": shown, "commit": kept.commit}

        place = StepCounter(stage=STAGE, ordinal=ordinal).next()
        request = GitRequest(branch=self.branch, message=message)
        result = await git_step(self.run, place, "git_changes", request, work=work)
        return str(result["text"])

    async def keep(self, message: str) -> None:
        """Commit what there is, and keep it as the branch in the workspace's repository and as an
        artifact; once in a run, since nothing changes files after it. Raises TaskFailed.
        """
        if self._kept:
            return
        self._kept = True
        message = as_message(message, self.run.task.id)
        request = GitRequest(branch=self.branch, message=message)
        records: list[ArtifactRecord] = []

        async def work() -> dict[str, Any]:
            kept = await self._keep(message)
            records.append(self._record(kept))
            return {"text": f"The changes are kept as the branch {self.branch}."}

        await git_step(self.run, _place(2), "git_keep", request, work=work, kept=records)

    async def merge(self, message: str) -> None:
        """Merge the branch into what the workspace has checked out. Raises TaskFailed."""
        message = as_message(message, self.run.task.id)
        request = GitRequest(branch=self.branch, message=message)

        async def work() -> dict[str, Any]:
            main = self._context(self.room.folder(self.run.task.metadata))
            async with locked_workspace(main) as locked:
                self._check_lease()
                merged = await run_git_script(locked, MERGE, self.branch, message)
            return {"text": f"Merged into the workspace as {merged.strip()}."}

        await git_step(self.run, _place(3), "git_merge", request, work=work)
        await self.remove_folder()

    async def keep_when_interrupted(self) -> None:
        """Keep what a cancelled task leaves, or one out of time; that it can't be kept does not keep it alive."""
        try:
            kept = await self._keep(f"Interrupted: {self.run.task.user_input}")
        except (ToolError, TaskFailed) as error:
            _log.warning("changes not kept", task_id=str(self.run.task.id), reason=str(error))
            return

        async def store(connection: Connection) -> None:
            await store_changes(connection, self.run, self._record(kept))

        await self.run.write(store)
        await self.remove_folder()

    async def remove_folder(self) -> None:
        """After its changes were kept."""
        if self.acts:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self.room.workspace / FOLDER / str(self.run.task.id)

    def _context(self, folder: Path) -> ToolContext:
        return ToolContext(
            task_id=self.run.task.id,
            agent_id=self.run.task.agent_id or self.run.task.id,
            workspace=folder,
            workspace_root=self.room.workspace,
            settings=replace(self.room.settings, lock_timeout=_LOCK_SECONDS),
            lease=self.run.lease,
            tier=SandboxTier.WORKSPACE,
            sandbox=self.room.sandbox,
        )

    def _check_lease(self) -> None:
        if self.run.lease.remaining <= 0:
            raise ToolError("This worker has lost its hold on the task.")

    async def _make(self, main: Path) -> None:
        inner = str(self._folder.relative_to(self.room.workspace))
        with made_folder(self._context(self.room.workspace), inner) as made:
            beside = {"/worktree": (path_of(made), True)}
            async with locked_workspace(self._context(main)) as locked:
                self._check_lease()
                await run_git_script(locked, BEGIN, self.branch, self._reviewed(), beside=beside)

    def _reviewed(self) -> str:
        """The commit of the newest changes that the journal shows: where a fork goes on from."""
        shown = [row for row in self.run.steps.values() if row.name == "git_changes" and row.result]
        newest = max(shown, key=lambda row: row.step, default=None)
        return "" if newest is None else str((newest.result or {}).get("commit", ""))

    async def _keep(self, message: str) -> _Kept:
        async with locked_workspace(self._context(self._folder)) as own:
            self._check_lease()
            await run_git_script(own, COMMIT, self.branch, message)
            self.run.context.failpoints.reach("git-committed")
            with workspace_root(own) as folder:
                beside = {"/worktree": (path_of(folder), False)}
                # Its process holds the lock too: when the lock is free, it is surely dead.
                main = replace(
                    self._context(self.room.folder(self.run.task.metadata)),
                    lock_descriptors=own.lock_descriptors,
                )
                printed = await run_git_script(main, FETCH, self.branch, beside=beside)
        commit, _, changes = printed.partition("\n")
        text = await asyncio.to_thread(masked, changes.replace("\0", "\ufffd").strip())
        return _Kept(commit, text or _NOTHING)

    def _record(self, kept: _Kept) -> ArtifactRecord:
        return ArtifactRecord(CHANGES, self.branch, kept.changes)


def _place(number: int) -> StepPlace:
    """Round 0 is before all stages; the positions tell these steps from what is recalled there."""
    return StepCounter(stage=STAGE, ordinal=100 * number).next()
