"""Routes of the tool list."""

from fastapi import APIRouter

from contracts.administration import ToolGroup
from services.kit.auth import AdminCaller
from services.orchestrator.deps import StateDep
from services.orchestrator.toolbox import queries
from services.orchestrator.tools.sandbox.report import UNTESTED, SandboxReport

router = APIRouter(prefix="/api/v1/tools", tags=["tools"])


@router.get("")
async def list_tools(state: StateDep, _caller: AdminCaller) -> list[ToolGroup]:
    """The tools, each with what a worker's own test of its sandbox has shown."""
    async with state.database.connection() as connection:
        workers = await queries.list_workers(connection)
    reports = [SandboxReport(**worker.sandbox) for worker in workers if worker.alive]
    # One worker whose sandbox fails is what the list has to show.
    report = min(reports, key=lambda report: report.works, default=UNTESTED)
    return [ToolGroup.model_validate(group) for group in state.tools.listing(report)]
