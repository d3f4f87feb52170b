"""Stores, reads, lists, changes and deletes memories."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import ValidationError

from contracts.memory import (
    BrowseResponse,
    BulkResponse,
    MemoryItem,
    MemoryPatch,
    StoredMemory,
    StoreRequest,
    Tier,
)
from services.kit.db import Connection, Database
from services.kit.errors import Invalid, NotFound
from services.memory_service.facts import queries as fact_queries
from services.memory_service.facts.decay import effective_confidence
from services.memory_service.ingest.embedding import Embedder, Vector
from services.memory_service.ingest.index import (
    Entry,
    ModelIds,
    forget_places,
    register_models,
    replace_in_index,
    rewrite_index,
    write_index,
)
from services.memory_service.ingest.queries import InsertedRow, NewMemory, insert_memories
from services.memory_service.ingest.text import count_words, fact_text
from services.memory_service.ingest.voices import voice_of
from services.memory_service.memories import queries
from services.memory_service.memories.drafts import circumstances_of, draft
from services.memory_service.memories.queries import BrowseFilter, LockedRow, MemoryRow
from services.memory_service.scopes import Reader


class MemoryNotFound(NotFound):
    code = "memory_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such memory.")


async def store(
    database: Database,
    embedder: Embedder,
    *,
    request: StoreRequest,
    key_id: UUID | None,
    working_ttl_seconds: int,
) -> StoredMemory:
    """Store one memory; without a vector for now if the gateway can't be asked."""
    memory = draft(request, key_id=key_id, working_ttl_seconds=working_ttl_seconds)
    vectors = await embedder.embed_or_none([memory.content])
    models = await register_models(database, vectors)
    async with database.transaction() as connection:
        [row] = await _insert(connection, [memory], vectors, models=models)
    return StoredMemory(
        id=row.id, agent_id=memory.agent_id, tier=request.tier, created_at=row.created_at
    )


async def store_many(
    database: Database,
    embedder: Embedder,
    *,
    items: Sequence[object],
    key_id: UUID | None,
    working_ttl_seconds: int,
) -> BulkResponse:
    """Store what can be stored; an item at fault fails alone."""
    memories: dict[int, NewMemory] = {}
    failed: list[int] = []
    for index, item in enumerate(items):
        try:
            request = StoreRequest.model_validate(item)
            memories[index] = draft(request, key_id=key_id, working_ttl_seconds=working_ttl_seconds)
        except (ValidationError, Invalid):
            failed.append(index)
    rows = list(memories.values())
    if rows:
        vectors = await embedder.embed_or_none([memory.content for memory in rows])
        models = await register_models(database, vectors)
        async with database.transaction() as connection:
            await _insert(connection, rows, vectors, models=models)
    return BulkResponse(stored=[memory.id for memory in rows], failed=failed)


async def read(connection: Connection, memory_id: UUID, *, key_id: UUID | None) -> MemoryItem:
    """Raises MemoryNotFound."""
    row = await queries.find_memory(connection, memory_id, key_id=key_id)
    if row is None:
        raise MemoryNotFound
    return _item(row)


async def browse(
    connection: Connection, reader: Reader, only: BrowseFilter, *, limit: int, offset: int
) -> BrowseResponse:
    """What the reader sees, newest first."""
    total = await queries.count(connection, reader, only)
    rows = await queries.browse(connection, reader, only, limit=limit, offset=offset)
    return BrowseResponse(
        items=[_item(row) for row in rows], total=total, offset=offset, limit=limit
    )


async def change(
    database: Database,
    embedder: Embedder,
    *,
    memory_id: UUID,
    patch: MemoryPatch,
    key_id: UUID | None,
) -> None:
    """Change content, metadata or both. Raises MemoryNotFound."""
    vectors: list[Vector | None] = []
    if patch.content is not None:
        async with database.connection() as connection:
            row = await queries.find_memory(connection, memory_id, key_id=key_id)
        if row is None:
            raise MemoryNotFound
        text = _indexed_text(row, patch.content)
        vectors = await embedder.embed_or_none([text])
    models = await register_models(database, vectors)
    async with database.transaction() as connection:
        await _change(connection, memory_id, patch, key_id=key_id, vectors=vectors, models=models)


async def delete(connection: Connection, memory_id: UUID, *, key_id: UUID | None) -> None:
    """Raises MemoryNotFound."""
    place = await queries.delete_memory(connection, memory_id, key_id=key_id)
    if place is None:
        raise MemoryNotFound
    await forget_places(connection, [place])


async def _insert(
    connection: Connection,
    memories: list[NewMemory],
    vectors: Sequence[Vector | None],
    *,
    models: ModelIds,
) -> list[InsertedRow]:
    rows = await insert_memories(connection, memories)
    entries = [
        Entry(row.place, memory.content, vector)
        for row, memory, vector in zip(rows, memories, vectors, strict=True)
    ]
    await write_index(connection, entries, models)
    return rows


async def _change(
    connection: Connection,
    memory_id: UUID,
    patch: MemoryPatch,
    *,
    key_id: UUID | None,
    vectors: Sequence[Vector | None],
    models: ModelIds,
) -> None:
    row = await queries.lock_memory(connection, memory_id, key_id=key_id)
    if row is None:
        raise MemoryNotFound
    content = row.content if patch.content is None else patch.content
    text = _indexed_text(row, content)
    speaker, place = row.speaker, row.place
    if patch.metadata is not None:
        circumstances = circumstances_of(patch.metadata)
        speaker = circumstances.speaker
        await queries.change_metadata(
            connection,
            memory_id,
            metadata=patch.metadata,
            speaker=speaker,
            session_id=circumstances.session_id,
            occurred_at=circumstances.occurred_at,
        )
        if row.key is None and circumstances.session_id != row.session_id:
            place = await queries.move(connection, row, session_id=circumstances.session_id)
    if row.key is None:
        await queries.change_voice(connection, memory_id, voice=voice_of(content, speaker))
    if patch.content is None:
        await replace_in_index(connection, row.place, place=place, text=text)
        return
    await queries.change_content(connection, memory_id, content=content, words=count_words(text))
    await rewrite_index(connection, Entry(place, text, vectors[0]), models)
    if place != row.place:
        await forget_places(connection, [row.place])
    if row.key is not None:
        await fact_queries.keep_version(connection, memory_id)


def _indexed_text(row: MemoryRow | LockedRow, content: str) -> str:
    if row.category is None or row.key is None:
        return content
    return fact_text(row.category, row.key, content)


def _item(row: MemoryRow) -> MemoryItem:
    base = row.base_confidence
    return MemoryItem(
        id=row.id,
        content=row.content,
        tier=Tier(row.tier),
        agent_id=row.agent_id,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        project_id=row.project_id,
        category=row.category,
        key=row.key,
        base_confidence=base,
        effective_confidence=(
            None if base is None else effective_confidence(base, days=row.days_since_stated)
        ),
        last_accessed_at=row.last_accessed_at,
    )
