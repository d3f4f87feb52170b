"""The hybrid search: one statement, one round trip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query
from services.memory_service.ingest.embedding import Vector
from services.memory_service.scopes import Reader


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What is looked for and what it is narrowed to; None lets everything through."""

    keywords: str
    vector: Vector | None
    tiers: list[str] | None
    metadata: dict[str, Any] | None
    since: datetime | None
    until: datetime | None
    vector_weight: float
    keyword_weight: float
    min_score: float | None
    limit: int

    @property
    def is_unnarrowed(self) -> bool:
        return (self.tiers, self.metadata, self.since, self.until) == (None, None, None, None)


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A memory found. The score is `certainty` (0..1, how good this query's best is) times the
    weighted sum of `vector_part` and `keyword_part` (0..1).
    """

    id: UUID
    content: str
    tier: str
    metadata: Any
    created_at: datetime
    score: float
    similarity: float | None
    keyword_score: float | None
    vector_part: float
    keyword_part: float
    certainty: float
    total_found: int
    without_vector: int


# BM25 as in S. Robertson, H. Zaragoza, The Probabilistic Relevance Framework (2009), with k1 = 1.2
# and b = 0.4. Words are OR-ed: AND found nothing for most real questions. Fusion per query, over
# each side's 100 best: keywords as a share of the best, vectors as how far they rise above the
# hundredth. Stretching the vectors to 0..1 too, however little they rise, let a weak model decide:
# with the offline embedder recall@10 fell from keywords' 58.8 to 42.0; so it is 55.1.
#
# It must run as well on a plan made without its parameters (PostgreSQL keeps one from the sixth
# execution on): so nothing is joined whose size only the parameters tell. Postings and vectors are
# read by scope alone; what narrows further stands behind OR or NOT, where the planner can only make
# it a hash to look into, and `narrowed` is not even run when $15 is true.
_SEARCH = Query(
    FoundRow,
    """
    WITH scope AS MATERIALIZED (
        SELECT s.id
        FROM memory_scopes s
        WHERE $1::uuid IS NULL OR s.id = $2 OR s.id IN (
            SELECT scope_id FROM memory_project_members WHERE agent_id = $1)
    ), narrowed AS MATERIALIZED (
        SELECT m.id
        FROM memories m
        WHERE m.scope_id = ANY(ARRAY(SELECT id FROM scope))
          AND ($3::uuid IS NULL OR m.key_id = $3)
          AND ($4::text[] IS NULL OR m.tier = ANY($4))
          AND ($5::jsonb IS NULL OR m.metadata @> $5)
          AND ($6::timestamptz IS NULL OR coalesce(m.occurred_at, m.created_at) >= $6)
          AND ($7::timestamptz IS NULL OR coalesce(m.occurred_at, m.created_at) <= $7)
    ), expired AS MATERIALIZED (
        SELECT id FROM memories WHERE expires_at <= now()
    ), size AS MATERIALIZED (
        SELECT count(*)::float8 AS memories, greatest(avg(words), 1)::float8 AS words
        FROM memories
        WHERE scope_id = ANY(ARRAY(SELECT id FROM scope))
    ), asked AS MATERIALIZED (
        SELECT lexeme FROM unnest(to_tsvector('english', $8::text))
    ), hit AS MATERIALIZED (
        SELECT memory_id, lexeme, frequency::float8 AS frequency, words::float8 AS words
        FROM memory_postings
        WHERE scope_id = ANY(ARRAY(SELECT id FROM scope))
          AND lexeme = ANY(ARRAY(SELECT lexeme FROM asked))
    ), rarity AS MATERIALIZED (
        SELECT
            a.lexeme,
            ln(1 + (s.memories - count(h.lexeme) + 0.5) / (count(h.lexeme) + 0.5)) AS idf
        FROM asked a CROSS JOIN size s LEFT JOIN hit h ON h.lexeme = a.lexeme
        GROUP BY a.lexeme, s.memories
    ), keyword AS MATERIALIZED (
        SELECT
            h.memory_id,
            sum(r.idf * h.frequency * 2.2::float8 / (h.frequency + 1.2::float8
                * (0.6::float8 + 0.4::float8 * h.words / s.words))) AS score,
            sum(r.idf) AS idf
        FROM hit h JOIN rarity r ON r.lexeme = h.lexeme CROSS JOIN size s
        WHERE ($15::boolean OR h.memory_id IN (SELECT id FROM narrowed))
          AND h.memory_id NOT IN (SELECT id FROM expired)
        GROUP BY h.memory_id
        ORDER BY score DESC
        LIMIT greatest(100, $16::integer)
    ), compared AS MATERIALIZED (
        SELECT memory_id, -(vector <#> (SELECT $9::text::halfvec)) AS score
        FROM memory_vectors
        WHERE model_id = (
              SELECT id FROM memory_embedding_models WHERE name = $10 AND dimensions = $11)
          AND scope_id = ANY(ARRAY(SELECT id FROM scope))
    ), near AS MATERIALIZED (
        SELECT memory_id, score
        FROM compared
        WHERE ($15 OR memory_id IN (SELECT id FROM narrowed))
          AND memory_id NOT IN (SELECT id FROM expired)
        ORDER BY score DESC
        LIMIT greatest(100, $16)
    ), best AS MATERIALIZED (
        SELECT
            CASE WHEN (SELECT count(*) FROM near) < greatest(100, $16) THEN 0
                 ELSE (SELECT min(score) FROM near) END AS near_low,
            (SELECT max(score) FROM keyword) AS keyword_high,
            1 - (1 - coalesce(least(1, greatest(0, (SELECT max(score) FROM near))), 0))
              * (1 - coalesce((SELECT max(idf) FROM keyword) / (SELECT sum(idf) FROM rarity), 0))
              AS certainty
    ), part AS (
        SELECT
            coalesce(n.memory_id, k.memory_id) AS id,
            n.score AS similarity,
            k.score AS keyword_score,
            greatest(0, coalesce(n.score - b.near_low, 0)) AS vector_part,
            coalesce(k.score / b.keyword_high, 0) AS keyword_part,
            b.certainty
        FROM near n FULL JOIN keyword k ON k.memory_id = n.memory_id CROSS JOIN best b
    ), scored AS (
        SELECT p.*, p.certainty * ($12 * p.vector_part + $13 * p.keyword_part) AS score FROM part p
    ), ranked AS (
        SELECT s.*, count(*) OVER () AS total_found
        FROM scored s
        WHERE $14::float8 IS NULL OR s.score >= $14
        ORDER BY s.score DESC, s.id DESC
        LIMIT $16
    )
    SELECT
        m.id, m.content, m.tier, m.metadata, m.created_at,
        r.score::float8, r.similarity::float8, r.keyword_score::float8, r.vector_part::float8,
        r.keyword_part::float8, r.certainty::float8, r.total_found::bigint,
        CASE WHEN $9::text IS NULL THEN 0
             ELSE (SELECT memories::bigint FROM size) - (SELECT count(*) FROM compared)
        END AS without_vector
    FROM ranked r JOIN memories m ON m.id = r.id
    ORDER BY r.score DESC, r.id DESC
    """,
)


async def search(connection: Connection, reader: Reader, terms: SearchTerms) -> list[FoundRow]:
    """What fits best, best first. Vectors of another model than the query's are never compared."""
    vector = terms.vector
    return await _SEARCH.all(
        connection,
        reader.agent_id,
        reader.scope_id,
        reader.key_id,
        terms.tiers,
        terms.metadata,
        terms.since,
        terms.until,
        terms.keywords,
        None if vector is None else vector.literal,
        None if vector is None else vector.model,
        None if vector is None else vector.dimensions,
        terms.vector_weight,
        terms.keyword_weight,
        terms.min_score,
        terms.is_unnarrowed and reader.key_id is None,
        terms.limit,
    )
