"""What is done with git as a step of the journal: made once, and taken from the journal ever after."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from contracts.events import ArtifactEvent
from services.kit.db import Connection
from services.orchestrator.engine.errors import JournalDiverged, TaskFailed
from services.orchestrator.engine.journal.entries import Entry, begin_step, settle_step
from services.orchestrator.engine.model_calls import digest_of
from services.orchestrator.engine.run import StepPlace, TaskRun, as_json
from services.orchestrator.pipeline.gitwork import queries
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import ArtifactRecord
from services.orchestrator.tools.errors import ToolError

STAGE = "git"
_LONGEST_MESSAGE = 4_000

Work = Callable[[], Awaitable[dict[str, Any]]]
"""Gives the step's result: its `text`, and what else is to be kept with it."""


class GitRequest(BaseModel):
    """What a step is asked to do."""

    branch: str
    message: str | None = None


async def git_step(
    run: TaskRun,
    place: StepPlace,
    name: str,
    request: GitRequest,
    *,
    work: Work,
    kept: Sequence[ArtifactRecord] = (),
) -> dict[str, Any]:
    """The journalled result, or that of `work` done now; `kept` is what `work` leaves to be stored.

    Raises TaskFailed where git has not done it, also in the journal.
    """
    found = run.journalled(place, kind="tool", name=name, request=request)
    if found is not None and found.status != "begun":
        if found.name != name:
            raise JournalDiverged(f"step {place.step} was {found.name}, now it is {name}")
        return _unless_failed(found.result or {})
    await run.wait_for_lease()
    await run.put(_begun(place, name, request))
    run.context.failpoints.reach(f"{name}-begun")
    try:
        result = {"ok": True, "summary": request.branch, **await work()}
    except ToolError as error:
        result = {"ok": False, "text": _error(name, str(error), request.branch), "summary": name}
    run.context.failpoints.reach(f"{name}-done")
    entry = settle_step(step=place.step, status="done", result=result)

    async def settle(connection: Connection) -> None:
        for record in kept:
            await store_changes(connection, run.task.id, record)
        await run.apply(connection, entry)

    events = [
        ArtifactEvent(id=_artifact_id(run.task.id), kind=record.kind, name=record.name)
        for record in kept
    ]
    await run.write(settle, events)
    run.context.failpoints.reach(f"{name}-settled")
    return _unless_failed(result)


async def store_changes(connection: Connection, task_id: UUID, record: ArtifactRecord) -> None:
    """As the one artifact of all that the task has changed."""
    await queries.keep_changes(
        connection, _artifact_id(task_id), task_id=task_id, stage=STAGE, record=record
    )


def as_message(text: str, task_id: UUID) -> str:
    """A commit's message."""
    cleaned = masked(text.replace("\0", "")[:_LONGEST_MESSAGE]).strip() or "Do what was asked"
    return f"{cleaned}\n\nNova-Task: {task_id}"


def _artifact_id(task_id: UUID) -> UUID:
    return uuid5(task_id, "git changes")


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


def _unless_failed(result: dict[str, Any]) -> dict[str, Any]:
    if not result.get("ok"):
        raise TaskFailed(str(result.get("text")))
    return result


def _error(name: str, said: str, branch: str) -> str:
    said = said.replace("\0", "\ufffd")[:_LONGEST_MESSAGE]
    if name == "git_merge":
        return (
            f"The result was not merged into the workspace, which is as it was. It is kept as the "
            f"branch {branch}. Git said: {said}"
        )
    if name in {"git_keep", "git_changes"}:
        return f"The task's changes could not be kept as the branch {branch}. Git said: {said}"
    return f"This pod works in git (its metadata.git_worktree says so), and that failed. {said}"
