"""What a replay is given in the place of a worker's surroundings: nothing that acts or answers."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Never

from yarl import URL

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.db import Connection, Database
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.engine.memory_tools import ServiceMemory
from services.orchestrator.engine.tool_room import ToolRoom
from services.orchestrator.pipeline.snapshots.model import Snapshot
from services.orchestrator.policy.book import PolicyBook
from services.orchestrator.tools.context import ToolSettings
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.tools.sandbox.report import SandboxReport

_NOWHERE = Path("/nonexistent")
# Which tools worked, the snapshot says; here none is ever run.
_NOT_NEEDED = SandboxReport(works=True, reason="", host_allowed=True)


class ReadOnlyDatabase(Database):
    """Another one's connections, in transactions in which PostgreSQL refuses every write."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection, None]:
        async with (
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection, None]:
        async with self.connection() as connection:
            yield connection


class _NoPool(HttpPool):
    async def send(self, method: str, url: URL, **_given: Any) -> Never:
        raise AssertionError(f"a replay came to make a call ({method} {url.path})")


def no_gateway() -> LlmGatewayClient:
    return LlmGatewayClient(_nobody("llm-gateway"))


def no_memory() -> MemoryServiceClient:
    return MemoryServiceClient(_nobody("memory-service"))


def _nobody(name: str) -> Peer:
    return Peer(_NoPool(), name=name, url="http://nobody.invalid", caller=name, secret=name)


class ReplayRoom(ToolRoom):
    """The tools that the task was offered, to be described and never to be run."""

    acts = False

    def folder(self, metadata: dict[str, Any]) -> Path:
        """No folder, but the same refusals."""
        name = metadata.get("workspace")
        if name is not None:
            path = Path(str(name))
            if not path.parts or path.is_absolute() or ".." in path.parts:
                raise TaskFailed("metadata.workspace must name a folder inside the workspace")
        return _NOWHERE


def room_of(snapshot: Snapshot, registry: ToolRegistry, database: Database) -> ReplayRoom:
    offered = {name: tool for name, tool in registry.tools.items() if name in snapshot.tools}
    return ReplayRoom(
        registry=ToolRegistry(offered),
        sandbox=_NOT_NEEDED,
        settings=ToolSettings(state_folder=_NOWHERE),
        workspace=_NOWHERE,
        memory=ServiceMemory(no_memory()),
        policies=PolicyBook(database),
    )
