"""SQL of stored responses."""

from dataclasses import dataclass
from typing import Any

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A response, and the input items that it was made from."""

    id: str
    previous_id: str | None
    input: Any
    response: Any


_SAVE = Statement(
    """
    INSERT INTO stored_responses (id, tenant, previous_id, input, response)
    VALUES ($1, $2, $3, $4, $5)
    """
)
_GET = Query(
    StoredRow,
    "SELECT id, previous_id, input, response FROM stored_responses WHERE id = $1 AND tenant = $2",
)
_DELETE = Statement("DELETE FROM stored_responses WHERE id = $1 AND tenant = $2")
# Rows that another call touches at the same time are left to it, so that none waits for another.
_CHAIN = Query(
    StoredRow,
    """
    WITH RECURSIVE chain AS (
        SELECT id, previous_id, 0 AS age FROM stored_responses WHERE id = $1 AND tenant = $2
        UNION ALL
        SELECT earlier.id, earlier.previous_id, chain.age + 1
        FROM chain JOIN stored_responses AS earlier
            ON earlier.id = chain.previous_id AND earlier.tenant = $2
    ), used AS (
        UPDATE stored_responses SET used_at = now() WHERE id IN (
            SELECT id FROM stored_responses
            WHERE id IN (SELECT id FROM chain) AND used_at < now() - interval '1 minute'
            FOR UPDATE SKIP LOCKED)
    )
    SELECT stored.id, stored.previous_id, stored.input, stored.response
    FROM chain JOIN stored_responses AS stored USING (id) ORDER BY chain.age DESC
    """,
)
_PRUNE = Scalar(
    str,
    """
    DELETE FROM stored_responses WHERE id IN (
        SELECT id FROM stored_responses WHERE used_at < now() - make_interval(secs => $1::float8)
        ORDER BY used_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING id
    """,
)


async def save(connection: Connection, row: StoredRow, *, tenant: str) -> None:
    await _SAVE.run(connection, row.id, tenant, row.previous_id, row.input, row.response)


async def get(connection: Connection, response_id: str, *, tenant: str) -> StoredRow | None:
    return await _GET.first(connection, response_id, tenant)


async def delete(connection: Connection, response_id: str, *, tenant: str) -> bool:
    """False if there is no such response."""
    return await _DELETE.run(connection, response_id, tenant) == 1


async def chain(connection: Connection, response_id: str, *, tenant: str) -> list[StoredRow]:
    """The response and those before it, the oldest first; that they are used is noted."""
    return await _CHAIN.all(connection, response_id, tenant)


async def prune(connection: Connection, *, unused_seconds: float, most: int) -> int:
    """Delete responses of conversations that nobody went on with for so long; how many."""
    return len(await _PRUNE.all(connection, unused_seconds, most))
