"""How much of what answers a question is found: dialogues with marked evidence, through HTTP.

The dialogues are not part of Nova. They are read from ../shared/data when they are there: one JSON
object a line, {turns: [{id, speaker, text, session, datetime}], questions: [{q, category, evidence}]}.
Each is one agent's memories, each turn one memory. Recall at k is the mean over the questions of the
share of evidence turns among the first k; no model but the embedder is asked.
"""

import json
import math
import statistics
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from services.kit.launch.configuration import ROOT
from tests.bench.figures import print_load
from tests.bench.memory.stack import print_setting, running_gateway, running_memory, running_store
from tests.fixtures.memory_service import MemoryProcess

DIALOGUES = ROOT.parent / "shared" / "data" / "locomo_dev.jsonl"
API = "/api/v1/memories"
_DEPTHS = (5, 10, 25, 50)
_WITHOUT_ANSWER = 5
_BATCH = 500
_CLIENTS = 2

Turn = dict[str, Any]


def with_circumstances(turn: Turn) -> dict[str, Any]:
    return {
        "content": turn["text"],
        "speaker": turn["speaker"],
        "session_id": str(turn["session"]),
        "occurred_at": turn["datetime"],
    }


def with_name_in_content(turn: Turn) -> dict[str, Any]:
    return {"content": f"{turn['speaker']}: {turn['text']}"}


def bare(turn: Turn) -> dict[str, Any]:
    return {"content": turn["text"]}


VARIANTS: dict[str, Callable[[Turn], dict[str, Any]]] = {
    "speaker, session and time": with_circumstances,
    "content `speaker: text`": with_name_in_content,
    "content alone": bare,
}


@dataclass(frozen=True)
class Outcome:
    """Of one question: the ranks of the evidence found, from 1, and how many there were."""

    ranks: list[int]
    evidence: int

    def recall(self, depth: int) -> float:
        return sum(rank <= depth for rank in self.ranks) / self.evidence

    @property
    def reciprocal(self) -> float:
        return 1 / min(self.ranks) if self.ranks else 0.0


def run() -> None:
    """Measure every variant."""
    if not DIALOGUES.exists():
        raise SystemExit(f"There are no dialogues at {DIALOGUES}.")
    dialogues = [json.loads(line) for line in DIALOGUES.read_text().splitlines()]
    print_setting()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with (
            running_store(home) as store,
            running_gateway(home, store) as gateway_url,
            running_memory(home, store, gateway_url=gateway_url) as process,
        ):
            for name, shape in VARIANTS.items():
                outcomes = [_ask(process, dialogue, shape) for dialogue in dialogues]
                _print(name, outcomes)
            with process.admin() as client:
                print("models", client.get(f"{API}/stats").json()["embedding_models"])
    print_load("after")


def _ask(
    process: MemoryProcess, dialogue: dict[str, Any], shape: Callable[[Turn], dict[str, Any]]
) -> list[Outcome]:
    agent = str(uuid4())
    turns = dialogue["turns"]
    ids: dict[str, str] = {}
    with process.admin() as client:
        for start in range(0, len(turns), _BATCH):
            batch = turns[start : start + _BATCH]
            items = [{"agent_id": agent, **shape(turn)} for turn in batch]
            answer = client.post(f"{API}/bulk", json={"memories": items}).raise_for_status().json()
            assert answer["failed"] == []
            ids |= {
                turn["id"]: memory for turn, memory in zip(batch, answer["stored"], strict=True)
            }
        # What autovacuum does within a minute.
        process.fetch("VACUUM ANALYZE")
        questions = [
            (question["q"], {ids[turn] for turn in question["evidence"] if turn in ids}, question)
            for question in dialogue["questions"]
            if question["category"] != _WITHOUT_ANSWER
        ]

        def outcome(text: str, wanted: set[str], question: dict[str, Any]) -> Outcome:
            found = _search(client, agent=agent, query=text)
            ranks = [rank for rank, memory in enumerate(found, start=1) if memory in wanted]
            return Outcome(ranks, len(set(question["evidence"])))

        with ThreadPoolExecutor(_CLIENTS) as pool:
            return list(pool.map(lambda one: outcome(*one), [q for q in questions if q[1]]))


def _search(client: httpx.Client, *, agent: str, query: str) -> list[str]:
    body = {"agent_id": agent, "query": query, "limit": max(_DEPTHS)}
    answer = client.post(f"{API}/search", json=body).raise_for_status().json()
    assert answer["degraded"] is None, answer["degraded"]
    return [result["id"] for result in answer["results"]]


def _print(name: str, outcomes: list[list[Outcome]]) -> None:
    every = [outcome for each in outcomes for outcome in each]
    print(f"\n{name}: {len(every)} questions")
    for depth in _DEPTHS:
        values = [100 * outcome.recall(depth) for outcome in every]
        half = 1.96 * statistics.stdev(values) / math.sqrt(len(values))
        each = "  ".join(f"{value:5.1f}" for value in _means(outcomes, depth))
        mean = statistics.mean(values)
        print(f"  recall@{depth:<3}{mean:6.1f}  ±{half:4.1f} (95 %)   by conversation {each}")
    print(f"  MRR       {statistics.mean(outcome.reciprocal for outcome in every):6.3f}")


def _means(outcomes: list[list[Outcome]], depth: int) -> Iterator[float]:
    for each in outcomes:
        yield 100 * statistics.mean(outcome.recall(depth) for outcome in each)
