"""Routes of the platform's configuration."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from contracts.administration import ConfigEntry, ConfigPatch
from services.kit.auth import AdminCaller, require_admin
from services.orchestrator.config import service
from services.orchestrator.deps import MAX_OFFSET, StateDep, set_total_count

router = APIRouter(prefix="/api/v1/config", tags=["configuration"])

_MAX_ENTRIES = 200


@router.get("", dependencies=[Depends(require_admin)])
async def list_config(
    state: StateDep,
    response: Response,
    # Whoever reads the configuration wants all of it: the default is the most there may be.
    limit: Annotated[int, Query(ge=1, le=_MAX_ENTRIES)] = _MAX_ENTRIES,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
) -> list[ConfigEntry]:
    async with state.database.connection() as connection:
        entries, total = await service.list_config(connection, limit=limit, offset=offset)
    set_total_count(response, total)
    return entries


@router.patch("/{key}")
async def change_config(
    state: StateDep, actor: AdminCaller, key: str, patch: ConfigPatch
) -> ConfigEntry:
    async with state.database.transaction() as connection:
        entry = await service.change_config(connection, key, patch=patch, actor=actor)
    # The caller's next request to this process must see it; the others hear of it by NOTIFY.
    await state.config.refresh()
    return entry
