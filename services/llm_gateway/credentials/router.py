"""Routes of providers' settings and keys; all of them need admin."""

from typing import Annotated

from fastapi import APIRouter, Path

from contracts.providers import (
    CredentialChange,
    CredentialTest,
    NewCredential,
    ProviderChange,
    ProviderCredential,
    ProviderInfo,
)
from services.kit.auth import AdminCaller
from services.llm_gateway.credentials import service
from services.llm_gateway.deps import StateDep

router = APIRouter(prefix="/v1/providers", tags=["providers"])

Slug = Annotated[str, Path(max_length=100)]
CredentialId = Annotated[str, Path(max_length=100)]


@router.get("")
async def list_providers(state: StateDep, _actor: AdminCaller) -> list[ProviderInfo]:
    """Every provider with its state, address and keys; never a key itself."""
    return await service.list_providers(state.runtime, state.providers)


@router.get("/{slug}")
async def get_provider(state: StateDep, _actor: AdminCaller, slug: Slug) -> ProviderInfo:
    return await service.get_provider(state.runtime, state.providers, slug)


@router.put("/{slug}")
async def change_provider(
    state: StateDep, actor: AdminCaller, slug: Slug, change: ProviderChange
) -> ProviderInfo:
    """Set what is given. A slug that nobody has yet, with a base_url, adds a server of your own."""
    return await service.change_provider(
        state.runtime, state.providers, slug, change=change, actor=actor
    )


@router.delete("/{slug}", status_code=204)
async def forget_provider(state: StateDep, actor: AdminCaller, slug: Slug) -> None:
    """Remove a custom server with its keys, or what was set for a built-in provider."""
    await service.forget_provider(state.runtime, state.providers, slug, actor=actor)


@router.post("/{slug}/credentials", status_code=201)
async def add_credential(
    state: StateDep, actor: AdminCaller, slug: Slug, request: NewCredential
) -> ProviderCredential:
    return await service.add_credential(
        state.runtime, state.providers, slug, request=request, actor=actor
    )


@router.patch("/{slug}/credentials/{credential_id}")
async def change_credential(
    state: StateDep,
    actor: AdminCaller,
    slug: Slug,
    credential_id: CredentialId,
    change: CredentialChange,
) -> ProviderCredential:
    return await service.change_credential(
        state.runtime, slug, credential_id, change=change, actor=actor
    )


@router.delete("/{slug}/credentials/{credential_id}", status_code=204)
async def remove_credential(
    state: StateDep, actor: AdminCaller, slug: Slug, credential_id: CredentialId
) -> None:
    await service.remove_credential(state.runtime, slug, credential_id, actor=actor)


@router.post("/{slug}/credentials/{credential_id}/test")
async def check_credential(
    state: StateDep, _actor: AdminCaller, slug: Slug, credential_id: CredentialId
) -> CredentialTest:
    """Ask the provider with this key; one that works is taken back into use."""
    return await service.check_credential(state.runtime, state.providers, slug, credential_id)
