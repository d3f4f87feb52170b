"""The memory-service as tools use it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.memory import SearchRequest, SearchResult, StoreRequest
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.errors import NovaError
from services.orchestrator.tools.errors import ToolError


class ServiceMemory:
    """Implements ToolMemory; a memory that can't be used is told to the model."""

    def __init__(self, client: MemoryServiceClient) -> None:
        self._client = client

    async def store(
        self, agent_id: UUID, content: str, *, metadata: Mapping[str, str] | None = None
    ) -> UUID:
        request = StoreRequest(agent_id=agent_id, content=content, metadata=dict(metadata or {}))
        try:
            return (await self._client.store(request)).id
        except NovaError as error:
            raise ToolError(f"The memory could not be stored: {error.detail}") from error

    async def search(self, agent_id: UUID, query: str, *, limit: int) -> Sequence[SearchResult]:
        request = SearchRequest(agent_id=agent_id, query=query, limit=limit)
        try:
            return (await self._client.search(request)).results
        except NovaError as error:
            raise ToolError(f"Memory could not be searched: {error.detail}") from error
