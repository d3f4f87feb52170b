"""SQL of facts: the upsert, their versions, the members of their projects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement

_ADD_PROJECT = Statement(
    """
    INSERT INTO memory_scopes (id, kind, project_id) VALUES ($1, 'project', $2)
    ON CONFLICT DO NOTHING
    """
)
_JOIN_PROJECT = Statement(
    """
    INSERT INTO memory_project_members (scope_id, agent_id, can_write) VALUES ($1, $2, true)
    ON CONFLICT DO NOTHING
    """
)
_MAY_WRITE = Scalar(
    bool,
    "SELECT can_write FROM memory_project_members WHERE scope_id = $1 AND agent_id = $2",
)


@dataclass(frozen=True, slots=True)
class NewFact:
    """One statement of a fact; `memory_id` is used if the fact is new."""

    memory_id: UUID
    fact_id: UUID
    scope_id: UUID
    agent_id: UUID | None
    key_id: UUID | None
    project_id: str
    category: str
    key: str
    content: str
    metadata: dict[str, Any]
    base_confidence: float
    words: int


@dataclass(frozen=True, slots=True)
class FactRow:
    id: UUID
    place: int
    version: int
    created_at: datetime
    updated_at: datetime


_UPSERT_FACT = Query(
    FactRow,
    """
    INSERT INTO memories (
        id, fact_id, scope_id, agent_id, key_id, project_id, category, key,
        content, metadata, base_confidence, words, tier, version, place
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'semantic', 1,
        nextval('memory_session_numbers') << 24)
    ON CONFLICT (fact_id) DO UPDATE SET
        agent_id = EXCLUDED.agent_id,
        key_id = EXCLUDED.key_id,
        content = EXCLUDED.content,
        metadata = EXCLUDED.metadata,
        base_confidence = EXCLUDED.base_confidence,
        words = EXCLUDED.words,
        version = memories.version + 1,
        revision = memories.revision + 1,
        stated_at = clock_timestamp(),
        updated_at = clock_timestamp()
    RETURNING id, place, version, created_at, updated_at
    """,
)

_KEEP_VERSION = Statement(
    """
    INSERT INTO memory_fact_versions (
        memory_id, version, content, metadata, base_confidence, agent_id, key_id
    )
    SELECT id, version, content, metadata, base_confidence, agent_id, key_id
    FROM memories
    WHERE id = $1
    """
)


async def add_project(connection: Connection, scope_id: UUID, *, project_id: str) -> None:
    await _ADD_PROJECT.run(connection, scope_id, project_id)


async def join_project(connection: Connection, scope_id: UUID, *, agent_id: UUID) -> bool:
    """Make the agent a member unless it is one; whether it may write."""
    await _JOIN_PROJECT.run(connection, scope_id, agent_id)
    return await _MAY_WRITE.one(connection, scope_id, agent_id)


async def upsert_fact(connection: Connection, fact: NewFact) -> FactRow:
    """Insert the fact, or make it the next version of the one that is there."""
    return await _UPSERT_FACT.one(
        connection,
        fact.memory_id,
        fact.fact_id,
        fact.scope_id,
        fact.agent_id,
        fact.key_id,
        fact.project_id,
        fact.category,
        fact.key,
        fact.content,
        fact.metadata,
        fact.base_confidence,
        fact.words,
    )


async def keep_version(connection: Connection, memory_id: UUID) -> None:
    """Add a fact's current statement to its history."""
    await _KEEP_VERSION.run(connection, memory_id)
