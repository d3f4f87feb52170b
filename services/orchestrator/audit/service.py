"""Writes and reads the audit log."""

from typing import Any
from uuid import UUID

from contracts.administration import AuditEntry
from services.kit.auth import Principal, actor_name
from services.kit.db import Connection
from services.kit.ids import new_id
from services.kit.log import request_id_var
from services.orchestrator.audit import queries
from services.orchestrator.audit.queries import AuditFilter

SYSTEM = Principal(kind="service", name="orchestrator")
"""The actor of what Nova does by itself."""


async def record(
    connection: Connection,
    *,
    actor: Principal,
    action: str,
    subject_kind: str | None = None,
    subject_id: UUID | str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry, in the caller's transaction, so that it stands or falls with the change.

    `detail` is JSON; it never holds a secret.
    """
    await queries.insert_entry(
        connection,
        entry_id=new_id(),
        actor=actor_name(actor),
        action=action,
        subject_kind=subject_kind,
        subject_id=None if subject_id is None else str(subject_id),
        detail=detail or {},
        request_id=request_id_var.get() or None,
    )


async def list_entries(
    connection: Connection, only: AuditFilter, *, limit: int, offset: int
) -> tuple[list[AuditEntry], int]:
    """One page, newest first, and how many entries there are in all."""
    rows = await queries.list_entries(connection, only, limit=limit, offset=offset)
    total = await queries.count_entries(connection, only)
    return [AuditEntry.model_validate(row, from_attributes=True) for row in rows], total
