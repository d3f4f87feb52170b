"""What recovery's routes take: typed aliases for the lifespan's state."""

from typing import Annotated, cast

from fastapi import Depends, Request

from services.kit.auth import Principal, optional_principal
from services.kit.failpoints import Failpoints
from services.recovery.backends.process import KeeperBackend
from services.recovery.backups.store import BackupStore
from services.recovery.settings import RecoverySettings


def _settings(request: Request) -> RecoverySettings:
    return cast("RecoverySettings", request.state.settings)


def _backend(request: Request) -> KeeperBackend:
    return cast("KeeperBackend", request.state.backend)


def _store(request: Request) -> BackupStore:
    return cast("BackupStore", request.state.store)


def _failpoints(request: Request) -> Failpoints:
    return cast("Failpoints", request.state.failpoints)


SettingsDep = Annotated[RecoverySettings, Depends(_settings)]
BackendDep = Annotated[KeeperBackend, Depends(_backend)]
StoreDep = Annotated[BackupStore, Depends(_store)]
FailpointsDep = Annotated[Failpoints, Depends(_failpoints)]


async def _status_caller(request: Request, settings: SettingsDep) -> Principal | None:
    """The caller of /status: nobody gets the names alone, unless keys are not asked for."""
    found = await optional_principal(request)
    if found is None and not settings.require_auth:
        return Principal(kind="anonymous", name="anonymous")
    return found


StatusCaller = Annotated[Principal | None, Depends(_status_caller)]
