"""Without vectors: nothing is lost, search goes on by keywords and says so, vectors come later."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.embedding_gateway import EmbeddingGateway, embed
from tests.fixtures.memory_service import MemoryProcess, running_memory
from tests.fixtures.processes import wait_until

API = "/api/v1/memories"


def search(process: MemoryProcess, query: str, **fields: Any) -> dict[str, Any]:
    with process.admin() as client:
        answer = client.post(f"{API}/search", json={"query": query, "explain": True, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def store(process: MemoryProcess, content: str, **fields: Any) -> str:
    with process.admin() as client:
        answer = client.post(API, json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def cosine(one: str, other: str, *, model: str) -> float:
    pairs = zip(embed(one, salt=model), embed(other, salt=model), strict=True)
    return sum(a * b for a, b in pairs)


def pending(process: MemoryProcess) -> int:
    with process.admin() as client:
        return client.get(f"{API}/stats").json()["pending_embeddings"]


class TestGatewayDown:
    def test_a_memory_is_stored_and_found_by_its_words(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.mode = "down"
        agent = str(uuid4())
        wanted = store(memory_service, "the lighthouse is green", agent_id=agent)
        found = search(memory_service, "lighthouse", agent_id=agent)
        assert [result["id"] for result in found["results"]] == [wanted]
        assert "keywords only" in found["degraded"]
        assert pending(memory_service) == 1

    def test_the_worker_embeds_it_when_the_gateway_is_back(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.mode = "down"
        store(memory_service, "the lighthouse is green")
        with memory_service.admin() as client:
            name = {"project_id": "p", "category": "place", "key": "harbour"}
            client.post(f"{API}/facts", json={**name, "content": "has two piers"})
        assert pending(memory_service) == 2
        with memory_service.worker():
            embedding_gateway.mode = "ok"
            wait_until(lambda: pending(memory_service) == 0, what="the vectors")

        def whole() -> dict[str, Any] | None:
            found = search(memory_service, "lighthouse harbour")
            return None if found["degraded"] else found

        # The service asks the gateway again some seconds after it was refused.
        found = wait_until(whole, what="a search with vectors")
        assert all("similarity" in result["explanation"] for result in found["results"])
        assert len(found["results"]) == 2

    def test_a_gateway_that_hangs_does_not_hang_the_store(
        self, tmp_path: Path, database_url: str, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.mode = "hang"
        with running_memory(
            tmp_path,
            database_url=database_url,
            gateway_url=embedding_gateway.url,
            NOVA_MEMORY_EMBED_SECONDS="0.2",
        ) as process:
            store(process, "the lighthouse is green")
            assert pending(process) == 1
            embedding_gateway.released.set()

    def test_one_refused_text_does_not_hold_up_the_others(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.refused = "poison"
        items = [{"content": f"memory {n} " + ("poison" if n == 3 else "")} for n in range(8)]
        with memory_service.admin() as client:
            answer = client.post(f"{API}/bulk", json={"memories": items})
        assert answer.json()["failed"] == []
        assert pending(memory_service) == 8
        with memory_service.worker():
            wait_until(lambda: pending(memory_service) == 1, what="the other vectors")
        [row] = memory_service.fetch("SELECT attempts, error FROM memory_pending_embeddings")
        assert row["attempts"] >= 1
        assert row["error"] == "this text is refused"


class TestAnotherModel:
    def test_each_memory_is_compared_by_its_own(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        agent = str(uuid4())
        old = store(memory_service, "the lighthouse is green", agent_id=agent)
        embedding_gateway.model = "offline/other-embedder"
        new = store(memory_service, "the harbour is wide", agent_id=agent)
        found = search(memory_service, "lighthouse harbour", agent_id=agent)
        parts = {result["id"]: result["explanation"] for result in found["results"]}
        assert parts.keys() == {old, new}
        for memory, content, model in (
            (old, "the lighthouse is green", "offline/test-embedder"),
            (new, "the harbour is wide", "offline/other-embedder"),
        ):
            wanted = cosine(content, "lighthouse harbour", model=model)
            assert parts[memory]["similarity"] == pytest.approx(wanted, abs=0.01)
        assert found["degraded"] is None

    def test_one_that_is_gone_leaves_the_words(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        agent = str(uuid4())
        old = store(memory_service, "the lighthouse is green", agent_id=agent)
        embedding_gateway.gone = frozenset({embedding_gateway.model})
        embedding_gateway.model = "offline/other-embedder"
        new = store(memory_service, "the harbour is wide", agent_id=agent)
        found = search(memory_service, "lighthouse harbour", agent_id=agent)
        parts = {result["id"]: result["explanation"] for result in found["results"]}
        assert "similarity" not in parts[old]
        assert "similarity" in parts[new]
        assert "offline/test-embedder, which can't be asked" in found["degraded"]

    def test_stats_name_both(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        store(memory_service, "one")
        embedding_gateway.model = "offline/other-embedder"
        store(memory_service, "two")
        with memory_service.admin() as client:
            models = client.get(f"{API}/stats").json()["embedding_models"]
        assert models == {"offline/test-embedder": 1, "offline/other-embedder": 1}


class TestDatabaseLost:
    def test_the_service_comes_back_with_it(self, memory_service: MemoryProcess) -> None:
        store(memory_service, "before")
        memory_service.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with memory_service.admin() as client:
            first = client.get(f"{API}/browse")
            assert first.status_code in {200, 503}
            again = client.get(f"{API}/browse")
        assert again.status_code == 200
        assert again.json()["total"] == 1
