"""SQL of the upkeep jobs and of the statistics."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement
from services.memory_service.scopes import Reader


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A memory that waits for its vector, as it was when it was claimed."""

    id: UUID
    place: int
    revision: int
    content: str
    category: str | None
    key: str | None


_CLAIM_PENDING = Query(
    PendingRow,
    """
    WITH due AS (
        SELECT memory_id
        FROM memory_pending_embeddings
        WHERE next_attempt_at <= now()
        ORDER BY next_attempt_at
        LIMIT $1
        FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE memory_pending_embeddings p
        SET next_attempt_at = now() + $2 * interval '1 second'
        FROM due
        WHERE p.memory_id = due.memory_id
        RETURNING p.memory_id
    )
    SELECT m.id, m.place, m.revision, m.content, m.category, m.key
    FROM claimed c JOIN memories m ON m.id = c.memory_id
    ORDER BY m.arrival
    """,
)

_LOCK_UNCHANGED = Query(
    PendingRow,
    """
    SELECT m.id, m.place, m.revision, m.content, m.category, m.key
    FROM unnest($1::uuid[], $2::integer[]) AS c (id, revision)
    JOIN memories m ON m.id = c.id AND m.revision = c.revision
    ORDER BY m.id
    FOR NO KEY UPDATE OF m
    """,
)

_SETTLE_PENDING = Statement(
    "DELETE FROM memory_pending_embeddings WHERE memory_id = ANY($1::uuid[])"
)

_POSTPONE_PENDING = Statement(
    """
    UPDATE memory_pending_embeddings
    SET next_attempt_at = now() + $2 * interval '1 second'
    WHERE memory_id = ANY($1::uuid[])
    """
)

# An hour at most between two attempts; the text may be taken by another model one day.
_REFUSE_PENDING = Statement(
    """
    UPDATE memory_pending_embeddings
    SET attempts = attempts + 1, error = $2,
        next_attempt_at = now() + least(3600, 2 ^ least(attempts, 12)) * interval '1 second'
    WHERE memory_id = $1
    """
)


async def claim_pending(connection: Connection, *, limit: int, seconds: float) -> list[PendingRow]:
    """Take the memories that have waited longest; nobody else gets them for `seconds`."""
    return await _CLAIM_PENDING.all(connection, limit, seconds)


async def lock_unchanged(connection: Connection, claimed: list[PendingRow]) -> list[PendingRow]:
    """Those of the claimed that still have the content they had, held against change."""
    return await _LOCK_UNCHANGED.all(
        connection, [row.id for row in claimed], [row.revision for row in claimed]
    )


async def settle_pending(connection: Connection, memories: list[UUID]) -> None:
    await _SETTLE_PENDING.run(connection, memories)


async def postpone_pending(connection: Connection, memories: list[UUID], *, seconds: float) -> None:
    """Nothing is wrong with them: the gateway could not be asked."""
    await _POSTPONE_PENDING.run(connection, memories, seconds)


async def refuse_pending(connection: Connection, memory_id: UUID, *, reason: str) -> None:
    """This one was turned down: try it again later and later."""
    await _REFUSE_PENDING.run(connection, memory_id, reason)


_HAS_MODEL = Scalar(
    bool, "SELECT EXISTS (SELECT FROM memory_embedding_models WHERE starts_with(name, $1))"
)

# Those with a vector of any other model are left alone, whichever it is.
_RENEW = Statement(
    """
    INSERT INTO memory_pending_embeddings (memory_id)
    SELECT m.id
    FROM memory_base_vectors b
    JOIN memories m ON m.place = b.place
    WHERE b.model_id IN (SELECT id FROM memory_embedding_models WHERE starts_with(name, $1))
      AND NOT EXISTS (SELECT FROM memory_pending_embeddings p WHERE p.memory_id = m.id)
    LIMIT $2
    ON CONFLICT (memory_id) DO NOTHING
    """
)


async def has_model(connection: Connection, prefix: str) -> bool:
    """Whether any vector may be by a model whose name begins so."""
    return await _HAS_MODEL.one(connection, prefix)


async def renew(connection: Connection, prefix: str, *, limit: int) -> int:
    """Mark memories whose vectors are of models whose names begin so; how many."""
    return await _RENEW.run(connection, prefix, limit)


_PURGE_EXPIRED = Scalar(
    int,
    """
    DELETE FROM memories
    WHERE id IN (
        SELECT id FROM memories
        WHERE expires_at <= now()
        ORDER BY expires_at
        LIMIT $1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING place
    """,
)

# Smaller scopes are counted by each search, whose limits (4,000) must not be below these.
_FIND_CHANGED_SCOPES = Scalar(
    UUID,
    """
    SELECT s.id
    FROM memory_scopes s
    LEFT JOIN (SELECT scope_id, count(*) AS n FROM memories GROUP BY scope_id) c
        ON c.scope_id = s.id
    WHERE (s.memories IS NOT NULL OR c.n >= 3000)
      AND abs(coalesce(c.n, 0) - coalesce(s.memories, 0)) > 0.05 * coalesce(s.memories, 0)
    """,
)

_FORGET_WORDS = Statement(
    """
    DELETE FROM memory_common_words
    WHERE scope = (SELECT number FROM memory_scopes WHERE id = $1)
    """
)

_COUNT_WORDS = Statement(
    """
    INSERT INTO memory_common_words (scope, lexeme, memories)
    SELECT p.scope, p.lexeme, count(*)
    FROM memory_postings p
    WHERE p.scope = (SELECT number FROM memory_scopes WHERE id = $1)
    GROUP BY p.scope, p.lexeme
    HAVING count(*) >= 500
    ON CONFLICT (scope, lexeme) DO UPDATE SET memories = EXCLUDED.memories
    """
)

_COUNT_MEMORIES = Statement(
    """
    UPDATE memory_scopes s
    SET memories = CASE WHEN c.n >= 2000 THEN c.n END, words = CASE WHEN c.n >= 2000 THEN c.w END
    FROM (SELECT count(*) AS n, coalesce(sum(words), 0) AS w FROM memories WHERE scope_id = $1) c
    WHERE s.id = $1
    """
)


async def find_changed_scopes(connection: Connection) -> list[UUID]:
    """Large scopes, or that were large, whose counts are off by more than 5 %."""
    return await _FIND_CHANGED_SCOPES.all(connection)


async def count_scope(connection: Connection, scope_id: UUID) -> None:
    """Count a scope's memories and its common words."""
    await _FORGET_WORDS.run(connection, scope_id)
    await _COUNT_WORDS.run(connection, scope_id)
    await _COUNT_MEMORIES.run(connection, scope_id)


_RECORD_RUN = Statement(
    """
    INSERT INTO memory_upkeep (job, last_run_at, last_count, total_count)
    VALUES ($1, now(), $2, $2)
    ON CONFLICT (job) DO UPDATE
    SET last_run_at = now(), last_count = $2, total_count = memory_upkeep.total_count + $2
    """
)


async def purge_expired(connection: Connection, *, limit: int) -> list[int]:
    """Delete up to `limit` expired memories; the places that they had."""
    return await _PURGE_EXPIRED.all(connection, limit)


async def record_run(connection: Connection, *, job: str, count: int) -> None:
    await _RECORD_RUN.run(connection, job, count)


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """Counts by tier and by embedding model, as JSON objects."""

    by_tier: Any
    by_model: Any
    pending: int


_STATISTICS = Query(
    StatisticsRow,
    """
    WITH visible AS MATERIALIZED (
        SELECT id, place, tier
        FROM memories
        WHERE (expires_at IS NULL OR expires_at > now()) AND ($1::uuid IS NULL OR key_id = $1)
    )
    SELECT
        (SELECT coalesce(jsonb_object_agg(tier, n), '{}')
         FROM (SELECT tier, count(*) AS n FROM visible GROUP BY tier) AS t) AS by_tier,
        (SELECT coalesce(jsonb_object_agg(name, n), '{}')
         FROM (
             SELECT e.name, count(*) AS n
             FROM memory_base_vectors v
             JOIN visible m ON m.place = v.place
             JOIN memory_embedding_models e ON e.id = v.model_id
             GROUP BY e.name) AS t) AS by_model,
        (SELECT count(*) FROM memory_pending_embeddings p JOIN visible m ON m.id = p.memory_id)
            AS pending
    """,
)


async def statistics(connection: Connection, reader: Reader) -> StatisticsRow:
    return await _STATISTICS.one(connection, reader.key_id)
