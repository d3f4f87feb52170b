"""SQL of the embedding cache, and of the model that unnamed requests get."""

from dataclasses import dataclass

from services.kit.db import Connection, Query, Statement


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """The model that requests without a model get, and the length of its vectors."""

    model: str
    dimensions: int


_CHOICE = Query(ChoiceRow, "SELECT model, dimensions FROM embedding_choice")

# Of two gateways that choose at once the second changes nothing, and reads the first one's choice.
_CHOOSE = Statement(
    """
    INSERT INTO embedding_choice AS c (model, dimensions)
    VALUES ($1, $2)
    ON CONFLICT (only_row) DO UPDATE
    SET model = EXCLUDED.model, dimensions = EXCLUDED.dimensions, chosen_at = now()
    WHERE c.model = $3
    """
)


async def choice(connection: Connection) -> ChoiceRow | None:
    return await _CHOICE.first(connection)


async def choose(connection: Connection, chosen: ChoiceRow, *, instead_of: str | None) -> None:
    """Set the choice, if it still is what the caller knew it as."""
    await _CHOOSE.run(connection, chosen.model, chosen.dimensions, instead_of)


@dataclass(frozen=True, slots=True)
class CachedRow:
    """A vector by its key: float32 numbers."""

    key: bytes
    vector: bytes


# The time of use is written once a day at most, by whoever gets at the row first.
_FIND = Query(
    CachedRow,
    """
    WITH old AS (
        SELECT key FROM embedding_cache
        WHERE key = ANY($1::bytea[]) AND used_at < now() - interval '1 day'
        FOR UPDATE SKIP LOCKED
    ), touched AS (
        UPDATE embedding_cache c SET used_at = now() FROM old WHERE c.key = old.key
    )
    SELECT key, vector FROM embedding_cache WHERE key = ANY($1::bytea[])
    """,
)

_KEEP = Statement(
    """
    INSERT INTO embedding_cache (key, model, vector)
    SELECT key, model, vector
    FROM unnest($1::bytea[], $2::text[], $3::bytea[]) AS v (key, model, vector)
    ORDER BY key
    ON CONFLICT (key) DO NOTHING
    """
)

_PRUNE = Statement(
    """
    DELETE FROM embedding_cache
    WHERE key IN (
        SELECT key
        FROM (
            SELECT key, used_at,
                sum(octet_length(vector) + 128) OVER (ORDER BY used_at DESC, key) AS bytes
            FROM embedding_cache
        ) AS c
        WHERE c.bytes > $1 OR c.used_at < now() - $2 * interval '1 day'
    )
    """
)


async def find(connection: Connection, keys: list[bytes]) -> list[CachedRow]:
    """What is kept of these, in any order."""
    return await _FIND.all(connection, keys)


async def keep(connection: Connection, rows: list[tuple[bytes, str, bytes]]) -> None:
    """Keep (key, model, vector); what is there already stays."""
    await _KEEP.run(
        connection,
        [key for key, _, _ in rows],
        [model for _, model, _ in rows],
        [vector for _, _, vector in rows],
    )


async def prune(connection: Connection, *, most_bytes: int, days: float) -> int:
    """Forget what was not used for `days`, and the longest unused beyond `most_bytes`."""
    return await _PRUNE.run(connection, most_bytes, days)
