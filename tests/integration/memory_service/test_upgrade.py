"""A store from before memories had places: everything is there afterwards, and goes on as it was."""

import shutil
from pathlib import Path
from uuid import uuid4

import asyncpg

from services.kit.migrate import MIGRATIONS, apply_migrations
from services.memory_service.scopes import agent_scope, fact_id, project_scope
from tests.fixtures.embedding_gateway import EmbeddingGateway
from tests.fixtures.memory_service import running_memory
from tests.integration.memory_service.test_store import assert_indexes_fit

API = "/api/v1/memories"
PLACES = "0019_memory_ranking.sql"
AGENT = uuid4()

_OLD_MEMORIES = """
INSERT INTO memory_scopes (id, kind, agent_id) VALUES ($1, 'agent', $2)
"""
_OLD_MEMORY = """
INSERT INTO memories (
    id, scope_id, agent_id, tier, content, metadata, speaker, session_id, occurred_at, words
) VALUES ($1, $2, $3, 'episodic', $4, '{}', 'Nadja', $5, '2023-05-07T10:00:00Z', 4)
"""
_OLD_FACT = """
INSERT INTO memories (
    id, scope_id, tier, content, words, fact_id, project_id, category, key, version,
    base_confidence
) VALUES ($1, $2, 'semantic', 'two piers', 4, $3, 'p', 'place', 'harbour', 1, 1)
"""
_OLD_POSTINGS = """
INSERT INTO memory_postings
SELECT $1, $2, w.lexeme, array_length(w.positions, 1), 4
FROM unnest(to_tsvector('english', $3)) AS w
"""
_OLD_VECTOR = "INSERT INTO memory_vectors VALUES ($1, $2, $3, $4::text::halfvec)"


async def fill(connection: asyncpg.Connection) -> None:
    scope, project = agent_scope(AGENT), project_scope("p")
    await connection.execute(_OLD_MEMORIES, scope, AGENT)
    await connection.execute(
        "INSERT INTO memory_scopes (id, kind, project_id) VALUES ($1, 'project', 'p')", project
    )
    models = [
        await connection.fetchval("SELECT register_memory_embedding_model($1, 2)", name)
        for name in ("offline/old", "real")
    ]
    for n in range(4):
        memory = uuid4()
        content = f"green lighthouse may {n}"
        session = None if n == 3 else "s"
        await connection.execute(_OLD_MEMORY, memory, scope, AGENT, content, session)
        await connection.execute(_OLD_POSTINGS, memory, scope, content)
        for model in models[: 1 if n == 2 else 2]:
            await connection.execute(_OLD_VECTOR, model, memory, scope, f"[0.6,{0.8 - n / 5}]")
    fact = uuid4()
    await connection.execute(_OLD_FACT, fact, project, fact_id("p", "place", "harbour"))
    await connection.execute(_OLD_POSTINGS, fact, project, "place harbour two piers")
    await connection.execute("INSERT INTO memory_pending_embeddings (memory_id) VALUES ($1)", fact)


class TestUpgrade:
    async def test_keeps_and_places_what_is_stored(
        self, tmp_path: Path, empty_database_url: str, embedding_gateway: EmbeddingGateway
    ) -> None:
        before = tmp_path / "before"
        before.mkdir()
        for file in sorted(MIGRATIONS.glob("*.sql")):
            if file.name < PLACES:
                shutil.copy(file, before)
        await apply_migrations(empty_database_url, folder=before)
        connection = await asyncpg.connect(empty_database_url)
        await fill(connection)
        await connection.close()
        await apply_migrations(empty_database_url)
        with running_memory(
            tmp_path, database_url=empty_database_url, gateway_url=embedding_gateway.url
        ) as process:
            assert_indexes_fit(process)
            kept = process.fetch(
                "SELECT e.name, count(*) FROM memory_base_vectors b"
                " JOIN memory_embedding_models e ON e.id = b.model_id GROUP BY e.name ORDER BY name"
            )
            assert [tuple(row) for row in kept] == [("offline/old", 1), ("real", 3)]
            with process.admin() as client:
                body = {"agent_id": str(AGENT), "content": "next", "session_id": "s"}
                client.post(API, json=body).raise_for_status()
                search = {"agent_id": str(AGENT), "query": "lighthouse in May", "explain": True}
                found = client.post(f"{API}/search", json=search).json()["results"]
            assert len([one for one in found if "lighthouse" in one["content"]]) == 4
            places = process.fetch("SELECT content, place FROM memories WHERE session_id = 's'")
            first = min(row["place"] for row in places)
            assert {row["content"]: row["place"] - first for row in places} == {
                "green lighthouse may 0": 0,
                "green lighthouse may 1": 1,
                "green lighthouse may 2": 2,
                "next": 3,
            }
