"""What is stored stays whole: the indexes follow every change, a delete leaves no trace."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.memory_service.ingest.text import fact_text
from tests.fixtures.memory_service import MemoryProcess
from tests.fixtures.processes import wait_until

API = "/api/v1/memories"
WORDS = [f"word{n}" for n in range(30)]
# Every character that PostgreSQL can store.
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200
)
PER_SERVICE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 12)))


def store(client: httpx.Client, content: str, **fields: Any) -> str:
    answer = client.post(API, json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


# What each memory's vectors and words must be, worked out anew from what is stored.
_WRONG_VECTORS = """
    SELECT b.place
    FROM memory_base_vectors b
    JOIN memories m ON m.place = b.place
    JOIN memory_scopes s ON s.id = m.scope_id
    LEFT JOIN memory_base_vectors p ON p.place = b.place - 1 AND p.model_id = b.model_id
    FULL JOIN memory_vectors v ON v.place = b.place
    WHERE (v.model_id, v.scope, v.voice_hash, v.vector) IS DISTINCT FROM (
        b.model_id, s.number, m.voice_hash,
        coalesce(l2_normalize(b.vector + b.vector + p.vector), b.vector))
"""
_WRONG_POSTINGS = """
    WITH wanted AS (
        SELECT s.number AS scope, w.lexeme, m.place,
            sum(array_length(w.positions, 1))::integer AS frequency, m.words
        FROM unnest($1::bigint[], $2::text[]) AS g (place, content)
        JOIN memories m ON m.place = g.place
        JOIN memory_scopes s ON s.id = m.scope_id
        CROSS JOIN unnest(ARRAY[g.content, memory_day(m.occurred_at)]) AS piece
        CROSS JOIN unnest(to_tsvector('english', piece)) AS w
        GROUP BY s.number, w.lexeme, m.place, m.words
    )
    (TABLE wanted EXCEPT ALL TABLE memory_postings)
    UNION ALL (TABLE memory_postings EXCEPT ALL TABLE wanted)
"""
_WITHOUT_VECTOR = """
    SELECT m.id FROM memories m
    WHERE NOT EXISTS (SELECT FROM memory_base_vectors b WHERE b.place = m.place)
    ORDER BY m.id
"""
_PENDING = "SELECT memory_id FROM memory_pending_embeddings ORDER BY memory_id"


def circumstances(chance: random.Random) -> dict[str, str]:
    return {
        "session_id": chance.choice("ab"),
        "speaker": chance.choice(["Nadja", "Theo"]),
        "occurred_at": f"2024-0{chance.randint(1, 9)}-01T00:00:00Z",
    }


def assert_indexes_fit(process: MemoryProcess, *, moving: bool = False) -> None:
    """Postings are exactly the lexemes of each text and its day; each memory has one vector or is
    pending (both while it moves to another model); what is searched is the vector with its
    predecessor's.
    """
    memories = process.fetch("SELECT place, content, category, key FROM memories")
    texts = [
        row["content"]
        if row["key"] is None
        else fact_text(row["category"], row["key"], row["content"])
        for row in memories
    ]
    assert process.fetch(_WRONG_POSTINGS, [row["place"] for row in memories], texts) == []
    assert process.fetch(_WRONG_VECTORS) == []
    without = {row[0] for row in process.fetch(_WITHOUT_VECTOR)}
    pending = {row[0] for row in process.fetch(_PENDING)}
    assert without <= pending if moving else without == pending


class TestIndexes:
    @pytest.mark.parametrize("seed", [1, 2])
    def test_they_follow_every_change(self, memory_service: MemoryProcess, seed: int) -> None:
        chance = random.Random(seed)
        stored: list[str] = []
        with memory_service.admin() as client:

            def add() -> None:
                stored.append(store(client, sentence(chance), agent_id=str(uuid4())))

            def add_many() -> None:
                items = [{"content": sentence(chance), **circumstances(chance)} for _ in range(3)]
                answer = client.post(f"{API}/bulk", json={"memories": items})
                stored.extend(answer.json()["stored"])

            def state() -> None:
                name = {"project_id": "p", "category": "c_x", "key": f"k.{chance.randint(0, 2)}"}
                body = {**name, "content": sentence(chance)}
                stored.append(client.post(f"{API}/facts", json=body).json()["id"])

            def change() -> None:
                path = f"{API}/{chance.choice(stored)}"
                assert client.patch(path, json={"content": sentence(chance)}).status_code in {
                    204,
                    404,
                }

            def change_circumstances() -> None:
                path = f"{API}/{chance.choice(stored)}"
                body = {"metadata": circumstances(chance)}
                assert client.patch(path, json=body).status_code in {204, 404}

            def delete() -> None:
                path = f"{API}/{stored.pop(chance.randrange(len(stored)))}"
                assert client.delete(path).status_code in {204, 404}

            steps: list[Callable[[], None]] = [
                *(add, add_many, state, change, change, delete),
                *(change_circumstances, change_circumstances),
            ]
            add()
            for _ in range(40):
                (chance.choice(steps) if stored else add)()
        assert_indexes_fit(memory_service)

    def test_they_fit_after_connections_were_cut_in_the_middle(
        self, memory_service: MemoryProcess
    ) -> None:
        done = threading.Event()
        answers: Counter[int] = Counter()

        def work(seed: int) -> None:
            chance = random.Random(seed)
            stored: list[str] = []
            with memory_service.admin() as client:
                for _ in range(40):
                    items = [
                        {"content": sentence(chance), **circumstances(chance)} for _ in range(4)
                    ]
                    answer = client.post(f"{API}/bulk", json={"memories": items})
                    answers[answer.status_code] += 1
                    stored += answer.json().get("stored", [])
                    if not stored:
                        continue
                    path = f"{API}/{chance.choice(stored)}"
                    body = {"content": sentence(chance), "metadata": circumstances(chance)}
                    answers[client.patch(path, json=body).status_code] += 1
                    path = f"{API}/{stored.pop(chance.randrange(len(stored)))}"
                    answers[client.delete(path).status_code] += 1

        def cut() -> None:
            while not done.wait(0.05):
                memory_service.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND state <> 'idle'"
                    " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
                )

        with ThreadPoolExecutor(4) as pool:
            cutting = pool.submit(cut)
            list(pool.map(work, range(3)))
            done.set()
            cutting.result()
        assert answers.keys() <= {201, 204, 404, 503}
        assert answers[503] > 0
        assert answers[201] > 0
        assert_indexes_fit(memory_service)

    def test_a_text_longer_than_a_tsvector_is_found_by_its_last_word(
        self, memory_service: MemoryProcess
    ) -> None:
        content = " ".join(f"w{n}" for n in range(200_000)) + " needle"
        with memory_service.admin() as client:
            wanted = store(client, content)
            found = client.post(f"{API}/search", json={"query": "needle"}).json()["results"]
        assert [result["id"] for result in found] == [wanted]


class TestDelete:
    def test_leaves_no_trace(self, memory_service: MemoryProcess) -> None:
        word = f"secret{uuid4().hex}"
        name = {"project_id": "p", "category": "c", "key": "k"}
        with memory_service.admin() as client:
            ids = [store(client, f"{word} one", metadata={"a": word}, speaker=word)]
            for version in range(2):
                body = {**name, "content": f"{word} {version}"}
                fact = client.post(f"{API}/facts", json=body).json()["id"]
            for memory_id in (*ids, fact):
                client.get(f"{API}/{memory_id}")
                assert client.delete(f"{API}/{memory_id}").status_code == 204
        tables = memory_service.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for table in tables:
            rows = memory_service.fetch(
                f"SELECT 1 FROM {table['relname']} t WHERE strpos(t::text, $1) > 0", word
            )
            assert rows == [], table["relname"]
        assert memory_service.fetch("SELECT 1 FROM memory_vectors") == []

    def test_a_fact_stated_again_is_new(self, memory_service: MemoryProcess) -> None:
        body = {"project_id": "p", "category": "c", "key": "k", "content": "x"}
        with memory_service.admin() as client:
            first = client.post(f"{API}/facts", json=body).json()
            client.delete(f"{API}/{first['id']}")
            second = client.post(f"{API}/facts", json=body).json()
        assert (second["is_new"], second["version"]) == (True, 1)
        assert second["id"] != first["id"]


class TestFactVersions:
    def test_a_changed_fact_keeps_what_it_said(self, memory_service: MemoryProcess) -> None:
        body = {"project_id": "p", "category": "c", "key": "k", "content": "first"}
        with memory_service.admin() as client:
            fact = client.post(f"{API}/facts", json=body).json()
            client.patch(f"{API}/{fact['id']}", json={"content": "second"})
            third = client.post(f"{API}/facts", json={**body, "content": "third"}).json()
        assert third["version"] == 3
        kept = memory_service.fetch("SELECT content FROM memory_fact_versions ORDER BY version")
        assert [row["content"] for row in kept] == ["first", "second", "third"]


class TestUse:
    def test_is_written_down_a_moment_later(self, memory_service: MemoryProcess) -> None:
        with memory_service.admin() as client:
            path = f"{API}/{store(client, 'x')}"
            assert client.get(path).json()["last_accessed_at"] is None
            wait_until(lambda: client.get(path).json()["last_accessed_at"], what="the access")


class TestAnyText:
    @PER_SERVICE
    @given(content=TEXT, key=TEXT, query=TEXT)
    def test_is_stored_and_read_back(
        self, memory_service: MemoryProcess, content: str, key: str, query: str
    ) -> None:
        with memory_service.admin() as client:
            memory_id = store(client, content, metadata={key: query}, speaker=query)
            item = client.get(f"{API}/{memory_id}").json()
            assert item["content"] == content
            assert item["metadata"][key] == query or key == "speaker"
            body = {"query": query, "metadata_filter": {key: query}}
            assert client.post(f"{API}/search", json=body).status_code == 200
            browsed = client.get(f"{API}/browse", params={"q": content})
            assert memory_id in [found["id"] for found in browsed.json()["items"]]
            body = {"project_id": content, "category": query, "key": key, "content": content}
            assert client.post(f"{API}/facts", json=body).status_code == 201

    def test_numbers_of_any_size_are_kept(self, memory_service: MemoryProcess) -> None:
        number = 10**3000 + 1
        with memory_service.admin() as client:
            memory_id = store(client, "x", metadata={"n": number})
            assert client.get(f"{API}/{memory_id}").json()["metadata"]["n"] == number

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"])
    def test_a_time_that_no_calendar_has_is_refused(
        self, memory_service: MemoryProcess, moment: str
    ) -> None:
        with memory_service.admin() as client:
            body: dict[str, Any] = {"content": "x", "occurred_at": moment}
            assert client.post(API, json=body).status_code == 422
            assert client.post(f"{API}/search", json={"query": "x", "since": moment}).status_code
            # In metadata it is the client's own, and kept as it is.
            store(client, "x", metadata={"occurred_at": moment, "speaker": 5})
