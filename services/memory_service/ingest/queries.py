"""SQL that puts memories and what finds them into the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement

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


@dataclass(frozen=True, slots=True)
class InsertedRow:
    id: UUID
    created_at: datetime


_INSERT_MEMORIES = Query(
    InsertedRow,
    """
    WITH given AS MATERIALIZED (
        SELECT *
        FROM unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[],
            $8::text[], $9::text[], $10::timestamptz[], $11::float8[], $12::integer[]
        ) WITH ORDINALITY AS g (
            id, scope_id, agent_id, key_id, tier, content, metadata,
            speaker, session_id, occurred_at, ttl_seconds, words, position
        )
    ), scope AS (
        INSERT INTO memory_scopes (id, kind, agent_id)
        SELECT DISTINCT
            scope_id, CASE WHEN agent_id IS NULL THEN 'shared' ELSE 'agent' END, agent_id
        FROM given
        ORDER BY scope_id
        ON CONFLICT DO NOTHING
    )
    INSERT INTO memories (
        id, scope_id, agent_id, key_id, tier, content, metadata,
        speaker, session_id, occurred_at, words, expires_at
    )
    SELECT
        id, scope_id, agent_id, key_id, tier, content, metadata,
        speaker, session_id, occurred_at, words, now() + ttl_seconds * interval '1 second'
    FROM given
    ORDER BY position
    RETURNING id, created_at
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
    )


_INSERT_POSTINGS = Statement(
    """
    INSERT INTO memory_postings (memory_id, scope_id, lexeme, frequency, words)
    SELECT m.id, m.scope_id, w.lexeme, sum(coalesce(array_length(w.positions, 1), 1)), m.words
    FROM unnest($1::uuid[], $2::text[]) AS p (memory_id, piece)
    JOIN memories m ON m.id = p.memory_id
    CROSS JOIN LATERAL unnest(to_tsvector('english', p.piece)) AS w
    GROUP BY m.id, w.lexeme
    """
)

_INSERT_VECTORS = Statement(
    """
    INSERT INTO memory_vectors (memory_id, scope_id, model_id, vector)
    SELECT memory_id, scope_id, model_id, literal::halfvec
    FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::text[])
        AS v (memory_id, scope_id, model_id, literal)
    ON CONFLICT (model_id, memory_id) DO UPDATE SET vector = EXCLUDED.vector
    """
)

_INSERT_PENDING = Statement(
    """
    INSERT INTO memory_pending_embeddings (memory_id)
    SELECT memory_id FROM unnest($1::uuid[]) AS p (memory_id)
    ON CONFLICT (memory_id) DO UPDATE SET attempts = 0, next_attempt_at = now(), error = NULL
    """
)

_DELETE_INDEX = Statement(
    """
    WITH postings AS (DELETE FROM memory_postings WHERE memory_id = $1),
    vectors AS (DELETE FROM memory_vectors WHERE memory_id = $1)
    DELETE FROM memory_pending_embeddings WHERE memory_id = $1
    """
)


async def register_model(connection: Connection, *, name: str, dimensions: int) -> int:
    """The id of an embedding model; call it outside the transaction that uses it, because a new
    model's table is made here.
    """
    return await _REGISTER_MODEL.one(connection, name, dimensions)


async def insert_postings(connection: Connection, pieces: list[tuple[UUID, str]]) -> None:
    """Index (memory, text) for keyword search; a memory may come in several pieces."""
    await _INSERT_POSTINGS.run(
        connection, [memory for memory, _ in pieces], [text for _, text in pieces]
    )


async def insert_vectors(
    connection: Connection, vectors: list[tuple[UUID, UUID, int, str]]
) -> None:
    """Keep (memory, scope, model, vector as text)."""
    await _INSERT_VECTORS.run(
        connection,
        [memory for memory, _, _, _ in vectors],
        [scope for _, scope, _, _ in vectors],
        [model for _, _, model, _ in vectors],
        [literal for _, _, _, literal in vectors],
    )


async def insert_pending(connection: Connection, memories: list[UUID]) -> None:
    """Mark memories for memory-worker to embed."""
    await _INSERT_PENDING.run(connection, memories)


async def delete_index(connection: Connection, memory_id: UUID) -> None:
    """Take away everything by which a memory's old content is found."""
    await _DELETE_INDEX.run(connection, memory_id)
