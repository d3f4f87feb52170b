"""What a worker's agents can use: the tools that work here, the workspace, the sandbox's report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from services.orchestrator.engine.call_rules import CallRules
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.engine.tool_calls import ToolBox
from services.orchestrator.policy.book import PolicyBook
from services.orchestrator.policy.model import Subject
from services.orchestrator.tools.context import (
    SandboxTier,
    ToolAgents,
    ToolContext,
    ToolEndpoints,
    ToolMemory,
    ToolSettings,
)
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.tools.sandbox.report import SandboxReport


@dataclass(frozen=True, slots=True)
class Asker:
    """The agent of a run for which a tool box is made; `allowed` None means all tools."""

    agent_id: UUID
    allowed: list[str] | None
    tier: SandboxTier


LinkAgents = Callable[[TaskRun, Asker], ToolAgents]
LinkEndpoints = Callable[[TaskRun], ToolEndpoints]


@dataclass(frozen=True, slots=True)
class ToolRoom:
    # False where the tools are described only.
    acts: ClassVar[bool] = True

    registry: ToolRegistry
    sandbox: SandboxReport
    settings: ToolSettings
    workspace: Path
    memory: ToolMemory
    policies: PolicyBook
    agents: LinkAgents | None = None
    endpoints: LinkEndpoints | None = None

    def box(
        self,
        run: TaskRun,
        *,
        agent_id: UUID,
        allowed: list[str] | None,
        tier: SandboxTier,
        subject: Subject,
        asks_person: bool = False,
    ) -> ToolBox | None:
        """The tools of one agent of `run`; None if it may use none.

        `agent_id` is whose memory it uses; `subject` is whom rules are about.
        """
        offered = self.registry.available(allowed, tier=tier, sandbox=self.sandbox)
        if not offered:
            return None
        wanted = self.registry.tools if allowed is None else allowed
        refused = {
            name: reason
            for name in wanted
            if (tool := self.registry.get(name)) is not None
            and (reason := tool.reason_off(tier, self.sandbox)) is not None
        }
        context = ToolContext(
            task_id=run.task.id,
            agent_id=agent_id,
            workspace=self.folder_of(run),
            workspace_root=self.workspace,
            settings=self.settings,
            lease=run.lease,
            tier=tier,
            sandbox=self.sandbox,
            memory=self.memory,
            agents=None
            if self.agents is None
            else self.agents(run, Asker(agent_id, allowed, tier)),
            endpoints=None if self.endpoints is None else self.endpoints(run),
        )
        rules = CallRules(self.policies, subject, run.task.policy_version)
        return ToolBox({tool.name: tool for tool in offered}, context, refused, asks_person, rules)

    def folder_of(self, run: TaskRun) -> Path:
        """The folder that the run's tools see."""
        return self.folder(run.task.metadata) if run.folder is None else run.folder

    def folder(self, metadata: dict[str, Any]) -> Path:
        """The task's folder: the workspace, or the subfolder that metadata.workspace names."""
        name = metadata.get("workspace")
        folder = self.workspace
        if name is not None:
            path = Path(str(name))
            parts = path.parts
            if not parts or path.is_absolute() or ".." in parts:
                raise TaskFailed("metadata.workspace must name a folder inside the workspace")
            folder = self.workspace / path
        if not folder.resolve().is_relative_to(self.workspace.resolve()):
            raise TaskFailed("metadata.workspace leads outside the workspace")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TaskFailed(f"metadata.workspace can't be used: {error.strerror}") from error
        return folder
