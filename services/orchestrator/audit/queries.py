"""SQL of the audit log: it is only ever appended to. The gateway keeps its own part of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.kit.db import Connection, Query, Scalar, Statement

_INSERT_ENTRY = Statement(
    """
    INSERT INTO audit_log (id, actor, action, subject_kind, subject_id, detail, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """
)


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: UUID
    at: datetime
    actor: str
    action: str
    subject_kind: str | None
    subject_id: str | None
    detail: Any
    request_id: str | None


_LIST_ENTRIES = Query(
    AuditRow,
    """
    SELECT id, at, actor, action, subject_kind, subject_id, detail, request_id
    FROM (
        SELECT id, at, actor, action, subject_kind, subject_id, detail, request_id FROM audit_log
        UNION ALL
        SELECT id, at, actor, action, subject_kind, subject_id, detail, request_id
        FROM gateway_audit_log
    ) AS entries
    WHERE ($1::text IS NULL OR action = $1)
      AND ($2::text IS NULL OR subject_kind = $2)
      AND ($3::text IS NULL OR subject_id = $3)
      AND ($4::text IS NULL OR actor = $4)
    ORDER BY at DESC, id DESC
    LIMIT $5 OFFSET $6
    """,
)
_COUNT_ENTRIES = Scalar(
    int,
    """
    SELECT count(*)
    FROM (
        SELECT action, subject_kind, subject_id, actor FROM audit_log
        UNION ALL
        SELECT action, subject_kind, subject_id, actor FROM gateway_audit_log
    ) AS entries
    WHERE ($1::text IS NULL OR action = $1)
      AND ($2::text IS NULL OR subject_kind = $2)
      AND ($3::text IS NULL OR subject_id = $3)
      AND ($4::text IS NULL OR actor = $4)
    """,
)


async def insert_entry(
    connection: Connection,
    *,
    entry_id: UUID,
    actor: str,
    action: str,
    subject_kind: str | None,
    subject_id: str | None,
    detail: dict[str, Any],
    request_id: str | None,
) -> None:
    await _INSERT_ENTRY.run(
        connection, entry_id, actor, action, subject_kind, subject_id, detail, request_id
    )


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Each field that is None lets everything through."""

    action: str | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    actor: str | None = None


async def list_entries(
    connection: Connection, only: AuditFilter, *, limit: int, offset: int
) -> list[AuditRow]:
    return await _LIST_ENTRIES.all(
        connection, only.action, only.subject_kind, only.subject_id, only.actor, limit, offset
    )


async def count_entries(connection: Connection, only: AuditFilter) -> int:
    return await _COUNT_ENTRIES.one(
        connection, only.action, only.subject_kind, only.subject_id, only.actor
    )
