"""memory-worker as a process: purges, survives its dependencies, ends when asked."""

import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from services.kit.launch.configuration import ROOT
from services.kit.migrate import apply_migrations
from tests.fixtures.embedding_gateway import EmbeddingGateway
from tests.fixtures.memory_service import MemoryProcess, memory_environment
from tests.fixtures.postgres import in_own_loop
from tests.fixtures.processes import start, stop, wait_until

API = "/api/v1/memories"
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def store_expiring(process: MemoryProcess, count: int) -> bool:
    """False if the service had no database just then."""
    items = [{"content": f"soon over {n}", "ttl_seconds": 1} for n in range(count)]
    with process.admin() as client:
        answer = client.post(f"{API}/bulk", json={"memories": items})
    if answer.status_code == 503:
        return False
    assert len(answer.json()["stored"]) == count
    return True


def rows(process: MemoryProcess) -> int:
    return process.fetch("SELECT count(*) FROM memories")[0][0]


class TestPurge:
    def test_deletes_what_has_expired_and_nothing_else(self, memory_service: MemoryProcess) -> None:
        with memory_service.admin() as client:
            kept = client.post(API, json={"content": "stays", "tier": "working"}).json()["id"]
        assert store_expiring(memory_service, 20)
        with memory_service.worker():
            wait_until(lambda: rows(memory_service) == 1, what="the purge")
        [row] = memory_service.fetch("SELECT id FROM memories")
        assert row["id"] == UUID(kept)
        assert memory_service.fetch("SELECT count(*) FROM memory_postings")[0][0] == 1
        [run] = memory_service.fetch("SELECT * FROM memory_upkeep WHERE job = 'purge_expired'")
        assert run["total_count"] == 20


class TestLife:
    def test_ends_well_when_asked(self, memory_service: MemoryProcess) -> None:
        with memory_service.worker() as worker:
            wait_until(
                lambda: memory_service.fetch("SELECT 1 FROM memory_upkeep"), what="its first run"
            )
            assert stop(worker) == 0

    def test_survives_a_lost_database(self, memory_service: MemoryProcess) -> None:
        with memory_service.worker() as worker:
            wait_until(
                lambda: memory_service.fetch("SELECT 1 FROM memory_upkeep"), what="its first run"
            )
            memory_service.fetch(CUT)  # also the connections of the service itself
            wait_until(lambda: store_expiring(memory_service, 1), what="the service's database")
            wait_until(lambda: rows(memory_service) == 0, what="the purge after the loss")
            assert worker.poll() is None

    def test_waits_for_the_schema(
        self, tmp_path: Path, empty_database_url: str, embedding_gateway: EmbeddingGateway
    ) -> None:
        environment = memory_environment(
            tmp_path, gateway_url=embedding_gateway.url, database_url=empty_database_url
        )
        process = MemoryProcess("http://nowhere", empty_database_url, environment, tmp_path)
        with process.worker() as worker:
            wait_until(
                lambda: "schema is at version 0" in (tmp_path / "memory-worker.log").read_text(),
                what="the worker to wait",
            )
            in_own_loop(apply_migrations(empty_database_url))
            wait_until(lambda: process.fetch("SELECT 1 FROM memory_upkeep"), what="its first run")
            assert worker.poll() is None

    def test_a_killed_one_leaves_its_work_to_the_next(
        self, memory_service: MemoryProcess, embedding_gateway: EmbeddingGateway
    ) -> None:
        embedding_gateway.mode = "down"
        with memory_service.admin() as client:
            client.post(API, json={"content": "late"})
        embedding_gateway.mode = "hang"
        with memory_service.worker() as worker:
            claimed = "SELECT 1 FROM memory_pending_embeddings WHERE next_attempt_at > now()"
            wait_until(lambda: memory_service.fetch(claimed), what="the claim")
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        embedding_gateway.mode = "ok"
        embedding_gateway.released.set()
        # The claim runs out by itself; the test only shortens the wait.
        memory_service.fetch("UPDATE memory_pending_embeddings SET next_attempt_at = now()")
        with memory_service.worker():
            wait_until(
                lambda: memory_service.fetch("SELECT 1 FROM memory_vectors"), what="the vector"
            )

    def test_names_the_missing_setting(self, tmp_path: Path) -> None:
        environment = memory_environment(tmp_path, gateway_url="http://x", database_url="x")
        del environment["DATABASE_URL"]
        log = tmp_path / "log"
        command = [sys.executable, "-m", "services.memory_service.worker"]
        process: subprocess.Popen[bytes] = start(
            command, log=log, environment=environment, cwd=ROOT
        )
        assert process.wait(30) == 78
        assert "DATABASE_URL is not set" in log.read_text()
