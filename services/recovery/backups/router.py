"""The backups' routes."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse

from contracts.recovery import Backup, BackupDeleted
from services.kit.auth import AdminCaller, KeyCaller
from services.recovery.backups.service import create_backup, verify_backup
from services.recovery.deps import FailpointsDep, SettingsDep, StoreDep

router = APIRouter(prefix="/api/v1/recovery/backups", tags=["backups"])


@router.get("")
async def list_backups(
    _caller: KeyCaller,
    store: StoreDep,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Backup]:
    backups = await asyncio.to_thread(store.list)
    response.headers["X-Total-Count"] = str(len(backups))
    return backups[offset : offset + limit]


@router.post("")
async def create(
    _caller: AdminCaller, settings: SettingsDep, store: StoreDep, failpoints: FailpointsDep
) -> Backup:
    return await create_backup(settings, store, failpoints=failpoints)


@router.get("/{filename}", response_class=FileResponse)
async def download(filename: str, _caller: AdminCaller, store: StoreDep) -> FileResponse:
    backup = await asyncio.to_thread(store.get, filename)
    return FileResponse(
        store.path(filename),
        filename=filename,
        media_type="application/x-tar",
        headers={"ETag": f'"{backup.sha256}"', "Cache-Control": "no-store"},
    )


@router.post("/{filename}/verify")
async def verify(
    filename: str, _caller: AdminCaller, settings: SettingsDep, store: StoreDep
) -> Backup:
    return await verify_backup(settings, store, filename)


@router.delete("/{filename}")
async def delete(filename: str, _caller: AdminCaller, store: StoreDep) -> BackupDeleted:
    await asyncio.to_thread(store.delete, filename)
    return BackupDeleted(filename=filename, deleted=True)
