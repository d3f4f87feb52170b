"""Executes a pipeline task: its pod, what is remembered, then the stages in their course."""

from dataclasses import dataclass
from typing import Any, cast

from contracts.events import MetaEvent
from contracts.memory import SearchRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.context.plan import ContextFacts
from services.orchestrator.engine.context.windows import ModelWindows
from services.orchestrator.engine.memory_calls import call_memory
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline import gates, queries
from services.orchestrator.pipeline.checkpoint import ANSWERS, REVIEW_COMMENT
from services.orchestrator.pipeline.course import Course
from services.orchestrator.pipeline.gitwork.work import GitWork
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.snapshots.model import Snapshot
from services.orchestrator.pipeline.snapshots.service import SnapshotBook
from services.orchestrator.pipeline.stage import StageSpec, load_roles
from services.orchestrator.pipeline.stage_run import StageRunner
from services.orchestrator.tools.base import FILE_TIERS
from services.orchestrator.tools.context import SandboxTier

_MEMORIES = 10
_RECALL_STAGE = "recall"


@dataclass(frozen=True, slots=True)
class Start:
    """What a run goes on from: the task's snapshot, and its stages so far by key and round."""

    snapshot: Snapshot
    done: dict[tuple[str, int], queries.StageRow]


class PipelineExecutor:
    """Executes pipeline tasks. Without `windows` no model's is known, and the journal's counts."""

    def __init__(
        self, *, memory: MemoryServiceClient, room: ToolRoom, windows: ModelWindows | None = None
    ) -> None:
        self._memory = memory
        self._windows = windows
        self._room = room
        self._roles = load_roles()
        self._snapshots = SnapshotBook(
            roles=self._roles, registry=room.registry, sandbox=room.sandbox
        )

    async def __call__(self, run: TaskRun) -> None:
        await self.execute(run, await self._load(run))

    async def execute(self, run: TaskRun, start: Start) -> None:
        """Go through the stages that are not done."""
        pod = start.snapshot.pod
        progress = Progress(
            request=run.task.user_input,
            tags=frozenset(_texts(run.task.metadata.get("tags"))),
            flags=set(run.task.flags) - gates.JUDGED,
            answers=_said(run.task.checkpoint),
        )
        policy = await self._room.policies.version(run.task.policy_version)
        runner = StageRunner(run, pod, progress, self._room, self._memory, policy)
        stages = start.snapshot.stages(self._roles)
        git = await self._git(runner)
        await self._recall(runner, stages)
        await Course(runner, stages, start.done, git).execute()

    async def _git(self, runner: StageRunner) -> GitWork | None:
        """The task's own repository, where its pod asks for one and its tools see files."""
        wanted = runner.pod.metadata.get("git_worktree") is True
        if not wanted or SandboxTier(runner.pod.sandbox) not in FILE_TIERS:
            return None
        git = GitWork(runner.run, self._room, acts=self._room.acts)
        await git.begin()
        return git

    async def _load(self, run: TaskRun) -> Start:
        async with run.context.database.connection() as connection:
            snapshot = await self._snapshots.of_run(run, connection)
            # A first attempt has none.
            rows = (
                [] if run.task.attempt == 1 else await queries.list_stages(connection, run.task.id)
            )
        return Start(snapshot, {(row.stage, row.round): row for row in rows})

    async def _recall(self, runner: StageRunner, stages: list[StageSpec]) -> None:
        """Fill the progress with what is remembered, and with how much each model takes."""
        run, pod, progress = runner.run, runner.pod, runner.progress
        request = SearchRequest(
            agent_id=run.task.agent_id, query=run.task.user_input[:8_000], limit=_MEMORIES
        )
        model = str(run.task.metadata.get("model_override") or pod.default_model)
        place = StepCounter(stage=_RECALL_STAGE, ordinal=0).next()
        facts: dict[str, Any] = {}
        if self._windows is not None and place.step not in run.steps:
            models = {model for spec in stages for model in runner.models(spec)}
            facts = {"context": (await self._windows.facts(models)).model_dump(mode="json")}
        found = await call_memory(
            run,
            place,
            "search",
            request=request,
            work=lambda: self._memory.search(request),
            first_events=[
                MetaEvent(model=model, category=pod.name, session_id=None, task_id=run.task.id)
            ],
            facts=facts,
        )
        progress.memories = [str(result["content"]) for result in found.get("results", [])]
        progress.windows = ContextFacts.of_journal(found.get("facts"))


def _said(checkpoint: dict[str, Any]) -> list[str]:
    """What a person has told the task since it began."""
    answers = _texts(checkpoint.get(ANSWERS))
    comment = checkpoint.get(REVIEW_COMMENT)
    return answers if comment is None else [*answers, f"Said in approval: {comment}"]


def _texts(value: object) -> list[str]:
    return [str(item) for item in cast("list[object]", value)] if isinstance(value, list) else []
