"""Routes of schedules: a key may read them, writing and running them needs admin."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from contracts.triggers import CreateScheduleRequest, Schedule, SchedulePatch, ScheduleRun
from services.kit.auth import AdminCaller, require_key
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.pipeline.tasks.service import PIPELINE_QUEUE
from services.orchestrator.schedules import service
from services.orchestrator.schedules.runs import service as runs

router = APIRouter(prefix="/api/v1/schedules", tags=["schedules"])
_reads = [Depends(require_key)]


@router.get("", dependencies=_reads)
async def list_schedules(state: StateDep, page: Page, response: Response) -> list[Schedule]:
    async with state.database.connection() as connection:
        found, total = await service.list_schedules(
            connection, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return found


@router.post("", status_code=201)
async def create_schedule(
    state: StateDep, actor: AdminCaller, request: CreateScheduleRequest
) -> Schedule:
    async with state.database.transaction() as connection:
        return await service.create_schedule(connection, request, actor=actor)


@router.get("/{schedule_id}", dependencies=_reads)
async def get_schedule(state: StateDep, schedule_id: UUID) -> Schedule:
    async with state.database.connection() as connection:
        return await service.get_schedule(connection, schedule_id)


@router.patch("/{schedule_id}")
async def update_schedule(
    state: StateDep, actor: AdminCaller, schedule_id: UUID, patch: SchedulePatch
) -> Schedule:
    async with state.database.transaction() as connection:
        return await service.update_schedule(connection, schedule_id, patch=patch, actor=actor)


@router.delete("/{schedule_id}", status_code=204)
async def delete_schedule(state: StateDep, actor: AdminCaller, schedule_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.delete_schedule(connection, schedule_id, actor=actor)


@router.post("/{schedule_id}/run", status_code=202)
async def run_now(state: StateDep, actor: AdminCaller, schedule_id: UUID) -> ScheduleRun:
    async with state.database.transaction() as connection:
        run = await runs.run_now(connection, schedule_id, actor=actor)
    await state.waker.wake(PIPELINE_QUEUE)
    return run


@router.get("/{schedule_id}/runs", dependencies=_reads)
async def list_runs(
    state: StateDep, schedule_id: UUID, page: Page, response: Response
) -> list[ScheduleRun]:
    async with state.database.connection() as connection:
        found, total = await runs.list_runs(
            connection, schedule_id, limit=page.limit, offset=page.offset
        )
    set_total_count(response, total)
    return found
