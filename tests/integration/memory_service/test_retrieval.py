"""The search statement: filters, fusion, and the same answer from every plan."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from services.memory_service.retrieval.queries import SearchTerms, search
from services.memory_service.scopes import Reader
from tests.fixtures.memory_service import MemoryProcess

API = "/api/v1/memories"


def find(client: httpx.Client, query: str, **fields: Any) -> list[dict[str, Any]]:
    answer = client.post(f"{API}/search", json={"query": query, "explain": True, **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


@pytest.fixture
def agent(memory_service: MemoryProcess) -> str:
    """An agent with 40 memories of two kinds, every fifth of them about lighthouses."""
    agent = str(uuid4())
    items = [
        {
            "agent_id": agent,
            "content": f"note {n} about {'a lighthouse' if n % 5 == 0 else 'the weather'}",
            "tier": "procedural" if n % 2 else "episodic",
            "metadata": {"n": n, "even": n % 2 == 0},
            "occurred_at": f"2024-01-{n % 28 + 1:02}T00:00:00Z",
        }
        for n in range(40)
    ]
    with memory_service.admin() as client:
        answer = client.post(f"{API}/bulk", json={"memories": items})
    assert answer.json()["failed"] == []
    return agent


class TestScore:
    def test_is_the_product_of_its_parts(self, memory_service: MemoryProcess, agent: str) -> None:
        with memory_service.admin() as client:
            results = find(client, "lighthouse", agent_id=agent)
        for result in results:
            parts = result["explanation"]
            fused = 0.7 * parts["vector_part"] + 0.3 * parts["keyword_part"]
            assert result["score"] == pytest.approx(parts["certainty"] * fused)
            assert 0 <= result["score"] <= 1
        assert {result["metadata"]["n"] % 5 for result in results[:8]} == {0}

    def test_is_low_when_nothing_fits(self, memory_service: MemoryProcess, agent: str) -> None:
        with memory_service.admin() as client:
            good = find(client, "a note about a lighthouse", agent_id=agent)[0]["score"]
            bad = find(client, "zzyzx qwv", agent_id=agent)[0]["score"]
            assert bad < good / 2
            assert find(client, "zzyzx qwv", agent_id=agent, min_score=good / 2) == []

    @pytest.mark.parametrize("weights", [(0, 0), (1, 1), (0.2, 0.9), (0, 1), (1, 0)])
    def test_weights_of_any_sum(
        self, memory_service: MemoryProcess, agent: str, weights: tuple[float, float]
    ) -> None:
        by_vector, by_keyword = weights
        with memory_service.admin() as client:
            results = find(
                client,
                "lighthouse",
                agent_id=agent,
                vector_weight=by_vector,
                keyword_weight=by_keyword,
            )
        assert results[0]["metadata"]["n"] % 5 == 0
        assert all(0 <= result["score"] <= 1 for result in results)


class TestFilters:
    @pytest.mark.parametrize(
        ("fields", "wanted"),
        [
            ({"tiers": ["procedural"]}, lambda n: n % 2 == 1),
            ({"metadata_filter": {"even": True}}, lambda n: n % 2 == 0),
            ({"metadata_filter": {"n": 7}}, lambda n: n == 7),
            ({"since": "2024-01-20T00:00:00Z"}, lambda n: n % 28 + 1 >= 20),
            ({"until": "2024-01-03T00:00:00+00:00"}, lambda n: n % 28 + 1 <= 3),
            ({"tiers": ["working"]}, lambda _: False),
            ({"tiers": ["episodic"], "metadata_filter": {"n": 7}}, lambda _: False),
        ],
    )
    def test_all_that_pass_and_no_other(
        self, memory_service: MemoryProcess, agent: str, fields: dict[str, Any], wanted: Any
    ) -> None:
        with memory_service.admin() as client:
            results = find(client, "note about", agent_id=agent, limit=100, **fields)
        found = sorted(result["metadata"]["n"] for result in results)
        assert found == [n for n in range(40) if wanted(n)]

    def test_what_has_expired_takes_no_place(
        self, memory_service: MemoryProcess, agent: str
    ) -> None:
        memory_service.fetch(
            "UPDATE memories SET expires_at = now() WHERE (metadata ->> 'n')::int < 39"
        )
        with memory_service.admin() as client:
            results = find(client, "note about", agent_id=agent, limit=1)
        assert [result["metadata"]["n"] for result in results] == [39]


class TestPlans:
    @pytest.mark.parametrize("narrowed", [False, True])
    async def test_give_the_same_answer(
        self, memory_service: MemoryProcess, agent: str, *, narrowed: bool
    ) -> None:
        terms = SearchTerms(
            keywords="a lighthouse",
            vector=None,
            tiers=["episodic"] if narrowed else None,
            metadata=None,
            since=dt.datetime(2024, 1, 1, tzinfo=dt.UTC) if narrowed else None,
            until=None,
            vector_weight=0,
            keyword_weight=1,
            min_score=None,
            limit=10,
        )
        reader = Reader(agent_id=UUID(agent), key_id=None)
        connection = await asyncpg.connect(memory_service.database_url)
        try:
            answers: list[list[UUID]] = []
            for mode in ("force_custom_plan", "force_generic_plan"):
                await connection.execute(f"SET plan_cache_mode = {mode}")
                # PostgreSQL considers the plan without parameters from the sixth time on.
                for _ in range(7):
                    rows = await search(connection, reader, terms)
                answers.append([row.id for row in rows])
        finally:
            await connection.close()
        assert answers[0] == answers[1] != []
