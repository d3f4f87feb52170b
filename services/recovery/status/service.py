"""Puts together what the keepers, the health routes and PostgreSQL say about each service."""

import asyncio
from dataclasses import dataclass

from contracts.recovery import ServiceDetail, ServicesSummary
from services.kit.launch.processes import PROCESSES
from services.recovery.backends.process import MANAGER, KeeperBackend, KeptProcess
from services.recovery.errors import UnknownService
from services.recovery.settings import RecoverySettings
from services.recovery.status.database import DatabaseView, look_at_database
from services.recovery.status.probe import Health, State, probe_all, probe_port

SELF = "recovery"
# Started by something else than Nova's keeper: Compose, systemd, or the person's own server.
_EXTERNAL = "external"
_STORES = ("postgres", "redis")


@dataclass(frozen=True, slots=True)
class Overview:
    services: list[ServiceDetail]
    database: DatabaseView

    def summary(self, *, names_only: bool) -> ServicesSummary:
        """Counts and details; with `names_only` the details say up or not, and nothing else."""
        details = self.services
        if names_only:
            details = [ServiceDetail(service=one.service, status=one.status) for one in details]
        return ServicesSummary(
            up=sum(one.status == "up" for one in details),
            down=sum(one.status == "down" for one in details),
            total=len(details),
            details=details,
        )


async def look_around(settings: RecoverySettings) -> Overview:
    """Every service's state; asks all of them at once and waits for none longer than 3 s."""
    health, redis, database = await asyncio.gather(
        probe_all(settings.service_urls()),
        _look_at_redis(settings),
        look_at_database(settings.database_url.get_secret_value()),
    )
    if redis is not None:
        health["redis"] = redis
    health[SELF] = Health("up", "ready" if database.status.connected else "degraded")
    health["postgres"] = (
        Health("up", "accepts connections")
        if database.status.connected
        else Health("down", database.status.reason or "not reachable")
    )
    backend = KeeperBackend(settings.run_dir)
    details = [
        describe(name, kept=backend.find(name), health=_health(name, health, database))
        for name in PROCESSES
    ]
    return Overview(details, database)


def describe(name: str, *, kept: KeptProcess | None, health: Health | None) -> ServiceDetail:
    """One service. What it answers itself counts for more than what its keeper says of it."""
    state, text = _judge(kept, health)
    return ServiceDetail(
        service=name,
        status=state,
        health=text,
        manager=MANAGER if kept else _EXTERNAL,
        pid=kept.pid if kept else None,
        uptime_s=kept.uptime_s if kept else None,
        restarts=kept.restarts if kept else None,
    )


def require_known(name: str) -> None:
    if name not in PROCESSES:
        raise UnknownService(f"{name[:100]!r} is no service of Nova.")


def restart_order(backend: KeeperBackend) -> list[str]:
    """Which processes a restart of everything restarts: not the stores, and recovery last."""
    others = [name for name in PROCESSES if name not in (*_STORES, SELF)]
    return [name for name in (*others, SELF) if backend.find(name) is not None]


async def _look_at_redis(settings: RecoverySettings) -> Health | None:
    url = settings.redis_url
    return None if url is None else await probe_port(url.get_secret_value())


def _health(name: str, health: dict[str, Health], database: DatabaseView) -> Health | None:
    if name in health:
        return health[name]
    if database.workers is not None and name in database.workers:
        return Health("up", "seen lately")
    return None


def _judge(kept: KeptProcess | None, health: Health | None) -> tuple[State | str, str]:
    if kept is None:
        return (health.state, health.text) if health else ("unknown", "not managed here")
    if kept.state != "running":
        return ("starting" if kept.state == "starting" else "down"), kept.state
    if health is None:
        return "up", kept.state
    return health.state, health.text
