"""Moving to another embedding model: found throughout, killed at any time, complete in the end."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.embedding_gateway import EmbeddingGateway
from tests.fixtures.memory_service import MemoryProcess, running_memory
from tests.fixtures.processes import wait_until
from tests.integration.memory_service.test_store import assert_indexes_fit

API = "/api/v1/memories"
OLD, NEW = "text-embedding-3-small", "local/all-minilm-l6-v2"
COUNT = 260


@pytest.fixture
def memory(
    tmp_path: Path, database_url: str, embedding_gateway: EmbeddingGateway
) -> Iterator[MemoryProcess]:
    embedding_gateway.model = OLD
    with running_memory(
        tmp_path, database_url=database_url, gateway_url=embedding_gateway.url
    ) as process:
        yield process


def store(process: MemoryProcess, count: int = COUNT) -> str:
    agent = str(uuid4())
    items = [
        {"agent_id": agent, "session_id": str(n // 50), "content": f"note {n} on {word(n)}"}
        for n in range(count)
    ]
    with process.admin() as client:
        answer = client.post(f"{API}/bulk", json={"memories": items}).json()
    assert len(answer["stored"]) == count
    return agent


def word(n: int) -> str:
    return f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{'uvwxy'[n // 100]}ing"


def begin(process: MemoryProcess) -> dict[str, Any]:
    with process.admin() as client:
        answer = client.post(f"{API}/reembed")
    assert answer.status_code == 202, answer.text
    return answer.json()


def stats(process: MemoryProcess) -> dict[str, Any]:
    with process.admin() as client:
        return client.get(f"{API}/stats").json()


def moved_in(process: MemoryProcess) -> int:
    return stats(process)["embedding_models"].get(NEW, 0)


def finished(process: MemoryProcess) -> bool:
    return stats(process)["reembedding"]["finished_at"] is not None


class TestReembed:
    def test_survives_kills_and_is_found_throughout(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        agent = store(memory)
        embedding_gateway.model = NEW
        move = begin(memory)
        assert (move["model"], move["total"], move["remaining"]) == (NEW, COUNT, COUNT)
        moved = 0
        for _ in range(3):
            with memory.worker() as worker:
                # All may be moved before it is killed.
                wait_until(
                    lambda before=moved: moved_in(memory) > min(before, COUNT - 1),
                    what="some to be moved",
                )
                worker.send_signal(signal.SIGKILL)
                worker.wait()
            moved = moved_in(memory)
            memory.fetch("UPDATE memory_pending_embeddings SET next_attempt_at = now()")
            with memory.admin() as client:
                for n in (3, COUNT - 3):
                    body = {"agent_id": agent, "query": f"something on {word(n)}", "explain": True}
                    found = client.post(f"{API}/search", json=body).json()
                    assert found["results"][0]["content"] == f"note {n} on {word(n)}"
                    assert "similarity" in found["results"][0]["explanation"]
                    assert found["degraded"] is None
            assert_indexes_fit(memory, moving=True)
        with memory.worker():
            wait_until(lambda: finished(memory), what="the end of the move")
        after = stats(memory)
        assert after["embedding_models"] == {NEW: COUNT}
        assert after["pending_embeddings"] == 0
        assert after["reembedding"]["remaining"] == after["reembedding"]["refused"] == 0
        assert_indexes_fit(memory)

    def test_ends_with_what_the_model_refuses_left_where_it_was(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        store(memory, 8)
        embedding_gateway.model, embedding_gateway.refused = NEW, word(5)
        begin(memory)
        with memory.worker():
            wait_until(lambda: finished(memory), what="the end of the move")
        assert stats(memory)["embedding_models"] == {OLD: 1, NEW: 7}
        assert stats(memory)["reembedding"]["refused"] == 1

    def test_a_model_exchanged_meanwhile_is_the_target(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        store(memory, 4)
        embedding_gateway.model = "a model of an hour"
        begin(memory)
        embedding_gateway.model = NEW
        with memory.worker():
            wait_until(lambda: finished(memory), what="the end of the move")
        assert stats(memory)["embedding_models"] == {NEW: 4}

    def test_is_an_administrators(self, memory: MemoryProcess) -> None:
        with memory.keyed() as client:
            assert client.post(f"{API}/reembed").status_code == 403
        assert stats(memory)["reembedding"] is None

    def test_says_when_no_model_can_be_asked(
        self, memory: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.mode = "down"
        with memory.admin() as client:
            answer = client.post(f"{API}/reembed")
        assert answer.status_code == 503
        assert stats(memory)["reembedding"] is None
