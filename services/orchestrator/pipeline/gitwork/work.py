"""A task's own git repository: made at its start, kept as a branch, merged when its gates are passed.

Each of these is a step of the journal, so that a resumed task does none of them again. Killed
within one, a task makes it anew: each script leaves what a single one leaves.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from services.kit.db import Connection
from services.kit.log import get_logger
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.run import StepPlace, TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.gitwork.changes import fit_changes
from services.orchestrator.pipeline.gitwork.clone import Clone
from services.orchestrator.pipeline.gitwork.steps import (
    STAGE,
    GitRequest,
    as_message,
    git_step,
    store_changes,
)
from services.orchestrator.pipeline.places import StagePlace
from services.orchestrator.pipeline.stage import ArtifactRecord
from services.orchestrator.tools.errors import ToolError

_MOST_SHOWN = 128 * 1024
# Behind the last attempt that a stage can have: what it has changed, before what comes after it.
_AFTER_ATTEMPTS = 99
_log = get_logger(__name__)


@dataclass
class GitWork:
    """The git work of one run; `acts` is False where the journal alone is gone through.

    Raises TaskFailed where the task's workspace can't be used.
    """

    run: TaskRun
    room: ToolRoom
    acts: bool
    clone: Clone = field(init=False)
    _kept: bool = False
    _shows: bool = False

    def __post_init__(self) -> None:
        run = self.run
        main = self.room.folder(run.task.metadata)
        self.clone = Clone(run.task.id, main, self.room, run.lease, run.context.failpoints)

    async def begin(self) -> None:
        """Give the task a folder of its own. Raises TaskFailed where git can't be used."""

        async def work() -> dict[str, Any]:
            await self.clone.make()
            # A task that began before reviewers were shown changes goes on without.
            return {"text": f"The task works on the branch {self.clone.branch}.", "shows": True}

        begun = await git_step(self.run, _place(1), "git_begin", self._request(), work=work)
        self._shows = begun.get("shows") is True
        if not self.acts:
            return
        self.run.folder = self.clone.folder
        self.run.on_interruption = self.keep_when_interrupted
        if not self.clone.is_there:
            # Another host's, a fork's, or removed after the end: from what was kept, else anew.
            await self.clone.make(start=self._reviewed())

    async def show(self, message: str, *, round_number: int, position: int) -> str:
        """What the task has changed by the end of the stage at `position`, for its reviewers.

        It is committed and kept as the branch, so that what they see is what would be merged.
        Empty for a task that does not show its changes. Raises TaskFailed.
        """
        if not self._shows:
            return ""
        request = self._request(message)

        async def work() -> dict[str, Any]:
            kept = await self.clone.keep(request.message or "")
            shown = await asyncio.to_thread(fit_changes, kept.changes, _MOST_SHOWN)
            return {"text": shown, "commit": kept.commit}

        ordinal = StagePlace(round_number, position, _AFTER_ATTEMPTS).ordinal
        place = StepCounter(stage=STAGE, ordinal=ordinal).next()
        result = await git_step(self.run, place, "git_changes", request, work=work)
        return str(result["text"])

    async def keep(self, message: str) -> None:
        """Commit what there is, and keep it as the branch in the workspace's repository and as an
        artifact; once in a run, since nothing changes files after it. Raises TaskFailed.
        """
        if self._kept:
            return
        self._kept = True
        request = self._request(message)
        records: list[ArtifactRecord] = []

        async def work() -> dict[str, Any]:
            kept = await self.clone.keep(request.message or "")
            records.append(kept.as_artifact())
            return {"text": f"The changes are kept as the branch {kept.branch}."}

        await git_step(self.run, _place(2), "git_keep", request, work=work, kept=records)

    async def merge(self, message: str) -> None:
        """Merge the branch into what the workspace has checked out. Raises TaskFailed."""
        request = self._request(message)

        async def work() -> dict[str, Any]:
            merged = await self.clone.merge(request.message or "")
            return {"text": f"Merged into the workspace as {merged}."}

        await git_step(self.run, _place(3), "git_merge", request, work=work)
        await self.remove_folder()

    async def keep_when_interrupted(self) -> None:
        """Keep what a cancelled task leaves, or one out of time; that it can't be kept does not keep it alive."""
        task = self.run.task
        try:
            kept = await self.clone.keep(f"Interrupted: {task.user_input}")
        except (ToolError, TaskFailed) as error:
            _log.warning("changes not kept", task_id=str(task.id), reason=str(error))
            return

        async def store(connection: Connection) -> None:
            await store_changes(connection, task.id, kept.as_artifact())

        await self.run.write(store)
        await self.remove_folder()

    async def remove_folder(self) -> None:
        """After its changes were kept."""
        if self.acts:
            await self.clone.remove()

    def _request(self, message: str | None = None) -> GitRequest:
        if message is not None:
            message = as_message(message, self.run.task.id)
        return GitRequest(branch=self.clone.branch, message=message)

    def _reviewed(self) -> str:
        """The commit of the newest changes that the journal shows: where a fork goes on from."""
        steps = sorted(self.run.steps.values(), key=lambda row: row.step, reverse=True)
        results: list[dict[str, Any]] = [
            row.result for row in steps if row.name == "git_changes" and row.result
        ]
        return str(results[0].get("commit", "")) if results else ""


def _place(number: int) -> StepPlace:
    """Round 0 is before all stages; the positions tell these steps from what is recalled there."""
    return StepCounter(stage=STAGE, ordinal=100 * number).next()
