"""A task's own git repository: made at its start, kept as a branch, merged when its gates are passed.

Each of the three is a step of the journal, so that a resumed task does none of them again. Killed
within one, a task makes it anew: each script leaves what a single one leaves.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from contracts.events import ArtifactEvent
from services.kit.db import Connection
from services.kit.log import get_logger
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.errors import JournalDiverged, TaskFailed
from services.orchestrator.engine.journal.entries import Entry, begin_step, settle_step
from services.orchestrator.engine.model_calls import digest_of
from services.orchestrator.engine.run import StepPlace, TaskRun, as_json
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.gitwork import queries
from services.orchestrator.pipeline.gitwork.scripts import BEGIN, COMMIT, FETCH, MERGE
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import ArtifactRecord
from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandboxed_git import run_git_script
from services.orchestrator.tools.workspace_files import made_folder, path_of, workspace_root
from services.orchestrator.tools.workspace_lock import locked_workspace

FOLDER = ".nova-worktrees"
CHANGES = "changes"
_STAGE = "git"
_LOCK_SECONDS = 600.0
_LONGEST_MESSAGE = 4_000
_log = get_logger(__name__)


class GitRequest(BaseModel):
    """What a step is asked to do."""

    branch: str
    message: str | None = None


@dataclass
class GitWork:
    """The git work of one run; `acts` is False where the journal alone is gone through."""

    run: TaskRun
    room: ToolRoom
    acts: bool
    _kept: bool = False

    @property
    def branch(self) -> str:
        return f"nova/{self.run.task.id}"

    async def begin(self) -> None:
        """Give the task a folder of its own. Raises TaskFailed where git can't be used."""
        main = self.room.folder(self.run.task.metadata)
        request = GitRequest(branch=self.branch)

        async def work() -> str:
            await self._make(main)
            return f"The task works on the branch {self.branch}."

        await self._step("git_begin", request, number=1, work=work)
        if not self.acts:
            return
        self.run.folder = self._folder
        self.run.on_interruption = self.keep_when_interrupted
        if not (self._folder / ".git").is_dir():
            # Another host's, a fork's, or removed after the end: from what was kept, else anew.
            await self._make(main)

    async def keep(self, message: str) -> None:
        """Commit what there is, and keep it as the branch in the workspace's repository and as an
        artifact; once in a run, since nothing changes files after it. Raises TaskFailed.
        """
        if self._kept:
            return
        self._kept = True
        message = _as_message(message, self.run.task.id)
        request = GitRequest(branch=self.branch, message=message)
        kept: list[ArtifactRecord] = []

        async def work() -> str:
            kept.append(await self._keep(message))
            return f"The changes are kept as the branch {self.branch}."

        await self._step("git_keep", request, number=2, work=work, kept=kept)

    async def merge(self, message: str) -> None:
        """Merge the branch into what the workspace has checked out. Raises TaskFailed."""
        message = _as_message(message, self.run.task.id)
        request = GitRequest(branch=self.branch, message=message)

        async def work() -> str:
            main = self._context(self.room.folder(self.run.task.metadata))
            async with locked_workspace(main) as locked:
                self._check_lease()
                merged = await run_git_script(locked, MERGE, self.branch, message)
            return f"Merged into the workspace as {merged.strip()}."

        await self._step("git_merge", request, number=3, work=work)
        await self.remove_folder()

    async def keep_when_interrupted(self) -> None:
        """Keep what a cancelled task leaves, or one out of time; that it can't be kept does not keep it alive."""
        try:
            record = await self._keep(f"Interrupted: {self.run.task.user_input}")
        except (ToolError, TaskFailed) as error:
            _log.warning("changes not kept", task_id=str(self.run.task.id), reason=str(error))
            return

        async def store(connection: Connection) -> None:
            await self._store(connection, record)

        await self.run.write(store)
        await self.remove_folder()

    async def remove_folder(self) -> None:
        """After its changes were kept."""
        if self.acts:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self.room.workspace / FOLDER / str(self.run.task.id)

    @property
    def _artifact_id(self) -> UUID:
        return uuid5(self.run.task.id, "git changes")

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
                await run_git_script(locked, BEGIN, self.branch, beside=beside)

    async def _keep(self, message: str) -> ArtifactRecord:
        async with locked_workspace(self._context(self._folder)) as own:
            self._check_lease()
            await run_git_script(own, COMMIT, self.branch, message)
            self.run.context.failpoints.reach("git-committed")
            with workspace_root(own) as folder:
                beside = {"/worktree": (path_of(folder), False)}
                main = self._context(self.room.folder(self.run.task.metadata))
                changes = await run_git_script(main, FETCH, self.branch, beside=beside)
        text = await asyncio.to_thread(masked, changes.replace("\0", "\ufffd").strip())
        return ArtifactRecord(CHANGES, self.branch, text or "Nothing was changed.")

    async def _store(self, connection: Connection, record: ArtifactRecord) -> None:
        await queries.keep_changes(
            connection, self._artifact_id, task_id=self.run.task.id, stage=_STAGE, record=record
        )

    async def _step(
        self,
        name: str,
        request: GitRequest,
        *,
        number: int,
        work: Callable[[], Awaitable[str]],
        kept: list[ArtifactRecord] | None = None,
    ) -> None:
        """One journalled step; `kept` is what `work` leaves to be stored with its end."""
        run = self.run
        # Round 0 is before all stages; the positions tell these steps from what is recalled there.
        place = StepCounter(stage=_STAGE, ordinal=100 * number).next()
        found = run.journalled(place, kind="tool", name=name, request=request)
        if found is not None and found.status != "begun":
            if found.name != name:
                raise JournalDiverged(f"step {place.step} was {found.name}, now it is {name}")
            _raise_if_failed(found.result or {})
            return
        await run.wait_for_lease()
        await run.put(_begun(place, name, request))
        run.context.failpoints.reach(f"{name}-begun")
        try:
            result = {"ok": True, "text": await work(), "summary": request.branch}
        except ToolError as error:
            result = {"ok": False, "text": _error(name, str(error), self.branch), "summary": name}
        run.context.failpoints.reach(f"{name}-done")
        entry = settle_step(step=place.step, status="done", result=result)
        records = kept or []

        async def settle(connection: Connection) -> None:
            for record in records:
                await self._store(connection, record)
            await run.apply(connection, entry)

        events = [
            ArtifactEvent(id=self._artifact_id, kind=record.kind, name=record.name)
            for record in records
        ]
        await run.write(settle, events)
        run.context.failpoints.reach(f"{name}-settled")
        _raise_if_failed(result)


def _begun(place: StepPlace, name: str, request: GitRequest) -> Entry:
    content = as_json(request)
    return begin_step(
        step=place.step,
        stage=place.stage,
        kind="tool",
        name=name,
        digest=digest_of(request, content=content),
        request=content,
    )


def _raise_if_failed(result: dict[str, Any]) -> None:
    if not result.get("ok"):
        raise TaskFailed(str(result.get("text")))


def _error(name: str, said: str, branch: str) -> str:
    said = said.replace("\0", "\ufffd")[:_LONGEST_MESSAGE]
    if name == "git_merge":
        return (
            f"The result was not merged into the workspace, which is as it was. It is kept as the "
            f"branch {branch}. Git said: {said}"
        )
    if name == "git_keep":
        return f"The task's changes could not be kept as the branch {branch}. Git said: {said}"
    return f"This pod works in git (its metadata.git_worktree says so), and that failed. {said}"


def _as_message(text: str, task_id: UUID) -> str:
    cleaned = masked(text.replace("\0", "")[:_LONGEST_MESSAGE]).strip() or "Do what was asked"
    return f"{cleaned}\n\nNova-Task: {task_id}"
