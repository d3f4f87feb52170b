"""Keeps postings and vectors in step with memories, within the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.db import Connection, Database
from services.memory_service.ingest import queries
from services.memory_service.ingest.embedding import Vector
from services.memory_service.ingest.text import pieces

ModelIds = dict[tuple[str, int], int]
"""From a model's name and dimensions to its id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is indexed of one memory; without a vector it is marked for later."""

    place: int
    text: str
    vector: Vector | None


async def register_models(database: Database, vectors: Sequence[Vector | None]) -> ModelIds:
    """The ids of the models that made `vectors`; their tables are there when this returns."""
    models = {(vector.model, vector.dimensions) for vector in vectors if vector is not None}
    ids: ModelIds = {}
    if models:
        async with database.connection() as connection:
            for name, dimensions in sorted(models):
                ids[name, dimensions] = await queries.register_model(
                    connection, name=name, dimensions=dimensions
                )
    return ids


async def write_index(connection: Connection, entries: Sequence[Entry], models: ModelIds) -> None:
    """Index memories that are not indexed yet; their sessions must be held by the caller."""
    await queries.insert_postings(
        connection,
        [(entry.place, piece) for entry in entries for piece in pieces(entry.text)],
    )
    vectors = [
        (entry.place, models[vector.model, vector.dimensions], vector.literal)
        for entry in entries
        if (vector := entry.vector) is not None
    ]
    if vectors:
        await queries.insert_vectors(connection, vectors)
    pending = [entry.place for entry in entries if entry.vector is None]
    if pending:
        await queries.insert_pending(connection, pending)


async def replace_in_index(
    connection: Connection, old_place: int, *, place: int, text: str
) -> None:
    """Follow a memory whose text is the same, but not who said it, when or where; its row must be
    locked by the caller.
    """
    await queries.lock_sessions(connection, [old_place, place])
    await queries.delete_postings(connection, place)
    await queries.insert_postings(connection, [(place, piece) for piece in pieces(text)])
    await queries.mix_vectors(connection, [old_place, place])


async def forget_places(connection: Connection, places: list[int]) -> None:
    """Take what was there out of the neighbours' vectors; the memories are gone already."""
    await queries.lock_sessions(connection, places)
    await queries.mix_vectors(connection, places)


async def rewrite_index(connection: Connection, entry: Entry, models: ModelIds) -> None:
    """Index a memory anew whose content has changed; its row must be locked by the caller."""
    await queries.lock_sessions(connection, [entry.place])
    await queries.delete_postings(connection, entry.place)
    await queries.delete_vectors(connection, entry.place)
    await write_index(connection, [entry], models)
    if entry.vector is None:
        await queries.mix_vectors(connection, [entry.place])
