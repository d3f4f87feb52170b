"""SQL of the move to another embedding model. What is left to do is what still has another's vector."""

from dataclasses import dataclass
from datetime import datetime

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class MoveRow:
    """`remaining` memories still have another model's vector; the new one refused `refused`."""

    model: str
    total: int
    remaining: int
    refused: int
    started_at: datetime
    finished_at: datetime | None


_BEGIN = Statement(
    """
    INSERT INTO memory_moves (model, total)
    SELECT $1, count(*)
    FROM memory_base_vectors
    WHERE model_id NOT IN (SELECT id FROM memory_embedding_models WHERE name = $1)
    ON CONFLICT (only_row) DO UPDATE
    SET model = EXCLUDED.model, total = EXCLUDED.total, started_at = now(), finished_at = NULL
    """
)

_FIND = Query(
    MoveRow,
    """
    SELECT
        v.model, v.total, v.started_at, v.finished_at,
        CASE WHEN v.finished_at IS NULL THEN (
            SELECT count(*) FROM memory_base_vectors b
            WHERE b.model_id NOT IN (SELECT id FROM memory_embedding_models WHERE name = v.model)
        ) ELSE 0 END AS remaining,
        (SELECT count(*)
         FROM memory_pending_embeddings p
         JOIN memories m ON m.id = p.memory_id
         JOIN memory_base_vectors b ON b.place = m.place
         WHERE p.error IS NOT NULL) AS refused
    FROM memory_moves v
    """,
)

# By place, so that neighbours move together and their mixed vectors are made once.
_MARK = Statement(
    """
    INSERT INTO memory_pending_embeddings (memory_id)
    SELECT m.id
    FROM memory_base_vectors b
    JOIN memories m ON m.place = b.place
    WHERE b.model_id NOT IN (SELECT id FROM memory_embedding_models WHERE name = $1)
      AND NOT EXISTS (SELECT FROM memory_pending_embeddings p WHERE p.memory_id = m.id)
    ORDER BY b.place
    LIMIT greatest(0, $2 - (SELECT count(*) FROM memory_pending_embeddings WHERE error IS NULL))
    ON CONFLICT (memory_id) DO NOTHING
    """
)

_FINISH = Scalar(
    str,
    """
    UPDATE memory_moves v
    SET finished_at = now()
    WHERE finished_at IS NULL
      AND NOT EXISTS (
        SELECT FROM memory_base_vectors b
        JOIN memories m ON m.place = b.place
        LEFT JOIN memory_pending_embeddings p ON p.memory_id = m.id
        WHERE b.model_id NOT IN (SELECT id FROM memory_embedding_models WHERE name = v.model)
          AND p.error IS NULL)
    RETURNING model
    """,
)


async def begin(connection: Connection, model: str) -> None:
    """Note that everything is to move to this model."""
    await _BEGIN.run(connection, model)


async def find_move(connection: Connection) -> MoveRow | None:
    """The last move, under way or finished."""
    return await _FIND.first(connection)


async def mark(connection: Connection, model: str, *, at_once: int) -> int:
    """Have the next memories embedded, as long as fewer than `at_once` wait; how many."""
    return await _MARK.run(connection, model, at_once)


async def finish(connection: Connection) -> bool:
    """Note the end, if nothing is left but what the model refuses; whether it is."""
    return await _FINISH.get(connection) is not None
