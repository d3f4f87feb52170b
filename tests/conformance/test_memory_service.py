"""What any memory-service must do to be a drop-in replacement. Only HTTP is used, and only ids that
the suite made itself, so that it may run against a service in use:

NOVA_CONFORMANCE_URL=http://127.0.0.1:8002 NOVA_CONFORMANCE_KEY=… pytest tests/conformance
"""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.fixtures.processes import wait_until

API = "/api/v1/memories"
TOO_LARGE = 10 * 1024 * 1024 + 1
UNICODE = "Grüße 你好 🦊 e\u0301 \u202eabc\u202c \U0010fffd naïve"


def store(memory: httpx.Client, content: str, **fields: Any) -> dict[str, Any]:
    answer = memory.post(API, json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def search(memory: httpx.Client, query: str, **fields: Any) -> list[dict[str, Any]]:
    answer = memory.post(f"{API}/search", json={"query": query, **fields})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["query"] == query
    assert body["total_found"] >= len(body["results"])
    return body["results"]


def ids(results: list[dict[str, Any]]) -> list[str]:
    return [result["id"] for result in results]


def state_fact(memory: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = memory.post(f"{API}/facts", json=fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def assert_error(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["detail"]
    assert body["code"] == body["code"].lower()
    assert body["request_id"] == answer.headers["X-Request-ID"]


@pytest.fixture
def agent() -> str:
    return str(uuid4())


class TestHealth:
    def test_live(self, memory: httpx.Client) -> None:
        assert memory.get("/health/live").json() == {"status": "alive"}

    @pytest.mark.parametrize("path", ["/health/ready", "/health/startup"])
    def test_ready(self, memory: httpx.Client, path: str) -> None:
        answer = memory.get(path)
        assert answer.status_code == 200
        assert answer.json()["status"] in {"ready", "degraded"}
        assert isinstance(answer.json()["checks"], dict)


class TestCredentials:
    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-nova-wrong"}])
    def test_none_or_a_wrong_one_is_refused(self, memory_url: str, headers: dict[str, str]) -> None:
        answer = httpx.post(f"{memory_url}{API}", json={"content": "x"}, headers=headers)
        assert_error(answer, 401)


class TestStore:
    def test_says_what_it_stored(self, memory: httpx.Client, agent: str) -> None:
        stored = store(memory, "the kettle is blue", agent_id=agent)
        assert UUID(stored["id"])
        assert stored["agent_id"] == agent
        assert stored["tier"] == "episodic"
        assert dt.datetime.fromisoformat(stored["created_at"]).tzinfo

    def test_reads_back(self, memory: httpx.Client, agent: str) -> None:
        metadata = {"source": "test", "nested": {"a": [1, None, "x"]}}
        stored = store(memory, UNICODE, agent_id=agent, tier="procedural", metadata=metadata)
        item = memory.get(f"{API}/{stored['id']}").json()
        assert item["content"] == UNICODE
        assert item["metadata"] == metadata
        assert (item["tier"], item["agent_id"]) == ("procedural", agent)

    def test_keeps_who_said_it_and_when(self, memory: httpx.Client, agent: str) -> None:
        moment = "2024-05-01T12:00:00+00:00"
        store(memory, "zebra", agent_id=agent, speaker="Ann", session_id="s1", occurred_at=moment)
        [found] = search(memory, "zebra", agent_id=agent)
        assert found["metadata"]["speaker"] == "Ann"
        assert found["metadata"]["session_id"] == "s1"
        assert dt.datetime.fromisoformat(
            found["metadata"]["occurred_at"]
        ) == dt.datetime.fromisoformat(moment)

    def test_without_an_agent(self, memory: httpx.Client) -> None:
        word = f"w{uuid4().hex}"
        stored = store(memory, f"nobody's {word}")
        assert stored["agent_id"] is None
        assert ids(search(memory, word))[0] == stored["id"]

    def test_expires(self, memory: httpx.Client, agent: str) -> None:
        stored = store(memory, "gone soon", agent_id=agent, tier="working", ttl_seconds=1)
        path = f"{API}/{stored['id']}"
        wait_until(lambda: memory.get(path).status_code == 404, what="the memory to expire")
        assert search(memory, "gone soon", agent_id=agent) == []

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"content": ""},
            {"content": 5},
            {"content": "a\0b"},
            {"content": "x", "tier": "eternal"},
            {"content": "x", "agent_id": "not-a-uuid"},
            {"content": "x", "ttl_seconds": 0},
            {"content": "x", "metadata": {"a": "\0"}},
            {"content": "x", "metadata": []},
        ],
    )
    def test_refuses(self, memory: httpx.Client, body: dict[str, Any]) -> None:
        assert_error(memory.post(API, json=body), 422)

    def test_refuses_what_is_not_json(self, memory: httpx.Client) -> None:
        headers = {"Content-Type": "application/json"}
        assert_error(memory.post(API, content=b'{"content": ', headers=headers), 400)

    def test_refuses_a_body_over_the_limit(self, memory: httpx.Client) -> None:
        headers = {"Content-Type": "application/json"}
        assert_error(memory.post(API, content=b" " * TOO_LARGE, headers=headers), 413)

    def test_returns_the_request_id(self, memory: httpx.Client) -> None:
        answer = memory.post(API, json={}, headers={"X-Request-ID": "r-1"})
        assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "r-1"


class TestSearch:
    def test_finds_the_fitting_one_first(self, memory: httpx.Client, agent: str) -> None:
        store(memory, "The cat sleeps on the sofa", agent_id=agent)
        wanted = store(memory, "The deployment needs port 8443", agent_id=agent)
        store(memory, "Lunch was soup", agent_id=agent)
        results = search(memory, "which port does the deployment need", agent_id=agent)
        assert results[0]["id"] == wanted["id"]
        assert {"id", "content", "tier", "score", "metadata", "created_at"} <= results[0].keys()
        scores = [result["score"] for result in results]
        assert scores == sorted(scores, reverse=True)

    def test_one_common_word_is_enough(self, memory: httpx.Client, agent: str) -> None:
        wanted = store(memory, "the ferry leaves at nine", agent_id=agent)
        query = "when exactly does that strange ferry depart tomorrow"
        assert ids(search(memory, query, agent_id=agent))[0] == wanted["id"]

    def test_an_agents_memories_are_its_own(self, memory: httpx.Client, agent: str) -> None:
        store(memory, "secret of another agent", agent_id=str(uuid4()))
        own = store(memory, "secret of this agent", agent_id=agent)
        assert ids(search(memory, "secret agent", agent_id=agent)) == [own["id"]]

    def test_narrows(self, memory: httpx.Client, agent: str) -> None:
        one = store(memory, "apple pie", agent_id=agent, metadata={"k": "v", "n": 1})
        two = store(memory, "apple tart", agent_id=agent, tier="procedural")
        narrowed = {
            "tiers": (["procedural"], two["id"]),
            "metadata_filter": ({"k": "v"}, one["id"]),
        }
        for name, (value, expected) in narrowed.items():
            assert ids(search(memory, "apple", agent_id=agent, **{name: value})) == [expected]

    def test_since_and_until(self, memory: httpx.Client, agent: str) -> None:
        stored = store(memory, "apple", agent_id=agent)
        later = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
        assert search(memory, "apple", agent_id=agent, since=later) == []
        assert ids(search(memory, "apple", agent_id=agent, until=later)) == [stored["id"]]

    def test_limit(self, memory: httpx.Client, agent: str) -> None:
        for number in range(4):
            store(memory, f"number {number} of the series", agent_id=agent)
        assert len(search(memory, "series", agent_id=agent, limit=3)) == 3

    def test_nothing_at_an_unreachable_score(self, memory: httpx.Client, agent: str) -> None:
        store(memory, "apple", agent_id=agent)
        assert search(memory, "apple", agent_id=agent, min_score=1e9) == []

    def test_nothing_for_an_agent_without_memories(self, memory: httpx.Client, agent: str) -> None:
        assert search(memory, "anything", agent_id=agent) == []

    @pytest.mark.parametrize(
        "query",
        ["'\"; DROP TABLE memories; --", "& | ! <-> :* (", "%_\\", "🦊", "the of and", "\n"],
    )
    def test_takes_any_text(self, memory: httpx.Client, agent: str, query: str) -> None:
        store(memory, "apple", agent_id=agent)
        search(memory, query, agent_id=agent)

    def test_takes_a_huge_query(self, memory: httpx.Client, agent: str) -> None:
        wanted = store(memory, "apple", agent_id=agent)
        query = "apple " + "word " * 500_000
        assert ids(search(memory, query, agent_id=agent)) == [wanted["id"]]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"limit": 0},
            {"limit": 101},
            {"query": ""},
            {"query": "a\0"},
            {"tiers": ["eternal"]},
            {"vector_weight": -1},
            {"agent_id": "x"},
            {"since": "yesterday"},
        ],
    )
    def test_refuses(self, memory: httpx.Client, wrong: dict[str, Any]) -> None:
        assert_error(memory.post(f"{API}/search", json={"query": "x", **wrong}), 422)


class TestFacts:
    def test_is_new_once(self, memory: httpx.Client, agent: str) -> None:
        name = {"project_id": f"p-{agent}", "category": "ui", "key": "theme"}
        first = state_fact(memory, **name, content="likes light", agent_id=agent)
        second = state_fact(memory, **name, content="likes dark", agent_id=agent)
        assert (first["is_new"], second["is_new"]) == (True, False)
        assert (first["version"], second["version"]) == (1, 2)
        assert first["id"] == second["id"]
        assert first["created_at"] == second["created_at"]
        assert {key: second[key] for key in name} == name

    def test_the_newest_version_is_what_is_found(self, memory: httpx.Client, agent: str) -> None:
        name = {"project_id": f"p-{agent}", "category": "ui", "key": "theme"}
        for content in ("prefers the colour teal", "prefers the colour ochre"):
            state_fact(memory, **name, content=content, agent_id=agent, base_confidence=0.5)
        results = search(memory, "colour preference theme", agent_id=agent)
        assert [result["content"] for result in results] == ["prefers the colour ochre"]
        item = memory.get(f"{API}/{results[0]['id']}").json()
        assert {key: item[key] for key in name} == name
        assert item["tier"] == "semantic"
        assert item["base_confidence"] == 0.5
        assert 0 < item["effective_confidence"] <= 0.5

    def test_needs_its_name(self, memory: httpx.Client) -> None:
        body = {"project_id": "p", "category": "c", "content": "x"}
        assert_error(memory.post(f"{API}/facts", json=body), 422)


class TestBulk:
    def test_one_at_fault_fails_alone(self, memory: httpx.Client, agent: str) -> None:
        items: list[Any] = [
            {"content": "first apple", "agent_id": agent},
            {"content": ""},
            {"content": "second apple", "agent_id": agent},
            {"content": "a\0b"},
            "no object",
        ]
        answer = memory.post(f"{API}/bulk", json={"memories": items})
        assert answer.status_code == 201, answer.text
        assert answer.json()["failed"] == [1, 3, 4]
        found = search(memory, "apple", agent_id=agent)
        assert set(ids(found)) == set(answer.json()["stored"])
        assert len(found) == 2

    @pytest.mark.parametrize("count", [0, 1001])
    def test_bounds(self, memory: httpx.Client, count: int) -> None:
        body = {"memories": [{"content": "x"}] * count}
        assert_error(memory.post(f"{API}/bulk", json=body), 422)


class TestBrowse:
    def test_pages_newest_first(self, memory: httpx.Client, agent: str) -> None:
        stored = [store(memory, f"page {n}", agent_id=agent)["id"] for n in range(3)]
        answer = memory.get(f"{API}/browse", params={"agent_id": agent, "limit": 2})
        body = answer.json()
        assert [item["id"] for item in body["items"]] == stored[:0:-1]
        assert (body["total"], body["limit"], body["offset"]) == (3, 2, 0)
        params: dict[str, Any] = {"agent_id": agent, "limit": 2, "offset": 2}
        rest = memory.get(f"{API}/browse", params=params).json()
        assert [item["id"] for item in rest["items"]] == stored[:1]

    def test_narrows(self, memory: httpx.Client, agent: str) -> None:
        store(memory, "100% Wool", agent_id=agent)
        other = store(memory, "cotton", agent_id=agent, tier="procedural")

        def browse(**params: str) -> list[str]:
            answer = memory.get(f"{API}/browse", params={"agent_id": agent, **params})
            return [item["content"] for item in answer.json()["items"]]

        assert browse(tier=other["tier"]) == ["cotton"]
        assert browse(q="0% wOOL") == ["100% Wool"]
        assert browse(q="_") == []

    @pytest.mark.parametrize(
        "params", [{"limit": 0}, {"limit": 201}, {"offset": -1}, {"tier": "x"}, {"agent_id": "x"}]
    )
    def test_refuses(self, memory: httpx.Client, params: dict[str, Any]) -> None:
        assert_error(memory.get(f"{API}/browse", params=params), 422)


class TestOneMemory:
    def test_new_content_is_what_is_found(self, memory: httpx.Client, agent: str) -> None:
        stored = store(memory, "the door code is walnut", agent_id=agent, metadata={"a": 1})
        path = f"{API}/{stored['id']}"
        assert memory.patch(path, json={"content": "the door code is hazel"}).status_code == 204
        item = memory.get(path).json()
        assert item["content"] == "the door code is hazel"
        assert item["metadata"] == {"a": 1}
        assert item["updated_at"] > item["created_at"]
        assert search(memory, "hazel", agent_id=agent)[0]["content"] == item["content"]

    def test_new_metadata_takes_the_place_of_the_old(
        self, memory: httpx.Client, agent: str
    ) -> None:
        stored = store(memory, "x", agent_id=agent, metadata={"a": 1})
        path = f"{API}/{stored['id']}"
        assert memory.patch(path, json={"metadata": {"b": 2}}).status_code == 204
        assert memory.get(path).json()["metadata"] == {"b": 2}

    def test_deleted_is_gone(self, memory: httpx.Client, agent: str) -> None:
        stored = store(memory, "delete me", agent_id=agent)
        path = f"{API}/{stored['id']}"
        assert memory.delete(path).status_code == 204
        assert_error(memory.get(path), 404)
        assert_error(memory.delete(path), 404)
        assert search(memory, "delete me", agent_id=agent) == []

    @pytest.mark.parametrize("patch", [{}, {"content": ""}, {"content": "\0"}, {"metadata": 1}])
    def test_refuses(self, memory: httpx.Client, agent: str, patch: dict[str, Any]) -> None:
        stored = store(memory, "x", agent_id=agent)
        assert_error(memory.patch(f"{API}/{stored['id']}", json=patch), 422)

    @pytest.mark.parametrize(
        ("name", "status"), [("no-uuid", 422), ("01900000-0000-7000-8000-00000000dead", 404)]
    )
    def test_an_unknown_id(self, memory: httpx.Client, name: str, status: int) -> None:
        assert_error(memory.get(f"{API}/{name}"), status)
        assert_error(memory.delete(f"{API}/{name}"), status)
        assert_error(memory.patch(f"{API}/{name}", json={"content": "x"}), status)


class TestContext:
    def context(self, memory: httpx.Client, agent: str, **fields: Any) -> dict[str, Any]:
        answer = memory.post(f"{API}/{agent}/context", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def test_holds_what_fits_the_query(self, memory: httpx.Client, agent: str) -> None:
        stored = store(memory, "the backup runs at three", agent_id=agent)
        store(memory, "backup of another agent", agent_id=str(uuid4()))
        body = self.context(memory, agent, query="when does the backup run")
        assert body["agent_id"] == agent
        assert ids(body["memories"]) == [stored["id"]]
        assert 0 < body["total_tokens_estimated"] <= 4096
        assert dt.datetime.fromisoformat(body["assembled_at"]).tzinfo

    @pytest.mark.parametrize("budget", [1, 10, 100, 1000])
    def test_never_over_the_budget(self, memory: httpx.Client, agent: str, budget: int) -> None:
        for number in range(8):
            store(memory, f"{number} backup " + f"word{number} " * 10 * number, agent_id=agent)
        body = self.context(memory, agent, query="backup", max_tokens=budget)
        assert body["total_tokens_estimated"] <= budget
        characters = sum(len(found["content"]) for found in body["memories"])
        assert characters <= budget * 4

    def test_says_nothing_twice(self, memory: httpx.Client, agent: str) -> None:
        for _ in range(3):
            store(memory, "the backup runs at three", agent_id=agent)
        assert len(self.context(memory, agent, query="backup")["memories"]) == 1

    def test_refuses(self, memory: httpx.Client, agent: str) -> None:
        assert_error(memory.post(f"{API}/x/context", json={"query": "x"}), 422)
        body = {"query": "x", "max_tokens": 0}
        assert_error(memory.post(f"{API}/{agent}/context", json=body), 422)


class TestStats:
    def test_counts(self, memory: httpx.Client, agent: str) -> None:
        def total() -> dict[str, Any]:
            return memory.get(f"{API}/stats").json()

        before = total()
        store(memory, "counted", agent_id=agent, tier="procedural")
        after = total()
        assert after["total"] == before["total"] + 1
        assert after["by_tier"]["procedural"] == before["by_tier"].get("procedural", 0) + 1
