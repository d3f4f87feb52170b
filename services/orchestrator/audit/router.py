"""Routes of the audit log."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.administration import AuditEntry
from services.kit.auth import require_admin
from services.orchestrator.audit import service
from services.orchestrator.audit.queries import AuditFilter
from services.orchestrator.deps import Page, StateDep, set_total_count

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], dependencies=[Depends(require_admin)])

_Filter = Annotated[str | None, Query(max_length=500)]


@router.get("")
async def list_entries(
    state: StateDep,
    page: Page,
    response: Response,
    *,
    action: _Filter = None,
    subject_kind: _Filter = None,
    subject_id: _Filter = None,
    actor: _Filter = None,
) -> list[AuditEntry]:
    only = AuditFilter(action=action, subject_kind=subject_kind, subject_id=subject_id, actor=actor)
    async with state.database.connection() as connection:
        entries, total = await service.list_entries(
            connection, only, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return entries
