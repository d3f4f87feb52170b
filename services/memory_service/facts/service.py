"""States facts: a new statement supersedes the one before and keeps it as a version."""

from uuid import UUID

from contracts.memory import FactRequest, StoredFact
from services.kit.db import Connection, Database
from services.kit.errors import Forbidden
from services.kit.ids import new_id
from services.memory_service.facts import queries
from services.memory_service.facts.queries import FactRow, NewFact
from services.memory_service.ingest.embedding import Embedder
from services.memory_service.ingest.index import Entry, register_models, rewrite_index
from services.memory_service.ingest.text import count_words, fact_text
from services.memory_service.scopes import fact_id, project_scope


class NoWriteRight(Forbidden):
    code = "no_write_right"


async def state_fact(
    database: Database, embedder: Embedder, *, request: FactRequest, key_id: UUID | None
) -> StoredFact:
    """Store a fact or supersede it. Raises NoWriteRight if the agent may only read the project."""
    text = fact_text(request.category, request.key, request.content)
    vectors = await embedder.embed_or_none([text])
    models = await register_models(database, vectors)
    fact = NewFact(
        memory_id=new_id(),
        fact_id=fact_id(request.project_id, request.category, request.key),
        scope_id=project_scope(request.project_id),
        agent_id=request.agent_id,
        key_id=key_id,
        project_id=request.project_id,
        category=request.category,
        key=request.key,
        content=request.content,
        metadata=request.metadata,
        base_confidence=request.base_confidence,
        words=count_words(text),
    )
    async with database.transaction() as connection:
        row = await _write(connection, fact)
        # The upsert holds the row, so two statements of one fact index one after the other.
        await rewrite_index(connection, Entry(row.place, text, vectors[0]), models)
    return StoredFact(
        id=row.id,
        project_id=request.project_id,
        category=request.category,
        key=request.key,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        is_new=row.version == 1,
    )


async def _write(connection: Connection, fact: NewFact) -> FactRow:
    await queries.add_project(connection, fact.scope_id, project_id=fact.project_id)
    if fact.agent_id is not None and not await queries.join_project(
        connection, fact.scope_id, agent_id=fact.agent_id
    ):
        raise NoWriteRight("This agent may read this project's facts, not write them.")
    row = await queries.upsert_fact(connection, fact)
    await queries.keep_version(connection, row.id)
    return row
