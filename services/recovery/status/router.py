"""The state of the services, and restarting them."""

from fastapi import APIRouter, BackgroundTasks

from contracts.recovery import RecoveryStatus, RestartAnswer, ServiceDetail
from services.kit.auth import AdminCaller, KeyCaller
from services.kit.errors import WrongState
from services.recovery.backups.service import summarise
from services.recovery.deps import BackendDep, SettingsDep, StatusCaller, StoreDep
from services.recovery.status.service import SELF, look_around, require_known, restart_order

router = APIRouter(prefix="/api/v1/recovery", tags=["status"])


# Unset is what the caller may not see; null is what there is none of.
@router.get("/status", response_model_exclude_unset=True)
async def status(caller: StatusCaller, settings: SettingsDep, store: StoreDep) -> RecoveryStatus:
    overview = await look_around(settings)
    if caller is None:
        return RecoveryStatus(services=overview.summary(names_only=True))
    return RecoveryStatus(
        services=overview.summary(names_only=False),
        database=overview.database.status,
        backups=await summarise(store),
    )


@router.get("/services")
async def services(_caller: KeyCaller, settings: SettingsDep) -> list[ServiceDetail]:
    return (await look_around(settings)).services


@router.post("/services/restart-all")
async def restart_all(
    _caller: AdminCaller, backend: BackendDep, background: BackgroundTasks
) -> RestartAnswer:
    names = restart_order(backend)
    if not names:
        raise WrongState(
            "Nova's keeper runs nothing on this machine, so recovery can restart nothing.",
            code="not_managed",
        )
    for name in names:
        _restart(name, backend, background)
    return RestartAnswer(ok=True, service="all")


@router.post("/services/{name}/restart")
async def restart(
    name: str, _caller: AdminCaller, backend: BackendDep, background: BackgroundTasks
) -> RestartAnswer:
    require_known(name)
    _restart(name, backend, background)
    return RestartAnswer(ok=True, service=name)


def _restart(name: str, backend: "BackendDep", background: BackgroundTasks) -> None:
    if name == SELF:  # after the answer is out, since this process ends with it
        background.add_task(backend.restart, name)
    else:
        backend.restart(name)
