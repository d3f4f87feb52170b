"""The client that the rest of Nova uses, with its service token, against both implementations."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from contracts.memory import ContextRequest, FactRequest, SearchRequest, StoreRequest, Tier
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from tests.fixtures.memory_service import SERVICE_SECRET, MemoryProcess, running_minimal


@pytest.fixture(params=["real", "minimal"])
async def client(
    request: pytest.FixtureRequest, tmp_path: Path, memory_service: MemoryProcess
) -> AsyncIterator[MemoryServiceClient]:
    async with HttpPool() as pool:

        def connect(url: str) -> MemoryServiceClient:
            return MemoryServiceClient(
                Peer(
                    pool,
                    name="memory-service",
                    url=url,
                    caller="orchestrator",
                    secret=SERVICE_SECRET,
                )
            )

        if request.param == "real":
            yield connect(memory_service.url)
        else:
            with running_minimal(tmp_path) as url:
                yield connect(url)


async def test_every_call(client: MemoryServiceClient) -> None:
    agent = uuid4()
    stored = await client.store(StoreRequest(agent_id=agent, content="the gate opens at six"))
    fact = await client.store_fact(
        FactRequest(
            agent_id=agent, project_id="p", category="gate", key="colour", content="it is red"
        )
    )
    assert (fact.version, fact.is_new) == (1, True)
    found = await client.search(SearchRequest(agent_id=agent, query="when does the gate open"))
    assert found.results[0].id == stored.id
    assert found.results[0].tier is Tier.EPISODIC
    context = await client.context(agent, ContextRequest(query="gate colour", max_tokens=100))
    assert {memory.id for memory in context.memories} == {stored.id, fact.id}
    assert context.total_tokens_estimated <= 100
