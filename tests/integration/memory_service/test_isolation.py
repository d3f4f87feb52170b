"""Who sees what: an agent its own and its projects' facts, a key its own, an administrator all."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.memory_service import MemoryProcess

API = "/api/v1/memories"


def contents(client: httpx.Client, *, agent: str | None = None) -> set[str]:
    """What the three routes that list memories show, which must be the same."""
    body: dict[str, Any] = {"query": "alpha", "limit": 100}
    params: dict[str, Any] = {"limit": 200}
    if agent is not None:
        body["agent_id"] = params["agent_id"] = agent
    searched = client.post(f"{API}/search", json=body).json()["results"]
    browsed = client.get(f"{API}/browse", params=params).json()["items"]
    shown = {item["content"] for item in searched}
    assert shown == {item["content"] for item in browsed}
    if agent is not None:
        context = client.post(f"{API}/{agent}/context", json={"query": "alpha"}).json()["memories"]
        assert {item["content"] for item in context} == shown
    return shown


def store(client: httpx.Client, content: str, **fields: Any) -> str:
    answer = client.post(API, json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def state_fact(client: httpx.Client, content: str, **fields: Any) -> httpx.Response:
    name = {"project_id": "p", "category": "c", "key": "k"}
    return client.post(f"{API}/facts", json={**name, "content": content, **fields})


class TestAgents:
    def test_each_sees_its_own(self, memory_service: MemoryProcess) -> None:
        one, two = str(uuid4()), str(uuid4())
        with memory_service.admin() as client:
            store(client, "alpha of the first agent", agent_id=one)
            store(client, "alpha of another one here", agent_id=two)
            store(client, "alpha that belongs to nobody")
            assert contents(client, agent=one) == {"alpha of the first agent"}
            assert contents(client, agent=two) == {"alpha of another one here"}
            assert len(contents(client)) == 3

    def test_a_projects_facts_are_its_members(self, memory_service: MemoryProcess) -> None:
        one, two, outside = (str(uuid4()) for _ in range(3))
        with memory_service.admin() as client:
            state_fact(client, "alpha by the first", agent_id=one)
            assert contents(client, agent=two) == set()
            state_fact(client, "alpha by the second", agent_id=two)
            assert contents(client, agent=one) == {"alpha by the second"}
            assert contents(client, agent=two) == {"alpha by the second"}
            assert contents(client, agent=outside) == set()

    def test_one_without_the_right_does_not_supersede(self, memory_service: MemoryProcess) -> None:
        reader, writer = str(uuid4()), str(uuid4())
        with memory_service.admin() as client:
            state_fact(client, "alpha", agent_id=writer)
            memory_service.fetch(
                "INSERT INTO memory_project_members"
                " SELECT id, $1, false FROM memory_scopes WHERE project_id = 'p'",
                reader,
            )
            refused = state_fact(client, "alpha changed", agent_id=reader)
            assert refused.status_code == 403
            assert refused.json()["code"] == "no_write_right"
            assert contents(client, agent=reader) == {"alpha"}


class TestKeys:
    @pytest.fixture
    def keys(self, memory_service: MemoryProcess) -> Any:
        with memory_service.keyed() as one, memory_service.keyed() as two:
            yield one, two

    def test_a_key_without_an_agent_sees_what_it_stored(
        self, memory_service: MemoryProcess, keys: tuple[httpx.Client, httpx.Client]
    ) -> None:
        one, two = keys
        store(one, "alpha by the first key")
        store(two, "alpha that the other key wrote")
        assert contents(one) == {"alpha by the first key"}
        assert contents(two) == {"alpha that the other key wrote"}
        assert one.get(f"{API}/stats").json()["total"] == 1
        with memory_service.admin() as admin:
            assert len(contents(admin)) == 2
        with memory_service.service() as service:
            assert len(contents(service)) == 2

    def test_another_keys_own_does_not_exist_for_it(
        self, keys: tuple[httpx.Client, httpx.Client]
    ) -> None:
        one, two = keys
        path = f"{API}/{store(one, 'alpha')}"
        for answer in (two.get(path), two.patch(path, json={"content": "x"}), two.delete(path)):
            assert answer.status_code == 404
        assert one.get(path).json()["content"] == "alpha"

    def test_any_key_may_name_an_agent(self, keys: tuple[httpx.Client, httpx.Client]) -> None:
        one, two = keys
        agent = str(uuid4())
        path = f"{API}/{store(one, 'alpha', agent_id=agent)}"
        assert contents(two, agent=agent) == {"alpha"}
        assert two.get(path).status_code == 200


class TestFactsAtOnce:
    async def test_each_version_is_given_once(self, memory_service: MemoryProcess) -> None:
        count = 16
        body = {"project_id": "p", "category": "c", "key": "k", "agent_id": str(uuid4())}
        headers = dict(memory_service.admin().headers)
        async with httpx.AsyncClient(
            base_url=memory_service.url, headers=headers, timeout=60
        ) as client:
            answers = await asyncio.gather(
                *(
                    client.post(f"{API}/facts", json={**body, "content": f"value {n}"})
                    for n in range(count)
                )
            )
        facts = [answer.json() for answer in answers]
        assert sorted(fact["version"] for fact in facts) == list(range(1, count + 1))
        assert [fact["version"] for fact in facts if fact["is_new"]] == [1]
        assert len({fact["id"] for fact in facts}) == 1
        kept = memory_service.fetch("SELECT version, content FROM memory_fact_versions")
        assert len(kept) == count
        [row] = memory_service.fetch("SELECT version, content FROM memories")
        assert (row["version"], row["content"]) in {(k["version"], k["content"]) for k in kept}
        lexemes = {r["lexeme"] for r in memory_service.fetch("SELECT lexeme FROM memory_postings")}
        assert row["content"].removeprefix("value ") in lexemes
        assert len(memory_service.fetch("SELECT 1 FROM memory_vectors")) == 1
