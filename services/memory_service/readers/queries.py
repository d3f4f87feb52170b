"""SQL that looks at all that a reader may read, in little time."""

from dataclasses import dataclass
from typing import Any

from services.kit.db import Connection, Query
from services.memory_service.scopes import SHARED_SCOPE, Reader


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """What a search of a reader needs to know before: `voices` and `models` are JSON lists of
    [name, given] and [id, name, dimensions].
    """

    memories: float
    words: float
    pending: int
    voices: Any
    models: Any


_PROFILE = Query(
    ProfileRow,
    """
    WITH RECURSIVE scope AS MATERIALIZED (
        SELECT s.id, s.number, s.memories, s.words
        FROM memory_scopes s
        WHERE $1::uuid IS NULL OR s.id = $2 OR s.id IN (
            SELECT scope_id FROM memory_project_members WHERE agent_id = $1)
    ), size AS (
        SELECT
            sum(coalesce(s.memories, c.memories)) AS memories,
            sum(coalesce(s.words, c.words)) AS words
        FROM scope s LEFT JOIN LATERAL (
            SELECT count(*) AS memories, sum(words) AS words
            FROM (SELECT m.words FROM memories m WHERE m.scope_id = s.id LIMIT 4000) AS m
        ) c ON s.memories IS NULL
    ), voice AS (
        -- From each name to the next: as many steps as there are names, however many memories.
        (SELECT voice FROM memories WHERE scope_id = $3 AND voice IS NOT NULL ORDER BY voice LIMIT 1)
        UNION ALL
        SELECT (SELECT m.voice FROM memories m
                WHERE m.scope_id = $3 AND m.voice > v.voice ORDER BY m.voice LIMIT 1)
        FROM voice v WHERE v.voice IS NOT NULL
    ), known AS (
        SELECT v.voice, EXISTS (
            SELECT FROM memories m
            WHERE m.scope_id = $3 AND m.voice = v.voice AND m.voice_given) AS given
        FROM (SELECT voice FROM voice LIMIT 1000) AS v
        WHERE v.voice IS NOT NULL
    )
    SELECT
        coalesce((SELECT memories FROM size), 0)::float8 AS memories,
        coalesce((SELECT words FROM size), 0)::float8 AS words,
        (SELECT count(*) FROM (
            SELECT FROM memory_pending_embeddings p
            JOIN memories m ON m.id = p.memory_id
            WHERE m.scope_id = ANY(ARRAY(SELECT id FROM scope)) AND NOT EXISTS (
                SELECT FROM memory_base_vectors b WHERE b.place = m.place)
            LIMIT 1000) AS p) AS pending,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(k.voice, k.given)), '[]')
         FROM known k
         WHERE k.given OR (
            SELECT count(*) = 2 FROM (
                SELECT FROM memories m WHERE m.scope_id = $3 AND m.voice = k.voice LIMIT 2) AS two)
        ) AS voices,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(e.id, e.name, e.dimensions)), '[]')
         FROM memory_embedding_models e
         WHERE EXISTS (
            SELECT FROM memory_vectors v
            WHERE v.model_id = e.id AND v.scope = ANY(ARRAY(SELECT number FROM scope)))) AS models
    """,
)


async def profile(connection: Connection, reader: Reader) -> ProfileRow:
    """The reader's number of memories and words, known voices and embedding models."""
    return await _PROFILE.one(
        connection, reader.agent_id, reader.scope_id, reader.scope_id or SHARED_SCOPE
    )
