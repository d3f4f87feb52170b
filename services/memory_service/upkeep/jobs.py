"""memory-worker's jobs. Each is idempotent, and safe beside another process doing the same."""

from services.kit.db import Database
from services.memory_service.ingest.embedding import Embedder, NoEmbedding, TextRefused, Vector
from services.memory_service.ingest.index import forget_places, register_models
from services.memory_service.ingest.queries import insert_vectors, lock_sessions
from services.memory_service.ingest.text import fact_text
from services.memory_service.upkeep import queries
from services.memory_service.upkeep.queries import PendingRow

_EMBED_BATCH = 64
_CLAIM_SECONDS = 60.0
_POSTPONE_SECONDS = 5.0
_PURGE_BATCH = 1000
_RENEW_BATCH = 1000
_PROBE = "Which model is this?"
OFFLINE = "offline/"
_NO_VECTOR = "The model gave no vector that can be used."


async def embed_pending(database: Database, embedder: Embedder) -> int:
    """Embed memories that wait for their vector, one batch; how many were claimed.

    Raises NoEmbedding when the gateway can't be asked; they then wait a moment longer.
    """
    async with database.transaction() as connection:
        claimed = await queries.claim_pending(
            connection, limit=_EMBED_BATCH, seconds=_CLAIM_SECONDS
        )
    if not claimed:
        return 0
    try:
        vectors = await _embed(database, embedder, claimed)
    except NoEmbedding:
        async with database.transaction() as connection:
            await queries.postpone_pending(
                connection, [row.id for row in claimed], seconds=_POSTPONE_SECONDS
            )
        raise
    await _keep(database, vectors)
    return len(claimed)


async def renew_offline(database: Database, embedder: Embedder) -> int:
    """Once the gateway has a model that knows meanings, give its vectors to the memories that only
    have the offline embedder's; how many are now pending. Raises NoEmbedding.
    """
    async with database.connection() as connection:
        if not await queries.has_model(connection, OFFLINE):
            return 0
    try:
        [vector] = await embedder.embed([_PROBE], keep=True)
    except TextRefused as error:
        raise NoEmbedding(error.detail) from error
    if vector is None or vector.model.startswith(OFFLINE):
        return 0
    async with database.transaction() as connection:
        return await queries.renew(connection, OFFLINE, limit=_RENEW_BATCH)


async def purge_expired(database: Database) -> int:
    """Delete every memory whose time is over; how many."""
    purged = 0
    while True:
        async with database.transaction() as connection:
            places = await queries.purge_expired(connection, limit=_PURGE_BATCH)
            await forget_places(connection, places)
        purged += len(places)
        if len(places) < _PURGE_BATCH:
            return purged


async def count_words(database: Database) -> int:
    """Count the memories and common words of large scopes that have changed by more than 5 % since;
    how many scopes.
    """
    async with database.connection() as connection:
        changed = await queries.find_changed_scopes(connection)
    for scope_id in changed:
        async with database.transaction() as connection:
            await queries.count_scope(connection, scope_id)
    return len(changed)


async def record_run(database: Database, *, job: str, count: int) -> None:
    """Note that a job ran, for the statistics."""
    async with database.transaction() as connection:
        await queries.record_run(connection, job=job, count=count)


async def _embed(
    database: Database, embedder: Embedder, rows: list[PendingRow]
) -> dict[PendingRow, Vector]:
    """The vectors that could be made; what the gateway turns down is put back with its reason."""
    try:
        vectors = await embedder.embed([_text(row) for row in rows])
    except TextRefused as error:
        if len(rows) == 1:
            await _refuse(database, rows[0], reason=error.detail)
            return {}
        # One of them is at fault: halving finds it, and costs the others little.
        middle = len(rows) // 2
        first = await _embed(database, embedder, rows[:middle])
        return first | await _embed(database, embedder, rows[middle:])
    made: dict[PendingRow, Vector] = {}
    for row, vector in zip(rows, vectors, strict=True):
        if vector is None:
            await _refuse(database, row, reason=_NO_VECTOR)
        else:
            made[row] = vector
    return made


async def _keep(database: Database, vectors: dict[PendingRow, Vector]) -> None:
    models = await register_models(database, list(vectors.values()))
    by_id = {row.id: vector for row, vector in vectors.items()}
    async with database.transaction() as connection:
        unchanged = await queries.lock_unchanged(connection, list(vectors))
        rows = [
            (row.place, models[vector.model, vector.dimensions], vector.literal)
            for row in unchanged
            if (vector := by_id[row.id])
        ]
        await lock_sessions(connection, [row.place for row in unchanged])
        await insert_vectors(connection, rows)
        await queries.settle_pending(connection, [row.id for row in unchanged])


async def _refuse(database: Database, row: PendingRow, *, reason: str) -> None:
    async with database.transaction() as connection:
        await queries.refuse_pending(connection, row.id, reason=reason)


def _text(row: PendingRow) -> str:
    if row.category is None or row.key is None:
        return row.content
    return fact_text(row.category, row.key, row.content)
