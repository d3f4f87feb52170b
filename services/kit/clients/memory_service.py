"""memory-service as its peers see it."""

from uuid import UUID

from contracts.memory import (
    ContextRequest,
    ContextResponse,
    FactRequest,
    SearchRequest,
    SearchResponse,
    StoredFact,
    StoredMemory,
    StoreRequest,
)
from services.kit.http import Peer

_PATH = "/api/v1/memories"


class MemoryServiceClient:
    """Every call raises PeerError or PeerDown."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def store(self, request: StoreRequest) -> StoredMemory:
        return await self._peer.call("POST", _PATH, answer=StoredMemory, body=request)

    async def search(self, request: SearchRequest) -> SearchResponse:
        return await self._peer.call("POST", f"{_PATH}/search", answer=SearchResponse, body=request)

    async def store_fact(self, request: FactRequest) -> StoredFact:
        return await self._peer.call("POST", f"{_PATH}/facts", answer=StoredFact, body=request)

    async def context(self, agent_id: UUID, request: ContextRequest) -> ContextResponse:
        return await self._peer.call(
            "POST", f"{_PATH}/{agent_id}/context", answer=ContextResponse, body=request
        )
