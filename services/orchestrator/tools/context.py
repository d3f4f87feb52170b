"""What a tool call is given: whose it is, where it may work, how long, and which peers it may ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from services.orchestrator.tools.lease import ToolLease
from services.orchestrator.tools.sandbox.report import SandboxReport


class SandboxTier(StrEnum):
    """What a pod lets its tools touch; the value of Pod.sandbox."""

    ISOLATED = "isolated"  # no files, no network
    WORKSPACE = "workspace"  # the workspace, no network
    NOVA = "nova"  # Nova's own configuration through Nova's interface, no files
    HOST = "host"  # the whole machine; needs SHELL_SANDBOX=host besides


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """Limits of tool calls. Sizes in bytes, times in seconds."""

    state_folder: Path  # locks and device nodes; outside every workspace; made when missing
    shell_sandbox: str = "bubblewrap"  # bubblewrap | host | off
    call_timeout: float = 60.0  # any tool but the shell
    shell_timeout: float = 120.0
    search_timeout: float = 20.0
    lock_timeout: float = 30.0  # waiting for another call on the same workspace
    read_limit: int = 256 * 1024  # of one file given to the model
    output_limit: int = 64 * 1024  # of one command's output given to the model
    search_limit: int = 200  # lines of one search
    list_limit: int = 1000  # names of one folder


class RecalledMemory(Protocol):
    """One search result of memory-service."""

    @property
    def content(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def score(self) -> float: ...
    @property
    def created_at(self) -> datetime: ...


class ToolMemory(Protocol):
    """The part of a memory-service client that tools use; failures are raised as ToolError."""

    async def store(
        self, agent_id: UUID, content: str, *, metadata: Mapping[str, str] | None = None
    ) -> UUID: ...

    async def search(
        self, agent_id: UUID, query: str, *, limit: int
    ) -> Sequence[RecalledMemory]: ...


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """One of Nova's agents, as other agents see it; `tools` None means all."""

    id: UUID
    name: str
    status: str
    model: str
    tools: list[str] | None
    is_primary: bool


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that agents can be given; prices in USD per token, None where unknown."""

    id: str
    provider: str
    context_window: int | None
    cost_per_input_token: float | None
    cost_per_output_token: float | None


class ToolAgents(Protocol):
    """Nova's agents and models as tools use them; failures are raised as ToolError.

    `call_id` is the call's own: what it makes or starts is made or started once for it.
    """

    async def known(self) -> Sequence[KnownAgent]: ...

    async def create(
        self,
        call_id: UUID,
        *,
        name: str,
        system_prompt: str,
        model: str,
        tools: list[str] | None,
    ) -> KnownAgent: ...

    async def ask(self, call_id: UUID, agent: str, message: str) -> str:
        """The agent's answer; `agent` is its id or name. Raises CallPending until it has come."""
        ...

    async def models(self) -> Sequence[KnownModel]: ...


@dataclass(frozen=True, slots=True)
class KnownEndpoint:
    """An agent outside of Nova that an administrator has connected."""

    name: str
    description: str
    input_schema: dict[str, Any] | None


class ToolEndpoints(Protocol):
    """External agents as tools use them; failures are raised as ToolError."""

    async def known(self) -> Sequence[KnownEndpoint]: ...

    async def delegate(
        self,
        call_id: UUID,
        endpoint: str,
        *,
        message: str | None,
        data: dict[str, Any] | None,
        reply_to: str | None,
    ) -> str:
        """The agent's answer. Raises CallPending until it has come."""
        ...


@dataclass(frozen=True, slots=True)
class ToolContext:
    """One task's view for its tool calls; the engine makes one per task (or stage)."""

    task_id: UUID
    agent_id: UUID
    workspace: Path  # the folder that tools see as their root
    workspace_root: Path  # the shared folder; the same as workspace, or a parent of it
    settings: ToolSettings
    lease: ToolLease
    tier: SandboxTier
    sandbox: SandboxReport
    memory: ToolMemory | None = None
    call_id: UUID | None = None  # this call's own, the same when it is made again
    agents: ToolAgents | None = None
    endpoints: ToolEndpoints | None = None
    started: Callable[[], None] = lambda: None  # called once, right before the call acts
    lock_descriptors: tuple[int, ...] = ()  # set by the workspace's lock, inherited by processes
