"""Gives a run its snapshot: made with the task's first write, read again ever after."""

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from services.kit.db import Connection
from services.kit.log import get_logger
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.journal.entries import Entry
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.pipeline.snapshots import queries
from services.orchestrator.pipeline.snapshots.model import Snapshot, digest_of
from services.orchestrator.pipeline.snapshots.queries import KEPT_SECONDS
from services.orchestrator.pipeline.stage import Role
from services.orchestrator.pods import queries as pod_queries
from services.orchestrator.pods.agents import queries as pod_agent_queries
from services.orchestrator.pods.queries import PodRow
from services.orchestrator.tools.context import SandboxTier
from services.orchestrator.tools.lease import now
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.tools.sandbox.report import SandboxReport

_log = get_logger(__name__)
_KEPT = 64


class SnapshotBook:
    """One per worker; keeps the snapshots that it has read or written last."""

    def __init__(
        self, *, roles: dict[str, Role[Any]], registry: ToolRegistry, sandbox: SandboxReport
    ) -> None:
        self._roles = roles
        self._registry = registry
        self._sandbox = sandbox
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._kept_at: dict[str, float] = {}

    async def of_run(self, run: TaskRun, connection: Connection) -> Snapshot:
        """What the task began with; if it begins now, what there is, kept with its next write.

        Limits of the pod are those of now: a person may have raised one to let the task go on.
        Raises TaskFailed when there is nothing to go by.
        """
        task = run.task
        pod = None if task.pod_id is None else await pod_queries.find_pod(connection, task.pod_id)
        if task.snapshot is not None:
            found = await self._read(connection, task.snapshot)
            if found is not None:
                return found if pod is None else replace(found, pod=_with_limits(found.pod, pod))
            _log.warning("the pod of now stands in for an old snapshot", task_id=str(task.id))
        if pod is None:
            raise TaskFailed("The pod was deleted.")
        snapshot = await self.current(connection, pod)
        await self._keep_with(run, snapshot, connection)
        return snapshot

    async def current(self, connection: Connection, pod: PodRow) -> Snapshot:
        """The pod as it is now. Raises TaskFailed if it has no enabled agent."""
        agents = await pod_agent_queries.list_enabled_agents(connection, pod.id)
        if not agents:
            raise TaskFailed(f"The pod {pod.name!r} has no enabled agent.")
        tools = self._registry.available(None, tier=SandboxTier(pod.sandbox), sandbox=self._sandbox)
        prompted = [
            replace(agent, system_prompt=agent.system_prompt or self._roles[agent.role].prompt)
            if agent.role in self._roles
            else agent
            for agent in agents
        ]
        return Snapshot(pod, prompted, [tool.name for tool in tools])

    async def _read(self, connection: Connection, digest: str) -> Snapshot | None:
        kept = self._kept.get(digest)
        if kept is None:
            kept = Snapshot.of_json(await queries.find(connection, digest))
            if kept is None:
                return None
        self._remember(digest, kept)
        return kept

    async def _keep_with(self, run: TaskRun, snapshot: Snapshot, connection: Connection) -> None:
        content = snapshot.as_json()
        digest = digest_of(content)
        if digest not in self._kept or now() - self._kept_at.get(digest, 0) > KEPT_SECONDS:
            # Committed at once: other tasks rely on it, whatever becomes of this one.
            before = now()
            await queries.keep(connection, digest, content)
            self._remember(digest, snapshot)
            self._kept_at[digest] = before

        await run.defer(Entry(snapshot=digest))

    def _remember(self, digest: str, snapshot: Snapshot) -> None:
        self._kept[digest] = snapshot
        self._kept.move_to_end(digest)
        while len(self._kept) > _KEPT:
            dropped, _ = self._kept.popitem(last=False)
            self._kept_at.pop(dropped, None)


def _with_limits(began_with: PodRow, current: PodRow) -> PodRow:
    return replace(
        began_with,
        max_cost_usd=current.max_cost_usd,
        max_execution_seconds=current.max_execution_seconds,
        max_concurrent_tasks=current.max_concurrent_tasks,
        daily_budget_usd=current.daily_budget_usd,
    )


async def store(connection: Connection, snapshot: Snapshot) -> str:
    """Keep it for a task that has not begun: its digest."""
    content = snapshot.as_json()
    digest = digest_of(content)
    await queries.keep(connection, digest, content)
    return digest


async def find(connection: Connection, digest: str | None) -> Snapshot | None:
    return None if digest is None else Snapshot.of_json(await queries.find(connection, digest))
