"""SQL that reads, lists, changes and deletes memories.

A reader is (agent, agent's scope, key): with an agent, its own memories and its projects' facts;
with a key, what was stored by or for it; with neither, everything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement
from services.memory_service.ingest.voices import Voice
from services.memory_service.scopes import Reader


@dataclass(frozen=True, slots=True)
class MemoryRow:
    id: UUID
    content: str
    tier: str
    agent_id: UUID | None
    metadata: Any
    created_at: datetime
    updated_at: datetime
    project_id: str | None
    category: str | None
    key: str | None
    base_confidence: float | None
    days_since_stated: float
    last_accessed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BrowseFilter:
    """What a list is narrowed to; None lets everything through."""

    tier: str | None
    text: str | None


_FIND_MEMORY = Query(
    MemoryRow,
    """
    SELECT
        m.id, m.content, m.tier, m.agent_id, m.metadata, m.created_at, m.updated_at,
        m.project_id, m.category, m.key, m.base_confidence,
        (extract(epoch FROM now() - m.stated_at) / 86400)::float8 AS days_since_stated,
        a.last_accessed_at
    FROM memories m
    LEFT JOIN memory_accesses a ON a.memory_id = m.id
    WHERE m.id = $1
      AND (m.expires_at IS NULL OR m.expires_at > now())
      AND ($2::uuid IS NULL OR m.key_id = $2 OR m.agent_id IS NOT NULL)
    """,
)

_BROWSE = Query(
    MemoryRow,
    """
    SELECT
        m.id, m.content, m.tier, m.agent_id, m.metadata, m.created_at, m.updated_at,
        m.project_id, m.category, m.key, m.base_confidence,
        (extract(epoch FROM now() - m.stated_at) / 86400)::float8 AS days_since_stated,
        a.last_accessed_at
    FROM memories m
    LEFT JOIN memory_accesses a ON a.memory_id = m.id
    WHERE (m.expires_at IS NULL OR m.expires_at > now())
      AND ($1::uuid IS NULL OR m.scope_id = $2 OR m.scope_id IN (
          SELECT scope_id FROM memory_project_members WHERE agent_id = $1))
      AND ($3::uuid IS NULL OR m.key_id = $3)
      AND ($4::text IS NULL OR m.tier = $4)
      AND ($5::text IS NULL OR strpos(lower(m.content), lower($5)) > 0)
    ORDER BY m.created_at DESC, m.arrival DESC
    LIMIT $6 OFFSET $7
    """,
)

_COUNT = Scalar(
    int,
    """
    SELECT count(*)
    FROM memories m
    WHERE (m.expires_at IS NULL OR m.expires_at > now())
      AND ($1::uuid IS NULL OR m.scope_id = $2 OR m.scope_id IN (
          SELECT scope_id FROM memory_project_members WHERE agent_id = $1))
      AND ($3::uuid IS NULL OR m.key_id = $3)
      AND ($4::text IS NULL OR m.tier = $4)
      AND ($5::text IS NULL OR strpos(lower(m.content), lower($5)) > 0)
    """,
)


async def find_memory(
    connection: Connection, memory_id: UUID, *, key_id: UUID | None
) -> MemoryRow | None:
    """A memory by its id; a key (None: an administrator) does not find another key's own."""
    return await _FIND_MEMORY.first(connection, memory_id, key_id)


async def browse(
    connection: Connection, reader: Reader, only: BrowseFilter, *, limit: int, offset: int
) -> list[MemoryRow]:
    return await _BROWSE.all(
        connection,
        reader.agent_id,
        reader.scope_id,
        reader.key_id,
        only.tier,
        only.text,
        limit,
        offset,
    )


async def count(connection: Connection, reader: Reader, only: BrowseFilter) -> int:
    return await _COUNT.one(
        connection, reader.agent_id, reader.scope_id, reader.key_id, only.tier, only.text
    )


@dataclass(frozen=True, slots=True)
class LockedRow:
    """What a change of a memory needs to know of it."""

    id: UUID
    scope_id: UUID
    place: int
    tier: str
    content: str
    speaker: str | None
    session_id: str | None
    category: str | None
    key: str | None


_LOCK_MEMORY = Query(
    LockedRow,
    """
    SELECT id, scope_id, place, tier, content, speaker, session_id, category, key
    FROM memories
    WHERE id = $1
      AND (expires_at IS NULL OR expires_at > now())
      AND ($2::uuid IS NULL OR key_id = $2 OR agent_id IS NOT NULL)
    FOR UPDATE
    """,
)

_CHANGE_METADATA = Statement(
    """
    UPDATE memories
    SET metadata = $2, speaker = $3, session_id = $4, occurred_at = $5, updated_at = now()
    WHERE id = $1
    """
)

_CHANGE_CONTENT = Statement(
    """
    UPDATE memories
    SET content = $2, words = $3, revision = revision + 1, version = version + 1,
        stated_at = now(), updated_at = now()
    WHERE id = $1
    """
)

_CHANGE_VOICE = Statement("UPDATE memories SET voice = $2, voice_given = $3 WHERE id = $1")

# The postings and vectors go with the place.
_MOVE = Scalar(
    int,
    """
    WITH session AS (
        INSERT INTO memory_sessions AS s (id, scope_id, given)
        VALUES (memory_session($2, $3, $4), $2, 1)
        ON CONFLICT (id) DO UPDATE SET given = s.given + 1
        RETURNING (number << 24) + given - 1 AS place
    )
    UPDATE memories SET place = session.place FROM session WHERE id = $1
    RETURNING memories.place
    """,
)

_DELETE_MEMORY = Scalar(
    int,
    """
    DELETE FROM memories
    WHERE id = $1
      AND (expires_at IS NULL OR expires_at > now())
      AND ($2::uuid IS NULL OR key_id = $2 OR agent_id IS NOT NULL)
    RETURNING place
    """,
)


async def lock_memory(
    connection: Connection, memory_id: UUID, *, key_id: UUID | None
) -> LockedRow | None:
    """The memory, held against every other change until the transaction ends."""
    return await _LOCK_MEMORY.first(connection, memory_id, key_id)


async def change_metadata(
    connection: Connection,
    memory_id: UUID,
    *,
    metadata: dict[str, Any],
    speaker: str | None,
    session_id: str | None,
    occurred_at: datetime | None,
) -> None:
    await _CHANGE_METADATA.run(connection, memory_id, metadata, speaker, session_id, occurred_at)


async def change_content(
    connection: Connection, memory_id: UUID, *, content: str, words: int
) -> None:
    """Put new content; a fact becomes its next version."""
    await _CHANGE_CONTENT.run(connection, memory_id, content, words)


async def change_voice(connection: Connection, memory_id: UUID, *, voice: Voice | None) -> None:
    """Note who is heard in it now."""
    name, given = (None, False) if voice is None else (voice.name, voice.given)
    await _CHANGE_VOICE.run(connection, memory_id, name, given)


async def move(connection: Connection, row: LockedRow, *, session_id: str | None) -> int:
    """Put the memory to the end of another session; its new place."""
    return await _MOVE.one(connection, row.id, row.scope_id, row.tier, session_id)


async def delete_memory(
    connection: Connection, memory_id: UUID, *, key_id: UUID | None
) -> int | None:
    """Delete it with all that hangs on it; the place that it had, None if the caller sees no such
    memory.
    """
    return await _DELETE_MEMORY.get(connection, memory_id, key_id)


_RECORD_ACCESSES = Statement(
    """
    INSERT INTO memory_accesses (memory_id, uses, last_accessed_at)
    SELECT m.id, u.uses, now()
    FROM unnest($1::uuid[], $2::bigint[]) AS u (memory_id, uses)
    JOIN memories m ON m.id = u.memory_id
    ORDER BY m.id
    FOR KEY SHARE OF m
    ON CONFLICT (memory_id) DO UPDATE
    SET uses = memory_accesses.uses + EXCLUDED.uses, last_accessed_at = now()
    """
)


async def record_accesses(connection: Connection, uses: dict[UUID, int]) -> None:
    """Add to how often memories were used; those deleted meanwhile are passed over."""
    await _RECORD_ACCESSES.run(connection, list(uses), list(uses.values()))
