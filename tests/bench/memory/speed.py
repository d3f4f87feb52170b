"""Latency, throughput and exactness of searches beside agents of several sizes, and stores.

Queries are the first words of stored texts. Latencies are raw, through HTTP, with the embedder's part
printed beside them; processor times are PostgreSQL's and memory-service's alone. Exactness: how many
of the ten first are those of the same statement with every memory as a candidate.
"""

import asyncio
import http.client
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from services.kit.db import prepare_connection
from services.kit.launch.configuration import ROOT
from services.memory_service.ingest.embedding import Vector
from services.memory_service.readers import queries as readers
from services.memory_service.retrieval import queries
from services.memory_service.retrieval.terms import SearchTerms
from services.memory_service.retrieval.weights import WEIGHTS
from services.memory_service.scopes import Reader
from tests.bench.figures import print_load, print_times, processor_seconds
from tests.bench.memory.known import MODEL
from tests.bench.memory.stack import (
    Store,
    print_setting,
    running_gateway,
    running_memory,
    running_store,
)
from tests.bench.memory.texts import DIMENSIONS, Texts
from tests.fixtures.memory_service import ADMIN_SECRET, MemoryProcess
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import in_own_loop
from tests.fixtures.processes import start, stop, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

API = "/api/v1/memories"
_QUERY_WORDS = 6
_OTHERS = 1_000
_EVERYTHING = replace(
    WEIGHTS,
    candidates=10**6,
    expanded=10**6,
    postings=10**8,
    longest_list=10**7,
)


@dataclass(frozen=True)
class Plan:
    memories: int
    agents: tuple[int, ...]
    searches: int
    rounds: int
    clients: int
    exact: int


def run(plan: Plan) -> None:
    """Fill a store, then search it."""
    print_setting()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            running_store(home) as store,
            _known_embedder(home) as url,
            running_memory(home, store, gateway_url=url) as process,
        ):
            pids = {"postgres": store.process.pid, "memory-service": _pid_of(process)}
            texts = _fill(process, plan, pids)
            with process.worker():
                counted = "SELECT 1 FROM memory_upkeep WHERE job = 'count_words'"
                wait_until(lambda: process.fetch(counted), what="the counts", seconds=120)
            # What autovacuum does within a minute of such a load.
            process.fetch("VACUUM ANALYZE")
            for agent, own in texts.values():
                _search_agent(process, store, plan, pids, agent=agent, texts=own)
    print_load("after")


def run_new_texts(count: int) -> None:
    """Store texts that nobody has seen, with the local model."""
    print_setting()
    made = Texts()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            running_store(home) as store,
            running_gateway(home, store) as url,
            running_memory(home, store, gateway_url=url) as process,
            process.admin() as client,
        ):
            # The first text waits for the model's process.
            client.post(API, json={"content": "first"}).raise_for_status()
            items = [{"agent_id": str(uuid4()), "content": made.text()} for _ in range(count)]
            began = time.perf_counter()
            for first in range(0, count, 200):
                _bulk(client, items[first : first + 200])
            print(f"new texts, local model: {count / (time.perf_counter() - began):8.1f} a second")
    print_load("after")


@contextmanager
def _known_embedder(home: Path) -> "Iterator[str]":
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.memory.known", str(port)]
    process = start(command, log=home / "embedder.log", cwd=ROOT)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/health/live").is_success
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, what="the embedder")
        yield url
    finally:
        stop(process)


def _fill(
    process: MemoryProcess, plan: Plan, pids: dict[str, int]
) -> dict[int, tuple[str, list[str]]]:
    """Store everything, the agents' memories mixed; the measured agents' texts by their number."""
    made = Texts()
    others = (plan.memories - sum(plan.agents)) // _OTHERS
    owners = [(size, str(uuid4())) for size in (*plan.agents, *[_OTHERS] * others)]
    order = [owner for owner in owners for _ in range(owner[0])]
    made.chance.shuffle(order)
    kept: dict[int, tuple[str, list[str]]] = {
        size: (agent, []) for size, agent in owners[: len(plan.agents)]
    }
    measured = {agent: size for size, agent in owners[: len(plan.agents)]}
    with process.admin() as client:
        began = time.perf_counter()
        before = {name: processor_seconds(pid) for name, pid in pids.items()}
        for first in range(0, len(order), 1000):
            items = [
                {"agent_id": agent, "content": made.text()}
                for _, agent in order[first : first + 1000]
            ]
            for item in items:
                if item["agent_id"] in measured:
                    kept[measured[item["agent_id"]]][1].append(item["content"])
            _bulk(client, items)
            if (first // 1000) % 10 == 9:
                rate = (first + 1000) / (time.perf_counter() - began)
                print(f"bulk store, known vectors: {first + 1000:7} at {rate:7.0f} a second so far")
        _print_processor(before, pids, count=len(order), what="memory")
        assert client.get(f"{API}/stats").json()["pending_embeddings"] == 0
    return kept


def _bulk(client: httpx.Client, items: list[dict[str, Any]]) -> None:
    answer = client.post(f"{API}/bulk", json={"memories": items}).raise_for_status()
    assert answer.json()["failed"] == []


def _search_agent(
    process: MemoryProcess,
    store: Store,
    plan: Plan,
    pids: dict[str, int],
    *,
    agent: str,
    texts: list[str],
) -> None:
    chance = Texts().chance
    asked = [" ".join(chance.choice(texts).split()[:_QUERY_WORDS]) for _ in range(plan.searches)]
    print(f"\nan agent of {len(texts)} memories")
    _client(process, agent, asked[:10])
    for _ in range(plan.rounds):
        before = {name: processor_seconds(pid) for name, pid in pids.items()}
        print_times("  1 client", _client(process, agent, asked))
        _print_processor(before, pids, count=len(asked), what="search")
        with ThreadPoolExecutor(plan.clients) as pool:
            began = time.perf_counter()
            parts = pool.map(
                lambda part: _client(process, agent, asked[part :: plan.clients]),
                range(plan.clients),
            )
            seconds = [value for part in parts for value in part]
            rate = len(asked) / (time.perf_counter() - began)
        print_times(f"  {plan.clients} clients, {rate:.0f} searches a second", seconds)
    exact = in_own_loop(_exactness(store.url, agent=agent, asked=asked[: plan.exact]))
    print(f"  recall@10 against every memory as a candidate: {exact:.4f} of {plan.exact} queries")


def _print_processor(
    before: dict[str, float], pids: dict[str, int], *, count: int, what: str
) -> None:
    each = {
        name: (processor_seconds(pid) - before[name]) / count * 1000 for name, pid in pids.items()
    }
    parts = "  ".join(f"{name} {value:.2f}" for name, value in each.items())
    print(f"    processor ms a {what}: {sum(each.values()):.2f} = {parts}")


def _client(process: MemoryProcess, agent: str, asked: list[str]) -> list[float]:
    """Seconds of each search over one connection; a bare client, to cost little beside them."""
    host, _, port = process.url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    headers = {"X-Admin-Secret": ADMIN_SECRET, "Content-Type": "application/json"}
    seconds: list[float] = []
    for query in asked:
        body = json.dumps({"agent_id": agent, "query": query})
        began = time.perf_counter()
        connection.request("POST", f"{API}/search", body, headers)
        answer = connection.getresponse()
        found = answer.read()
        seconds.append(time.perf_counter() - began)
        assert answer.status == 200, found
    connection.close()
    return seconds


def _pid_of(process: MemoryProcess) -> int:
    """The process that listens on its port."""
    port = int(process.url.rpartition(":")[2])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}")}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) in sockets:
                return int(descriptor.parts[2])
        except OSError:
            continue
    raise LookupError("memory-service is not running")


async def _exactness(url: str, *, agent: str, asked: list[str]) -> float:
    connection = await asyncpg.connect(url, command_timeout=600)
    await prepare_connection(connection)
    reader = Reader(agent_id=UUID(agent), key_id=None)
    profile = await readers.profile(connection, reader)
    [model] = [model[0] for model in profile.models]
    made = Texts()
    hits = total = 0
    for query in asked:
        terms = SearchTerms(
            keywords=query,
            names=[],
            vectors={model: Vector(MODEL, DIMENSIONS, json.dumps(made.vector(query)))},
            memories=profile.memories,
            words=profile.words,
            tiers=None,
            metadata=None,
            since=None,
            until=None,
            vector_weight=0.7,
            keyword_weight=0.3,
            min_score=None,
            limit=10,
        )
        found = await queries.search(connection, reader, terms)
        wanted = await queries.search(connection, reader, replace(terms, weights=_EVERYTHING))
        hits += len({row.id for row in found} & {row.id for row in wanted})
        total += len(wanted)
        await asyncio.sleep(0)
    await connection.close()
    return hits / max(total, 1)
