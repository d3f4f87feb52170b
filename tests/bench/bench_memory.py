"""Latency of memory-service: hybrid search beside keywords alone, and stores, through HTTP.

python -m tests.bench.bench_memory [--memories 10000] [--searches 200] [--clients 8]

Starts its own PostgreSQL, gateway-shaped embedder and memory-service. The texts are drawn from a
fixed random vocabulary with a natural skew (Zipf), the queries from words of stored texts.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.kit.launch import postgres
from services.kit.migrate import apply_migrations
from tests.fixtures.embedding_gateway import running_gateway
from tests.fixtures.memory_service import MemoryProcess, running_memory
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import PostgresServer, in_own_loop
from tests.fixtures.processes import start, stop, wait_until

API = "/api/v1/memories"
_VOCABULARY = 5000
_SEED = 20240501


def make_texts(count: int) -> list[str]:
    """Texts of 8 to 30 words."""
    chance = random.Random(_SEED)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 10))) for _ in range(_VOCABULARY)]
    weights = [1 / (rank + 10) for rank in range(_VOCABULARY)]
    return [" ".join(chance.choices(words, weights, k=chance.randint(8, 30))) for _ in range(count)]


def timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def report(name: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(f"{name:<34} median {statistics.median(ordered):7.2f} ms   p95 {p95:7.2f} ms")


def bench(process: MemoryProcess, *, memories: int, searches: int, clients: int) -> None:
    agent = str(uuid4())
    texts = make_texts(memories)
    with process.admin() as client:
        begin = time.perf_counter()
        for first in range(0, memories, 1000):
            items = [{"agent_id": agent, "content": text} for text in texts[first : first + 1000]]
            answer = client.post(f"{API}/bulk", json={"memories": items})
            answer.raise_for_status()
            assert answer.json()["failed"] == []
        seconds = time.perf_counter() - begin
        print(f"bulk store: {memories / seconds:.0f} memories a second (embedder included)")
        # What autovacuum does within a minute of such a load.
        process.fetch("VACUUM ANALYZE")
        chance = random.Random(_SEED)
        queries = [" ".join(chance.choice(texts).split()[:6]) for _ in range(searches)]

        def search(query: str, **fields: Any) -> dict[str, Any]:
            body = {"agent_id": agent, "query": query, **fields}
            return client.post(f"{API}/search", json=body).raise_for_status().json()

        report(
            "nothing (health/live)", [timed(lambda: client.get("/health/live")) for _ in queries]
        )
        report("hybrid", [timed(lambda q=q: search(q)) for q in queries])
        report("keywords only", [timed(lambda q=q: search(q, vector_weight=0)) for q in queries])
        report("vectors only", [timed(lambda q=q: search(q, keyword_weight=0)) for q in queries])
        one = [{"agent_id": agent, "content": text} for text in make_texts(200)]
        report("store one", [timed(lambda b=b: client.post(API, json=b)) for b in one])
    bench_parallel(process, agent=agent, queries=queries, clients=clients)


def bench_parallel(process: MemoryProcess, *, agent: str, queries: list[str], clients: int) -> None:
    def work(mine: list[str]) -> list[float]:
        with process.admin() as client:
            return [
                timed(
                    lambda q=q: client.post(f"{API}/search", json={"agent_id": agent, "query": q})
                )
                for q in mine
            ]

    with ThreadPoolExecutor(clients) as pool:
        begin = time.perf_counter()
        parts = list(pool.map(work, [queries[part::clients] for part in range(clients)]))
        seconds = time.perf_counter() - begin
    report(f"hybrid, {clients} clients", [value for part in parts for value in part])
    print(f"{'':<34} {len(queries) / seconds:.0f} searches a second")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=10_000)
    parser.add_argument("--searches", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder, running_gateway() as gateway:
        home = Path(folder)
        server = PostgresServer(free_port(), uuid4().hex, postgres.find_binaries(), home)
        postgres.initialise(server.binaries, home / "data", password=server.password)
        command = postgres.server_command(server.binaries, home / "data", port=server.port)
        process = start(command, log=home / "log")
        try:
            wait_until(lambda: "ready to accept" in (home / "log").read_text(), what="PostgreSQL")
            in_own_loop(apply_migrations(server.dsn()))
            with running_memory(home, database_url=server.dsn(), gateway_url=gateway.url) as memory:
                bench(memory, **options)
        finally:
            stop(process)


if __name__ == "__main__":
    main()
