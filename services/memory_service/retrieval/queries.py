"""The hybrid search: one statement, one round trip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query
from services.memory_service.retrieval.terms import SearchTerms
from services.memory_service.scopes import Reader


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A memory found. The parts are what each side adds to its rank, in standard deviations from an
    average memory, and `best` is the first one's sum of them. The score is `certainty` (0..1, how
    sure it is that anything fits) times the share of `best` that the parts reach.
    """

    id: UUID
    content: str
    tier: str
    metadata: Any
    created_at: datetime
    score: float
    similarity: float | None
    coverage: float
    vector_part: float
    turn_part: float
    window_part: float
    speaker_part: float
    recency_part: float
    confidence_part: float
    best: float
    certainty: float
    total_found: int


# Sides are compared by how far they stand out among all memories of the reader. For the vectors the
# mean and deviation come from the scope's first 500; for words they follow from how many memories
# have each word, taking words as independent: so nothing has to be read for them.
#
# BM25 as in S. Robertson, H. Zaragoza, The Probabilistic Relevance Framework (2009): k1 = 0.9 and
# b = 0.4 for a memory's own words; k1 = 1.2, no length, and the same idf for its window. Words are
# OR-ed: AND found nothing for most real questions.
#
# Only candidates are ranked: the best by vector, voice and a first guess of what their rare words
# add, and the best by words alone. Words that many memories have are looked up for these only.
#
# It must run as well on a plan made without its parameters (PostgreSQL keeps one from the sixth
# execution on): so what only the parameters tell the size of is joined by nested loops over few rows
# into an index (LATERAL with OFFSET 0, which no other join can replace), or into a hash (IN).
_SEARCH = Query(
    FoundRow,
    """
    WITH scope AS MATERIALIZED (
        SELECT s.id, s.number
        FROM memory_scopes s
        WHERE $1::uuid IS NULL OR s.id = $2 OR s.id IN (
            SELECT scope_id FROM memory_project_members WHERE agent_id = $1)
    ), narrowed AS MATERIALIZED (
        SELECT m.place
        FROM memories m
        WHERE m.scope_id = ANY(ARRAY(SELECT id FROM scope))
          AND ($3::uuid IS NULL OR m.key_id = $3)
          AND ($4::text[] IS NULL OR m.tier = ANY($4))
          AND ($5::jsonb IS NULL OR m.metadata @> $5)
          AND ($6::timestamptz IS NULL OR coalesce(m.occurred_at, m.created_at) >= $6)
          AND ($7::timestamptz IS NULL OR coalesce(m.occurred_at, m.created_at) <= $7)
    ), expired AS MATERIALIZED (
        SELECT place FROM memories WHERE expires_at <= now()
    ), asked AS MATERIALIZED (
        SELECT l.lexeme, coalesce(
            (SELECT sum(c.memories)::float8 FROM memory_common_words c
             WHERE c.scope = ANY(ARRAY(SELECT number FROM scope)) AND c.lexeme = l.lexeme),
            (SELECT count(*)::float8 FROM (
                SELECT FROM memory_postings p
                WHERE p.scope = ANY(ARRAY(SELECT number FROM scope)) AND p.lexeme = l.lexeme
                LIMIT 4000) AS p)) AS memories
        FROM unnest(to_tsvector('english', $8::text)) AS l
    ), weighed AS MATERIALIZED (
        SELECT
            lexeme, memories,
            ln(1 + (greatest($9::float8 - memories, 0) + 0.5) / (memories + 0.5)) AS idf,
            least((memories + 0.5) / (greatest($9, memories) + 1), 1) AS share
        FROM asked
    ), word AS MATERIALIZED (
        SELECT
            lexeme, idf, share,
            sum(memories) OVER rarest <= $10::integer OR row_number() OVER rarest = 1 AS is_rare
        FROM weighed
        WHERE memories > 0
        WINDOW rarest AS (ORDER BY memories, lexeme)
        ORDER BY memories, lexeme
        LIMIT 40
    ), spread AS MATERIALIZED (
        SELECT
            coalesce((SELECT sum(idf) FROM weighed), 0) AS idf,
            coalesce(sum(idf * share), 0) AS turn_mean,
            greatest(sqrt(sum(idf ^ 2 * share * (1 - share))), 0.001) AS turn,
            coalesce(sum(idf * (1 - (1 - share) ^ 5)), 0) AS window_mean,
            greatest(sqrt(sum(idf ^ 2 * (1 - share) ^ 5 * (1 - (1 - share) ^ 5))), 0.001) AS around
        FROM word
    ), hit AS MATERIALIZED (
        SELECT w.lexeme, w.idf, p.scope, p.place, p.frequency, p.words
        FROM word w CROSS JOIN LATERAL (
            SELECT scope, place, frequency, words FROM memory_postings
            WHERE scope = ANY(ARRAY(SELECT number FROM scope)) AND lexeme = w.lexeme
            LIMIT $11::integer) AS p
        WHERE w.is_rare
    ), turn AS MATERIALIZED (
        SELECT place, min(scope) AS scope, sum(idf * frequency * 1.9::float8 / (frequency
            + 0.9::float8 * (0.6::float8 + 0.4::float8 * words / $12::float8))) AS score
        FROM hit
        GROUP BY place
    ), said_near AS MATERIALIZED (
        -- What words add to each place, in the rank's measure: its own, and as a first guess of its
        -- window the sum of what its neighbours have.
        SELECT b.scope, b.place, b.own * $20::float8 / s.turn + b.around * $21::float8 / s.around
            AS bonus
        FROM (
            SELECT min(t.scope) AS scope, t.place + o AS place,
                sum(CASE o WHEN 0 THEN t.score ELSE 0 END) AS own, sum(t.score) AS around
            FROM (SELECT * FROM turn ORDER BY score DESC LIMIT $26::integer) t,
                generate_series(-2, 2) AS o
            GROUP BY t.place + o
        ) b CROSS JOIN spread s
    ), given_vector AS MATERIALIZED (
        -- Parsed once, not once for each row that it is compared with.
        SELECT model_id, literal::halfvec AS vector
        FROM unnest($13::smallint[], $14::text[]) AS g (model_id, literal)
    ), asked_vector AS MATERIALIZED (
        SELECT a.model_id, a.vector, s.mean, s.deviation, $19::float8 / s.deviation AS scale
        FROM given_vector a CROSS JOIN LATERAL (
            SELECT avg(-distance) AS mean,
                greatest(coalesce(stddev_pop(distance), 0), 0.02) AS deviation
            FROM (
                SELECT v.vector <#> a.vector AS distance
                FROM scope s CROSS JOIN LATERAL (
                    SELECT vector FROM memory_vectors
                    WHERE model_id = a.model_id AND scope = s.number
                    ORDER BY place LIMIT 500) AS v
                LIMIT 500) AS d
        ) s
    ), near AS MATERIALIZED (
        SELECT n.scope, n.place, n.similarity, (n.similarity - a.mean) / a.deviation AS standing
        FROM asked_vector a CROSS JOIN LATERAL (
            SELECT c.scope, c.place, c.similarity
            FROM (
                SELECT v.scope, v.place, v.voice_hash, -(v.vector <#> a.vector) AS similarity
                FROM scope s CROSS JOIN LATERAL (SELECT * FROM memory_vectors
                    WHERE model_id = a.model_id AND scope = s.number OFFSET 0) AS v
                OFFSET 0
            ) c LEFT JOIN said_near b ON b.place = c.place
            WHERE ($15::boolean OR c.place IN (SELECT place FROM narrowed))
              AND (NOT EXISTS (SELECT FROM expired)
                OR c.place NOT IN (SELECT place FROM expired))
            ORDER BY c.similarity * a.scale + coalesce(b.bonus, 0)
                + CASE WHEN c.voice_hash = ANY(ARRAY(
                    SELECT memory_voice_hash(name) FROM unnest($16::text[]) AS name))
                    THEN $17::float8 ELSE 0 END DESC
            LIMIT greatest($18::integer, 2 * $22::integer)
        ) n
    ), candidate AS MATERIALIZED (
        SELECT scope, place FROM near
        UNION
        (SELECT scope, place FROM said_near
         WHERE $15 OR place IN (SELECT place FROM narrowed)
         ORDER BY bonus DESC, place DESC LIMIT greatest($18, 2 * $22))
    ), present AS MATERIALIZED (
        SELECT
            c.scope, c.place, m.id, m.created_at, m.stated_at, m.base_confidence, m.voice_hash
        FROM candidate c CROSS JOIN LATERAL (
            SELECT * FROM memories m WHERE m.place = c.place OFFSET 0) AS m
        WHERE m.scope_id = ANY(ARRAY(SELECT id FROM scope))
          AND (m.expires_at IS NULL OR m.expires_at > now())
          AND ($15 OR m.place IN (SELECT place FROM narrowed))
    ), spot AS MATERIALIZED (
        SELECT place, place + o AS beside, o = 0 AS is_own FROM present, generate_series(-2, 2) AS o
    ), said AS (
        SELECT s.place, h.lexeme, h.idf, s.is_own, h.frequency, h.words
        FROM (SELECT * FROM hit WHERE place IN (SELECT beside FROM spot)) h
        JOIN spot s ON s.beside = h.place
        UNION ALL
        SELECT c.place, w.lexeme, w.idf, p.place = c.place, p.frequency, p.words
        FROM present c
        CROSS JOIN (SELECT lexeme, idf FROM word WHERE NOT is_rare) w
        CROSS JOIN LATERAL (
            SELECT place, frequency, words
            FROM memory_postings
            WHERE scope = c.scope AND lexeme = w.lexeme
              AND place BETWEEN c.place - 2 AND c.place + 2
            OFFSET 0) AS p
    ), counted AS (
        SELECT
            place, idf, sum(frequency) AS around,
            max(frequency) FILTER (WHERE is_own) AS own, max(words) FILTER (WHERE is_own) AS words
        FROM said
        GROUP BY place, lexeme, idf
    ), keyword AS MATERIALIZED (
        SELECT
            place,
            coalesce(sum(idf * own * 1.9::float8 / (own
                + 0.9::float8 * (0.6::float8 + 0.4::float8 * words / $12))), 0) AS turn,
            sum(idf * around * 2.2::float8 / (around + 1.2::float8)) AS around,
            coalesce(sum(idf) FILTER (WHERE own > 0), 0) AS idf
        FROM counted
        GROUP BY place
    ), part AS MATERIALIZED (
        SELECT
            p.id, p.place, coalesce(n.similarity, v.similarity) AS similarity,
            coalesce(k.idf / nullif(s.idf, 0), 0) AS coverage,
            $19 * coalesce(n.standing, v.standing, 0) AS vector_part,
            $20 * (coalesce(k.turn, 0) - s.turn_mean) / s.turn AS turn_part,
            $21 * (coalesce(k.around, 0) - s.window_mean) / s.around AS window_part,
            CASE WHEN p.voice_hash = ANY(ARRAY(
                SELECT memory_voice_hash(name) FROM unnest($16) AS name))
                THEN $17 ELSE 0 END AS speaker_part,
            $23::float8 * (1 + extract(epoch FROM now()
                - greatest(p.created_at, a.last_accessed_at)) / 2592000) ^ -1 AS recency_part,
            $24::float8 * coalesce(p.base_confidence * (1 + greatest(0,
                extract(epoch FROM now() - p.stated_at)) / 2592000) ^ -0.5, 0) AS confidence_part
        FROM present p
        CROSS JOIN spread s
        LEFT JOIN near n ON n.place = p.place
        LEFT JOIN keyword k ON k.place = p.place
        LEFT JOIN LATERAL (
            SELECT last_accessed_at FROM memory_accesses WHERE memory_id = p.id OFFSET 0) a ON true
        LEFT JOIN LATERAL (
            SELECT -(b.vector <#> q.vector) AS similarity,
                (-(b.vector <#> q.vector) - q.mean) / q.deviation AS standing
            FROM asked_vector q
            JOIN memory_vectors b ON b.model_id = q.model_id AND b.place = p.place
            LIMIT 1) v ON n.place IS NULL
        WHERE n.place IS NOT NULL OR k.place IS NOT NULL
    ), fused AS (
        SELECT *, vector_part + turn_part + window_part + speaker_part + recency_part
            + confidence_part AS rank FROM part
    ), top AS MATERIALIZED (
        SELECT greatest(max(rank), 0.001) AS best, max(
            1 - (1 - least(1, greatest(0, coalesce(similarity, 0)))) * (1 - coverage)) AS certainty
        FROM fused
    ), scored AS (
        SELECT f.*, t.best, t.certainty,
            t.certainty * least(1, greatest(0, f.rank / t.best)) AS score
        FROM fused f CROSS JOIN top t
    ), ranked AS (
        SELECT s.*, count(*) OVER () AS total_found
        FROM scored s
        WHERE $25::float8 IS NULL OR s.score >= $25
        ORDER BY s.rank DESC, s.id DESC
        LIMIT $22
    )
    SELECT
        m.id, m.content, m.tier, m.metadata, m.created_at,
        r.score::float8, r.similarity::float8, r.coverage::float8, r.vector_part::float8,
        r.turn_part::float8, r.window_part::float8, r.speaker_part::float8,
        r.recency_part::float8, r.confidence_part::float8, r.best::float8, r.certainty::float8,
        r.total_found
    FROM ranked r CROSS JOIN LATERAL (SELECT * FROM memories WHERE id = r.id OFFSET 0) AS m
    ORDER BY r.rank DESC, r.id DESC
    """,
)


async def search(connection: Connection, reader: Reader, terms: SearchTerms) -> list[FoundRow]:
    """What fits best, best first. Vectors are compared with the query's of their own model only."""
    weights = terms.weights
    by_vector = terms.vector_weight / weights.usual_vector_share
    by_keyword = terms.keyword_weight / weights.usual_keyword_share
    unnarrowed = terms.is_unnarrowed and reader.key_id is None
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
        terms.memories,
        weights.postings,
        weights.longest_list,
        max(terms.words / max(terms.memories, 1), 1.0),
        list(terms.vectors),
        [vector.literal for vector in terms.vectors.values()],
        unnarrowed,
        terms.names,
        weights.speaker,
        weights.candidates,
        by_vector,
        by_keyword * weights.turn,
        by_keyword * weights.window,
        terms.limit,
        weights.recency,
        weights.confidence,
        terms.min_score,
        weights.expanded,
    )
