"""Executes a pipeline task: its pod, what is remembered, then the stages in their course."""

from typing import Any, cast

from contracts.events import MetaEvent
from contracts.memory import SearchRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.orchestrator.engine.agent_loop import StepCounter
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.memory_calls import call_memory
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline import gates, queries
from services.orchestrator.pipeline.checkpoint import ANSWERS, REVIEW_COMMENT
from services.orchestrator.pipeline.course import Course
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.stage import StageSpec, load_roles
from services.orchestrator.pipeline.stage_run import StageRunner
from services.orchestrator.pods import queries as pod_queries
from services.orchestrator.pods.agents import queries as pod_agent_queries
from services.orchestrator.pods.agents.queries import PodAgentRow
from services.orchestrator.pods.queries import PodRow

_MEMORIES = 10
_RECALL_STAGE = "recall"


class PipelineExecutor:
    """Executes pipeline tasks."""

    def __init__(self, *, memory: MemoryServiceClient, room: ToolRoom) -> None:
        self._memory = memory
        self._room = room
        self._roles = load_roles()

    async def __call__(self, run: TaskRun) -> None:
        pod, agents, done = await self._load(run)
        progress = Progress(
            request=run.task.user_input,
            tags=frozenset(_texts(run.task.metadata.get("tags"))),
            flags=set(run.task.flags) - gates.JUDGED,
            answers=_said(run.task.checkpoint),
        )
        runner = StageRunner(run, pod, progress, self._room, self._memory)
        progress.memories = await self._recall(run, pod)
        stages = [self._spec(agent, agents) for agent in agents]
        await Course(runner, stages, done).execute()

    async def _load(
        self, run: TaskRun
    ) -> tuple[PodRow, list[PodAgentRow], dict[tuple[str, int], queries.StageRow]]:
        if run.task.pod_id is None:
            raise TaskFailed("The pod was deleted.")
        async with run.context.database.connection() as connection:
            pod = await pod_queries.find_pod(connection, run.task.pod_id)
            if pod is None:
                raise TaskFailed("The pod was deleted.")
            agents = await pod_agent_queries.list_enabled_agents(connection, pod.id)
            rows = await queries.list_stages(connection, run.task.id)
        if not agents:
            raise TaskFailed(f"The pod {pod.name!r} has no enabled agent.")
        return pod, agents, {(row.stage, row.round): row for row in rows}

    def _spec(self, agent: PodAgentRow, agents: list[PodAgentRow]) -> StageSpec:
        role = self._roles.get(agent.role)
        if role is None:
            raise TaskFailed(f"There is no role {agent.role!r}; the pod's agent can't run.")
        alone = sum(other.role == agent.role for other in agents) == 1
        return StageSpec(
            key=role.name if alone else f"{role.name}:{agent.position}", role=role, agent=agent
        )

    async def _recall(self, run: TaskRun, pod: PodRow) -> list[str]:
        request = SearchRequest(
            agent_id=run.task.agent_id, query=run.task.user_input[:8_000], limit=_MEMORIES
        )
        model = str(run.task.metadata.get("model_override") or pod.default_model)
        found = await call_memory(
            run,
            StepCounter(stage=_RECALL_STAGE, ordinal=0).next(),
            "search",
            request=request,
            work=lambda: self._memory.search(request),
            first_events=[
                MetaEvent(model=model, category=pod.name, session_id=None, task_id=run.task.id)
            ],
        )
        return [str(result["content"]) for result in found.get("results", [])]


def _said(checkpoint: dict[str, Any]) -> list[str]:
    """What a person has told the task since it began."""
    answers = _texts(checkpoint.get(ANSWERS))
    comment = checkpoint.get(REVIEW_COMMENT)
    return answers if comment is None else [*answers, f"Said in approval: {comment}"]


def _texts(value: object) -> list[str]:
    return [str(item) for item in cast("list[object]", value)] if isinstance(value, list) else []
