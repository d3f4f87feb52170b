"""The search: scores, sides, filters, who is named, what stands beside."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

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
            rank = sum(value for name, value in parts.items() if name.endswith("_part"))
            share = min(1, max(0, rank / parts["best"]))
            assert result["score"] == pytest.approx(parts["certainty"] * share)
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


class TestNeighbours:
    """What two turns say in answer to each other is found by either's words."""

    @pytest.fixture
    def talk(self, memory_service: MemoryProcess) -> tuple[str, list[str]]:
        agent = str(uuid4())
        said = [
            ("Nadja", "s1", "Where does the ferry to the islands leave?"),
            ("Theo", "s1", "From the old pier, behind the customs house."),
            ("Nadja", "s2", "My sister repairs violins."),
            ("Theo", "s2", "I have only ever played drums."),
        ]
        items = [
            {"agent_id": agent, "content": content, "speaker": speaker, "session_id": session}
            for speaker, session, content in said
        ]
        items += [{"agent_id": agent, "content": f"filler number {n}"} for n in range(30)]
        with memory_service.admin() as client:
            stored = client.post(f"{API}/bulk", json={"memories": items}).json()["stored"]
        return agent, stored

    def test_an_answer_is_found_by_its_question(
        self, memory_service: MemoryProcess, talk: tuple[str, list[str]]
    ) -> None:
        agent, stored = talk
        with memory_service.admin() as client:
            found = find(client, "ferry islands", agent_id=agent, limit=2)
        assert [result["id"] for result in found] == stored[:2]
        assert found[1]["explanation"]["window_part"] > 0

    def test_another_session_is_no_neighbour(
        self, memory_service: MemoryProcess, talk: tuple[str, list[str]]
    ) -> None:
        agent, stored = talk
        with memory_service.admin() as client:
            found = find(client, "customs pier", agent_id=agent, limit=100)
        parts = {result["id"]: result["explanation"] for result in found}
        assert parts[stored[0]]["window_part"] > 0
        assert all(parts[other]["window_part"] <= 0 for other in stored[2:4] if other in parts)

    @pytest.mark.parametrize("change", ["delete", "edit", "move"])
    def test_what_goes_leaves_no_trace_beside(
        self, memory_service: MemoryProcess, talk: tuple[str, list[str]], change: str
    ) -> None:
        agent, (first, second, *_) = talk
        alone = str(uuid4())
        with memory_service.admin() as client:
            wanted = client.post(
                API,
                json={
                    "agent_id": alone,
                    "content": "From the old pier, behind the customs house.",
                    "session_id": "s1",
                },
            ).json()["id"]
            path = f"{API}/{first}"
            if change == "delete":
                assert client.delete(path).status_code == 204
            elif change == "edit":
                assert client.patch(path, json={"content": "Hm."}).status_code == 204
                assert client.delete(path).status_code == 204
            else:
                body = {"metadata": {"speaker": "Nadja", "session_id": "s3"}}
                assert client.patch(path, json=body).status_code == 204
            found = find(client, "ferry islands", agent_id=agent, limit=100)
        parts = {result["id"]: result["explanation"] for result in found}
        assert second not in parts or parts[second]["window_part"] <= 0
        vectors = memory_service.fetch(
            "SELECT v.vector::text AS vector FROM memories m JOIN memory_vectors v USING (place)"
            " WHERE m.id = ANY($1::uuid[])",
            [second, wanted],
        )
        assert vectors[0]["vector"] == vectors[1]["vector"]

    def test_who_is_named_goes_first(
        self, memory_service: MemoryProcess, talk: tuple[str, list[str]]
    ) -> None:
        agent, stored = talk
        with memory_service.admin() as client:
            found = find(client, "What does Theo play?", agent_id=agent)
        assert found[0]["id"] == stored[3]
        named = {result["id"] for result in found if result["explanation"]["speaker_part"] > 0}
        assert named == {stored[1], stored[3]}

    def test_a_name_before_a_colon_counts_when_it_is_seen_again(
        self, memory_service: MemoryProcess
    ) -> None:
        agent = str(uuid4())
        with memory_service.admin() as client:
            store = {"agent_id": agent, "content": "Nadja: my sister repairs violins"}
            client.post(API, json=store)
            once = find(client, "what about Nadja", agent_id=agent)
            client.post(API, json={**store, "content": "Nadja: and flutes"})
            twice = find(client, "what about Nadja", agent_id=agent)
        assert [result["explanation"]["speaker_part"] > 0 for result in once] == [False]
        assert [result["explanation"]["speaker_part"] > 0 for result in twice] == [True, True]

    def test_the_day_is_found_too(
        self, memory_service: MemoryProcess, talk: tuple[str, list[str]]
    ) -> None:
        agent, stored = talk
        moment = {"session_id": "s2", "speaker": "Theo", "occurred_at": "2023-05-07T10:00:00Z"}
        with memory_service.admin() as client:
            client.patch(f"{API}/{stored[3]}", json={"metadata": moment})
            found = find(client, "on 7 May 2023", agent_id=agent)
        best = max(found, key=lambda result: result["explanation"]["turn_part"])
        assert best["id"] == stored[3]
        assert best["explanation"]["coverage"] == 1
