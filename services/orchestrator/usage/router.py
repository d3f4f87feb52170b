"""Routes of usage."""

from fastapi import APIRouter, Depends, Response

from contracts.administration import UsageEvent, UsageSummary
from services.kit.auth import require_admin
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.usage import service
from services.orchestrator.usage.service import Period

router = APIRouter(prefix="/api/v1/usage", tags=["usage"], dependencies=[Depends(require_admin)])


@router.get("")
async def list_usage(state: StateDep, page: Page, response: Response) -> list[UsageEvent]:
    async with state.database.connection() as connection:
        events, total = await service.list_usage(connection, limit=page.limit, offset=page.offset)
    set_total_count(response, total)
    return events


@router.get("/summary")
async def summarise(state: StateDep, period: Period = "day") -> UsageSummary:
    async with state.database.connection() as connection:
        return await service.summarise(connection, period)
