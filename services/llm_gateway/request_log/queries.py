"""SQL of the request log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """A request and what it was answered; a body that could not be kept is None, and `note` says why."""

    id: UUID
    created_at: datetime
    request_id: str
    path: str
    model: str | None
    status: int | None
    duration_ms: int
    caller: str
    key_id: UUID | None
    task_id: UUID | None
    request_bytes: int
    answer_bytes: int
    redacted: int
    note: str
    request: Any
    answer: Any


_ADD = Statement(
    """
    INSERT INTO logged_requests (id, created_at, request_id, path, model, status, duration_ms, caller,
        key_id, task_id, request_bytes, answer_bytes, redacted, note, request, answer)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    """
)
_LIST = Query(
    LoggedRow,
    """
    SELECT id, created_at, request_id, path, model, status, duration_ms, caller, key_id, task_id,
        request_bytes, answer_bytes, redacted, note, NULL::json AS request, NULL::json AS answer
    FROM logged_requests
    WHERE ($1::uuid IS NULL OR key_id = $1) AND ($2::uuid IS NULL OR task_id = $2)
        AND ($3::integer IS NULL OR status = $3) AND ($4::text IS NULL OR model = $4)
        AND ($5::text IS NULL OR request_id = $5)
    ORDER BY created_at DESC, id DESC
    LIMIT $6 OFFSET $7
    """,
)
_COUNT = Scalar(
    int,
    """
    SELECT count(*) FROM logged_requests
    WHERE ($1::uuid IS NULL OR key_id = $1) AND ($2::uuid IS NULL OR task_id = $2)
        AND ($3::integer IS NULL OR status = $3) AND ($4::text IS NULL OR model = $4)
        AND ($5::text IS NULL OR request_id = $5)
    """,
)
_GET = Query(
    LoggedRow,
    """
    SELECT id, created_at, request_id, path, model, status, duration_ms, caller, key_id, task_id,
        request_bytes, answer_bytes, redacted, note, request, answer
    FROM logged_requests WHERE id = $1
    """,
)
_DELETE = Statement("DELETE FROM logged_requests WHERE id = $1")
_DELETE_BEFORE = Statement(
    "DELETE FROM logged_requests WHERE $1::timestamptz IS NULL OR created_at < $1"
)
_EXPIRE = Statement(
    """
    DELETE FROM logged_requests
    WHERE created_at < clock_timestamp() - make_interval(days => $1)
        OR id IN (SELECT id FROM logged_requests ORDER BY created_at DESC, id DESC OFFSET $2)
    """
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is listed; None filters nothing."""

    key_id: UUID | None = None
    task_id: UUID | None = None
    status: int | None = None
    model: str | None = None
    request_id: str | None = None

    def columns(self) -> tuple[object, ...]:
        return (self.key_id, self.task_id, self.status, self.model, self.request_id)


async def add(connection: Connection, rows: list[LoggedRow]) -> None:
    await _ADD.run_many(
        connection,
        [
            (
                *(row.id, row.created_at, row.request_id, row.path, row.model, row.status),
                *(row.duration_ms, row.caller, row.key_id, row.task_id, row.request_bytes),
                *(row.answer_bytes, row.redacted, row.note, row.request, row.answer),
            )
            for row in rows
        ],
    )


async def listed(
    connection: Connection, wanted: Filter, *, limit: int, offset: int
) -> list[LoggedRow]:
    """Newest first, without the bodies."""
    return await _LIST.all(connection, *wanted.columns(), limit, offset)


async def count(connection: Connection, wanted: Filter) -> int:
    return await _COUNT.one(connection, *wanted.columns())


async def get(connection: Connection, row_id: UUID) -> LoggedRow | None:
    return await _GET.first(connection, row_id)


async def delete(connection: Connection, row_id: UUID) -> int:
    return await _DELETE.run(connection, row_id)


async def delete_before(connection: Connection, moment: datetime | None) -> int:
    """Delete what is older, or all."""
    return await _DELETE_BEFORE.run(connection, moment)


async def expire(connection: Connection, *, days: int, rows: int) -> int:
    return await _EXPIRE.run(connection, days, rows)
