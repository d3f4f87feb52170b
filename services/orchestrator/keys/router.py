"""Routes of API keys."""

from uuid import UUID

from fastapi import APIRouter, Depends, Response

from contracts.administration import ApiKey, CreatedKey, CreateKeyRequest, KeyPatch, KeyValidation
from services.kit.auth import AdminCaller, KeyCaller, require_admin
from services.orchestrator.deps import Page, StateDep, set_total_count
from services.orchestrator.keys import service

router = APIRouter(prefix="/api/v1/keys", tags=["keys"])


@router.post("", status_code=201)
async def create_key(
    state: StateDep, actor: AdminCaller, request: CreateKeyRequest, response: Response
) -> CreatedKey:
    # The one answer with a secret in it: nothing on the way may keep it.
    response.headers["Cache-Control"] = "no-store"
    async with state.database.transaction() as connection:
        return await service.create_key(connection, request, actor=actor)


@router.get("", dependencies=[Depends(require_admin)])
async def list_keys(state: StateDep, page: Page, response: Response) -> list[ApiKey]:
    async with state.database.connection() as connection:
        keys, total = await service.list_keys(connection, limit=page.limit, offset=page.offset)
    set_total_count(response, total)
    return keys


@router.get("/validate")
async def validate_key(caller: KeyCaller) -> KeyValidation:
    return KeyValidation(id=caller.key_id, name=caller.name)


@router.patch("/{key_id}")
async def change_limits(
    state: StateDep, actor: AdminCaller, key_id: UUID, patch: KeyPatch
) -> ApiKey:
    async with state.database.transaction() as connection:
        return await service.change_limits(connection, key_id, patch=patch, actor=actor)


@router.delete("/{key_id}", status_code=204)
async def revoke_key(state: StateDep, actor: AdminCaller, key_id: UUID) -> None:
    async with state.database.transaction() as connection:
        await service.revoke_key(connection, key_id, actor=actor)
