"""Moves memories to the embedding model in use. A killed process leaves nothing half moved."""

from contracts.memory import Reembedding
from services.kit.db import Connection, Database
from services.kit.errors import NotFound
from services.memory_service.ingest.embedding import Embedder, NoEmbedding, TextRefused
from services.memory_service.moves import queries

_PROBE = "Which model is this?"
_AT_ONCE = 1000


async def begin(database: Database, embedder: Embedder) -> Reembedding:
    """Begin to move everything to the model that the gateway uses now. Raises NoEmbedding."""
    model = await _model_in_use(embedder)
    async with database.transaction() as connection:
        await queries.begin(connection, model)
    async with database.connection() as connection:
        move = await progress(connection)
    if move is None:
        raise NotFound("The move that was just begun is gone.")
    return move


async def progress(connection: Connection) -> Reembedding | None:
    """How far the last move is; None if there never was one."""
    row = await queries.find_move(connection)
    if row is None:
        return None
    return Reembedding(
        model=row.model,
        total=row.total,
        remaining=row.remaining,
        refused=row.refused,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


async def advance(database: Database, embedder: Embedder) -> int:
    """Put the next memories into the queue of those to embed; how many. Raises NoEmbedding.

    A model that was exchanged meanwhile becomes the target: nothing else would ever be reached.
    """
    async with database.connection() as connection:
        move = await queries.find_move(connection)
    if move is None or move.finished_at is not None:
        return 0
    model = await _model_in_use(embedder)
    async with database.transaction() as connection:
        if model != move.model:
            await queries.begin(connection, model)
        marked = await queries.mark(connection, model, at_once=_AT_ONCE)
        if not marked:
            await queries.finish(connection)
    return marked


async def _model_in_use(embedder: Embedder) -> str:
    try:
        [vector] = await embedder.embed([_PROBE], keep=True)
    except TextRefused as error:
        raise NoEmbedding(error.detail) from error
    if vector is None:
        raise NoEmbedding("The embedding model gave no vector that can be used.")
    return vector.model
