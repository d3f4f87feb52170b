"""Memories from before there was a real model: found by their words, then embedded by it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.embedding_gateway import EmbeddingGateway
from tests.fixtures.memory_service import MemoryProcess, running_memory
from tests.fixtures.processes import wait_until

API = "/api/v1/memories"
OFFLINE, REAL, OTHER = "offline/test-embedder", "local/all-minilm-l6-v2", "text-embedding-3-small"


@pytest.fixture
def memory(
    tmp_path: Path, database_url: str, embedding_gateway: EmbeddingGateway
) -> Iterator[MemoryProcess]:
    embedding_gateway.model = OFFLINE
    with running_memory(
        tmp_path,
        database_url=database_url,
        gateway_url=embedding_gateway.url,
        NOVA_MEMORY_RENEW_SECONDS="0.1",
    ) as process:
        yield process


def store(process: MemoryProcess, *contents: str) -> None:
    with process.admin() as client:
        body = {"memories": [{"content": content} for content in contents]}
        assert len(client.post(f"{API}/bulk", json=body).json()["stored"]) == len(contents)


def models(process: MemoryProcess) -> dict[str, int]:
    with process.admin() as client:
        return client.get(f"{API}/stats").json()["embedding_models"]


class TestRenewal:
    def test_a_real_model_comes(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        store(memory, "the lighthouse is green", "the harbour has two piers")
        embedding_gateway.model = REAL
        with memory.admin() as client:
            found = client.post(f"{API}/search", json={"query": "lighthouse"}).json()
        assert found["results"][0]["content"] == "the lighthouse is green"
        with memory.worker():
            wait_until(lambda: models(memory).get(REAL) == 2, what="the new vectors")
        with memory.admin() as client:
            found = client.post(f"{API}/search", json={"query": "lighthouse"}).json()
        assert found["results"][0]["content"] == "the lighthouse is green"
        assert found["degraded"] is None
        assert models(memory) == {REAL: 2}

    def test_without_one_nothing_is_done_again_and_again(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        store(memory, "the lighthouse is green")
        with memory.worker():
            before = embedding_gateway.calls
            wait_until(lambda: embedding_gateway.calls >= before + 3, what="three looks")
        assert memory.fetch("SELECT 1 FROM memory_pending_embeddings") == []
        assert memory.fetch("SELECT 1 FROM memory_upkeep WHERE job = 'embed_pending'") == []

    def test_memories_of_another_real_model_are_left_alone(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.model = OTHER
        store(memory, "the harbour has two piers")
        embedding_gateway.model = OFFLINE
        store(memory, "the lighthouse is green")
        embedding_gateway.model = REAL
        with memory.worker():
            wait_until(lambda: models(memory).get(REAL) == 1, what="the new vector")
            before = embedding_gateway.calls
            wait_until(lambda: embedding_gateway.calls >= before + 3, what="three more looks")
        assert models(memory) == {OTHER: 1, REAL: 1}
