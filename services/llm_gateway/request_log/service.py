"""Reads and deletes logged requests."""

from datetime import datetime
from uuid import UUID

from contracts.request_log import LoggedRequest, LoggedRequestDetail
from services.kit.db import Connection
from services.kit.errors import NotFound
from services.llm_gateway.request_log import queries
from services.llm_gateway.request_log.queries import Filter, LoggedRow


async def list_requests(
    connection: Connection, wanted: Filter, *, limit: int, offset: int
) -> tuple[list[LoggedRequest], int]:
    """One page, newest first, and how many there are."""
    rows = await queries.listed(connection, wanted, limit=limit, offset=offset)
    return [_listed(row) for row in rows], await queries.count(connection, wanted)


async def get_request(connection: Connection, request_id: UUID) -> LoggedRequestDetail:
    row = await queries.get(connection, request_id)
    if row is None:
        raise NotFound("There is no logged request with this id.")
    return LoggedRequestDetail(**_listed(row).model_dump(), request=row.request, answer=row.answer)


async def delete_request(connection: Connection, request_id: UUID) -> None:
    if not await queries.delete(connection, request_id):
        raise NotFound("There is no logged request with this id.")


async def delete_requests(connection: Connection, before: datetime | None) -> int:
    return await queries.delete_before(connection, before)


def _listed(row: LoggedRow) -> LoggedRequest:
    return LoggedRequest(
        id=row.id,
        created_at=row.created_at,
        request_id=row.request_id,
        path=row.path,
        model=row.model,
        status=row.status,
        duration_ms=row.duration_ms,
        caller=row.caller,
        key_id=row.key_id,
        task_id=row.task_id,
        request_bytes=row.request_bytes,
        answer_bytes=row.answer_bytes,
        redacted=row.redacted,
        note=row.note,
    )
