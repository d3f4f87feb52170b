"""The search statement in a large store: what PostgreSQL does for it, on every plan."""

import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.kit.db import Connection, Database, prepare_connection
from services.memory_service.ingest.embedding import Vector
from services.memory_service.retrieval import queries
from services.memory_service.retrieval.terms import SearchTerms
from services.memory_service.retrieval.weights import WEIGHTS
from services.memory_service.scopes import Reader, agent_scope
from services.memory_service.upkeep import jobs

AGENT = UUID("8a7ff1d4-6d1b-4a47-bd2f-5c6ed8f2d9aa")
SIZE = 50_000
DIMENSIONS = 8
VECTOR = Vector("m", DIMENSIONS, json.dumps([0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0]))
READER = Reader(agent_id=AGENT, key_id=None)

# One agent's, without the checks of each foreign key: what is stored is not what is tested here.
_FILL = """
SET session_replication_role = replica;
INSERT INTO memory_scopes (id, kind, agent_id) VALUES ($scope, 'agent', $agent);
INSERT INTO memories (id, scope_id, agent_id, tier, content, words, place, metadata)
SELECT gen_random_uuid(), $scope, $agent, 'episodic', 'w' || n % 5 || ' rare' || n / 10, 8,
    (n / 50 + 1000::bigint << 24) + n % 50, jsonb_build_object('n', n)
FROM generate_series(0, $size - 1) AS n;
INSERT INTO memory_postings (scope, lexeme, place, frequency, words)
SELECT s.number, word, m.place, 1, 8
FROM memories m JOIN memory_scopes s ON s.id = m.scope_id
CROSS JOIN unnest(string_to_array(m.content, ' ')) AS word;
SELECT register_memory_embedding_model('m', $dimensions);
INSERT INTO memory_vectors (model_id, place, scope, vector)
SELECT 1, m.place, s.number,
    l2_normalize(ARRAY(SELECT sin(m.place * (d + 1))::real FROM generate_series(1, $dimensions) d)
        ::vector)::halfvec
FROM memories m JOIN memory_scopes s ON s.id = m.scope_id;
INSERT INTO memory_accesses SELECT id, 1, now() FROM memories;
INSERT INTO memory_common_words SELECT scope, lexeme, count(*) FROM memory_postings
GROUP BY scope, lexeme HAVING count(*) >= 500;
UPDATE memory_scopes SET memories = $size, words = $size * 8;
SET session_replication_role = origin;
"""
_LARGE = {"memories", "memory_postings", "memory_vectors_of_model_1", "memory_accesses"}


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_url, server_settings={"jit": "off"})
    await prepare_connection(connection)
    fill = _FILL.replace("$scope", f"'{agent_scope(AGENT)}'").replace("$agent", f"'{AGENT}'")
    fill = fill.replace("$size", str(SIZE)).replace("$dimensions", str(DIMENSIONS))
    await connection.execute(fill)
    await connection.execute("VACUUM ANALYZE")
    yield connection
    await connection.close()


def terms(**fields: Any) -> SearchTerms:
    usual = SearchTerms(
        keywords="w3 w4 rare77 rare4000",
        names=["nobody"],
        vectors={1: VECTOR},
        memories=SIZE,
        words=SIZE * 8,
        tiers=None,
        metadata=None,
        since=None,
        until=None,
        vector_weight=0.7,
        keyword_weight=0.3,
        min_score=None,
        limit=10,
    )
    return dataclasses.replace(usual, **fields)


CASES = {
    "usual": terms(),
    "narrowed": terms(tiers=["episodic"], since=dt.datetime(2024, 1, 1, tzinfo=dt.UTC)),
    "by words": terms(vectors={}, vector_weight=0, keyword_weight=1),
    "by common words": terms(keywords="w1 w2 w3"),
    "by vectors": terms(keywords=""),
}


class _Captured:
    """Takes a query's text and arguments instead of running it."""

    sql = ""
    arguments: tuple[object, ...] = ()

    async def fetch(self, sql: str, *arguments: object) -> list[Any]:
        self.sql, self.arguments = sql, arguments
        return []


async def explain(connection: Any, case: SearchTerms, *, mode: str) -> dict[str, Any]:
    captured: Any = _Captured()
    await queries.search(captured, READER, case)
    await connection.execute(f"SET plan_cache_mode = {mode}")
    await connection.execute(f"PREPARE search AS {captured.sql}")
    given = ", ".join(literal(value) for value in captured.arguments)
    plan = await connection.fetchval(
        f"EXPLAIN (ANALYZE, TIMING off, FORMAT json) EXECUTE search ({given})"
    )
    await connection.execute("DEALLOCATE search")
    return plan[0]["Plan"]


def literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int() | float():
            return str(value)
        case list():
            inside = ",".join('"' + str(item).replace('"', '\\"') + '"' for item in value)
            return "'{" + inside + "}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


class TestAtFiftyThousand:
    async def test_every_plan_reads_little_and_finds_the_same(self, connection: Connection) -> None:
        for name, case in CASES.items():
            found: list[list[float]] = []
            for mode in ("force_custom_plan", "force_generic_plan"):
                for node in nodes(await explain(connection, case, mode=mode)):
                    where = (name, mode, node["Node Type"], node.get("Relation Name"))
                    if node["Node Type"] == "Seq Scan" and node["Actual Loops"]:
                        # The exact search reads every vector of the agent, which here is all,
                        # and a filter that lets everything through reads everything, once.
                        allowed = {"memory_vectors_of_model_1"}
                        allowed |= {"memories"} if name == "narrowed" else set()
                        assert node["Relation Name"] not in _LARGE - allowed, where
                    # Nothing is read once for each posting or vector.
                    if node.keys() & {"Relation Name", "CTE Name", "Index Name"}:
                        assert node["Actual Loops"] <= 2_000, where
                # PostgreSQL considers the plan without parameters from the sixth time on.
                for _ in range(7):
                    rows = await queries.search(connection, READER, case)
                    found.append([row.score for row in rows])
            # Not the ids: plans add up in another order, which decides between equals.
            assert all(scores == pytest.approx(found[0]) for scores in found), name
            assert len(found[0]) == 10, name

    async def test_what_is_ranked_is_the_best_of_all(self, connection: Connection) -> None:
        everything = dataclasses.replace(
            WEIGHTS, candidates=10**6, expanded=10**6, postings=10**8, longest_list=10**7
        )
        for name in ("usual", "by vectors"):
            case = CASES[name]
            some = await queries.search(connection, READER, case)
            wanted = await queries.search(
                connection, READER, dataclasses.replace(case, weights=everything)
            )
            assert [row.id for row in some] == [row.id for row in wanted], name
            assert [row.score for row in some] == pytest.approx([row.score for row in wanted])

    async def test_words_are_counted_anew_when_the_counts_are_off(
        self, connection: Connection, database_url: str
    ) -> None:
        counted = "SELECT lexeme, memories FROM memory_common_words ORDER BY lexeme"
        size = "SELECT memories, words FROM memory_scopes"
        before = await connection.fetch(counted), await connection.fetch(size)
        await connection.execute(
            "DELETE FROM memory_common_words; UPDATE memory_scopes SET memories = NULL, words = NULL"
        )
        database = Database(database_url, size=1)
        await database.open()
        try:
            assert await jobs.count_words(database) == 1
            assert (await connection.fetch(counted), await connection.fetch(size)) == before
            assert await jobs.count_words(database) == 0
            await connection.execute("DELETE FROM memories WHERE place % 10 = 0")
            assert await jobs.count_words(database) == 1
            assert (await connection.fetchval(size)) == await connection.fetchval(
                "SELECT count(*) FROM memories"
            )
            await connection.execute("TRUNCATE memories CASCADE")
            assert await jobs.count_words(database) == 1
            # Nothing of what was said is left.
            assert await connection.fetch(counted) == []
        finally:
            await database.close()
