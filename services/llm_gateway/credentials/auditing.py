"""Writes the gateway's part of the audit log."""

from typing import Any

from services.kit.auth import Principal, actor_name
from services.kit.db import Connection
from services.kit.ids import new_id
from services.kit.log import request_id_var
from services.llm_gateway.credentials.queries import insert_audit


async def record(
    connection: Connection,
    *,
    actor: Principal,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry, in the caller's transaction. `detail` never holds a secret."""
    await insert_audit(
        connection,
        entry_id=new_id(),
        actor=actor_name(actor),
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        detail=detail or {},
        request_id=request_id_var.get() or None,
    )
