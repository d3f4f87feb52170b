"""SQL that puts memories and what finds them into the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement
from services.memory_service.ingest.voices import Voice

_REGISTER_MODEL = Scalar(int, "SELECT register_memory_embedding_model($1, $2)")


@dataclass(frozen=True, slots=True)
class NewMemory:
    """One row to insert; `id` is made by the caller."""

    id: UUID
    scope_id: UUID
    agent_id: UUID | None
    key_id: UUID | None
    tier: str
    content: str
    metadata: dict[str, Any]
    speaker: str | None
    session_id: str | None
    occurred_at: datetime | None
    ttl_seconds: float | None
    words: int
    voice: Voice | None


@dataclass(frozen=True, slots=True)
class InsertedRow:
    id: UUID
    created_at: datetime
    place: int


_INSERT_MEMORIES = Query(
    InsertedRow,
    """
    WITH given AS MATERIALIZED (
        SELECT *
        FROM unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[],
            $8::text[], $9::text[], $10::timestamptz[], $11::float8[], $12::integer[],
            $13::text[], $14::boolean[]
        ) WITH ORDINALITY AS g (
            id, scope_id, agent_id, key_id, tier, content, metadata,
            speaker, session_id, occurred_at, ttl_seconds, words, voice, voice_given, position
        )
    ), grouped AS MATERIALIZED (
        SELECT *, memory_session(scope_id, tier, session_id) AS session FROM given
    ), scope AS (
        INSERT INTO memory_scopes (id, kind, agent_id)
        SELECT DISTINCT
            scope_id, CASE WHEN agent_id IS NULL THEN 'shared' ELSE 'agent' END, agent_id
        FROM given
        ORDER BY scope_id
        ON CONFLICT DO NOTHING
    ), session AS (
        -- Holds the session's row to the end of the transaction: its memories come in one by one.
        INSERT INTO memory_sessions AS m (id, scope_id, given)
        SELECT session, scope_id, count(*) FROM grouped GROUP BY session, scope_id ORDER BY session
        ON CONFLICT (id) DO UPDATE SET given = m.given + EXCLUDED.given
        RETURNING id, number, given
    )
    INSERT INTO memories (
        id, scope_id, agent_id, key_id, tier, content, metadata, speaker, session_id, occurred_at,
        words, expires_at, voice, voice_given, place
    )
    SELECT
        g.id, g.scope_id, g.agent_id, g.key_id, g.tier, g.content, g.metadata, g.speaker,
        g.session_id, g.occurred_at, g.words, now() + g.ttl_seconds * interval '1 second',
        g.voice, g.voice_given,
        (s.number << 24) + s.given - count(*) OVER (PARTITION BY g.session)
            + row_number() OVER (PARTITION BY g.session ORDER BY g.position) - 1
    FROM grouped g JOIN session s ON s.id = g.session
    ORDER BY g.position
    RETURNING id, created_at, place
    """,
)


async def insert_memories(connection: Connection, memories: list[NewMemory]) -> list[InsertedRow]:
    """Insert them in order; what finds them is written apart, in the same transaction."""
    return await _INSERT_MEMORIES.all(
        connection,
        [memory.id for memory in memories],
        [memory.scope_id for memory in memories],
        [memory.agent_id for memory in memories],
        [memory.key_id for memory in memories],
        [memory.tier for memory in memories],
        [memory.content for memory in memories],
        [memory.metadata for memory in memories],
        [memory.speaker for memory in memories],
        [memory.session_id for memory in memories],
        [memory.occurred_at for memory in memories],
        [memory.ttl_seconds for memory in memories],
        [memory.words for memory in memories],
        [memory.voice and memory.voice.name for memory in memories],
        [memory.voice is not None and memory.voice.given for memory in memories],
    )


# The day is a piece like the others, so that "in May" finds what was said then.
_INSERT_POSTINGS = Statement(
    """
    INSERT INTO memory_postings (scope, lexeme, place, frequency, words)
    SELECT s.number, w.lexeme, m.place, sum(coalesce(array_length(w.positions, 1), 1)), m.words
    FROM (
        SELECT place, piece FROM unnest($1::bigint[], $2::text[]) AS p (place, piece)
        UNION ALL
        SELECT m.place, memory_day(m.occurred_at) FROM memories m
        WHERE m.place = ANY($1) AND m.occurred_at IS NOT NULL
    ) AS p
    JOIN memories m ON m.place = p.place
    JOIN memory_scopes s ON s.id = m.scope_id
    CROSS JOIN LATERAL unnest(to_tsvector('english', p.piece)) AS w
    GROUP BY s.number, m.place, m.words, w.lexeme
    """
)

_INSERT_VECTORS = Statement(
    """
    INSERT INTO memory_base_vectors (place, model_id, vector)
    SELECT place, model_id, literal::halfvec
    FROM unnest($1::bigint[], $2::smallint[], $3::text[]) AS v (place, model_id, literal)
    ON CONFLICT (place) DO UPDATE SET model_id = EXCLUDED.model_id, vector = EXCLUDED.vector
    """
)

_DROP_OTHER_MODELS = Statement(
    """
    DELETE FROM memory_vectors v
    USING memory_base_vectors b
    WHERE b.place = ANY($1::bigint[]) AND v.place = b.place AND v.model_id <> b.model_id
    """
)

_MIX_VECTORS = Statement(
    """
    INSERT INTO memory_vectors (model_id, place, scope, voice_hash, vector)
    SELECT
        b.model_id, b.place, s.number, m.voice_hash,
        coalesce(l2_normalize(b.vector + b.vector + p.vector), b.vector)
    FROM (
        SELECT DISTINCT g.place + o AS place
        FROM unnest($1::bigint[]) AS g (place) CROSS JOIN generate_series(0, 1) AS o
    ) g
    JOIN memory_base_vectors b ON b.place = g.place
    JOIN memories m ON m.place = g.place
    JOIN memory_scopes s ON s.id = m.scope_id
    LEFT JOIN memory_base_vectors p ON p.place = b.place - 1 AND p.model_id = b.model_id
    ORDER BY b.place
    ON CONFLICT (model_id, place) DO UPDATE
    SET vector = EXCLUDED.vector, voice_hash = EXCLUDED.voice_hash
    """
)

_INSERT_PENDING = Statement(
    """
    INSERT INTO memory_pending_embeddings (memory_id)
    SELECT id FROM memories WHERE place = ANY($1::bigint[])
    ON CONFLICT (memory_id) DO UPDATE SET attempts = 0, next_attempt_at = now(), error = NULL
    """
)

_DELETE_POSTINGS = Statement("DELETE FROM memory_postings WHERE place = $1")

_DELETE_VECTORS = Statement(
    """
    WITH base AS (DELETE FROM memory_base_vectors WHERE place = $1),
    searched AS (DELETE FROM memory_vectors WHERE place = $1)
    DELETE FROM memory_pending_embeddings
    WHERE memory_id = (SELECT id FROM memories WHERE place = $1)
    """
)

_LOCK_SESSIONS = Statement(
    """
    SELECT FROM memory_sessions
    WHERE number IN (SELECT place >> 24 FROM unnest($1::bigint[]) AS p (place))
    ORDER BY id
    FOR NO KEY UPDATE
    """
)


async def register_model(connection: Connection, *, name: str, dimensions: int) -> int:
    """The id of an embedding model; call it outside the transaction that uses it, because a new
    model's table is made here.
    """
    return await _REGISTER_MODEL.one(connection, name, dimensions)


async def lock_sessions(connection: Connection, places: list[int]) -> None:
    """Hold the sessions of these places: neighbours' vectors are read and written one after the
    other. Whoever stores into a session holds it already.
    """
    await _LOCK_SESSIONS.run(connection, places)


async def insert_postings(connection: Connection, pieces: list[tuple[int, str]]) -> None:
    """Index (place, text) for keyword search; a memory may come in several pieces."""
    await _INSERT_POSTINGS.run(
        connection, [place for place, _ in pieces], [text for _, text in pieces]
    )


async def insert_vectors(connection: Connection, vectors: list[tuple[int, int, str]]) -> None:
    """Keep (place, model, vector as text) instead of what another model made of these memories."""
    places = [place for place, _, _ in vectors]
    await _INSERT_VECTORS.run(
        connection,
        places,
        [model for _, model, _ in vectors],
        [literal for _, _, literal in vectors],
    )
    await _DROP_OTHER_MODELS.run(connection, places)
    await mix_vectors(connection, places)


async def mix_vectors(connection: Connection, places: list[int]) -> None:
    """Make anew what is searched of these places and of those behind them."""
    await _MIX_VECTORS.run(connection, places)


async def insert_pending(connection: Connection, places: list[int]) -> None:
    """Mark memories for memory-worker to embed."""
    await _INSERT_PENDING.run(connection, places)


async def delete_postings(connection: Connection, place: int) -> None:
    await _DELETE_POSTINGS.run(connection, place)


async def delete_vectors(connection: Connection, place: int) -> None:
    """Take away what models made of the content, and the mark that none has yet."""
    await _DELETE_VECTORS.run(connection, place)
