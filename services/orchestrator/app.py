"""The orchestrator's app: what it opens at start, and its routes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from services.kit.app import create_app
from services.kit.auth import Authenticator
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.errors import DatabaseDown, DependencyDown
from services.kit.failpoints import Failpoints
from services.kit.health import Health
from services.kit.http_pool import HttpPool
from services.kit.jobs import Waker
from services.kit.log import get_logger
from services.kit.migrate import apply_migrations, check_schema, latest_version
from services.kit.redis import open_redis
from services.kit.supervision import Supervisor
from services.orchestrator.agents.router import router as agents
from services.orchestrator.agents.service import ensure_primary_agent, recover_agent_status
from services.orchestrator.audit.router import router as audit
from services.orchestrator.chat.router import router as chat
from services.orchestrator.config.router import router as config
from services.orchestrator.deps import State
from services.orchestrator.endpoints.router import router as endpoints
from services.orchestrator.engine.stream.hub import EventHub
from services.orchestrator.engine.stream.publisher import Publisher
from services.orchestrator.identity.router import router as identity
from services.orchestrator.keys.router import router as keys
from services.orchestrator.keys.service import recording_lookup
from services.orchestrator.peers import llm_gateway, memory_service
from services.orchestrator.pipeline.router import router as pipeline
from services.orchestrator.pods.router import router as pods
from services.orchestrator.pods.shipped import ensure_system_pods
from services.orchestrator.rules.router import router as rules
from services.orchestrator.rules.shipped import ensure_system_rules
from services.orchestrator.schedules.firing import Firing
from services.orchestrator.schedules.router import router as schedules
from services.orchestrator.session.router import router as session
from services.orchestrator.settings import REDIS_DATABASE, OrchestratorSettings
from services.orchestrator.skills.router import router as skills
from services.orchestrator.tasks.router import router as tasks
from services.orchestrator.toolbox.router import router as toolbox
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.usage.router import router as usage
from services.orchestrator.webhooks.router import hooks
from services.orchestrator.webhooks.router import router as webhooks
from services.orchestrator.webhooks.sealed_secrets import SealedSecrets

_log = get_logger(__name__)
_RETRY_SECONDS = 0.3
ROUTERS: list[APIRouter] = [
    session, keys, identity, config, agents, tasks, chat, pipeline, pods, toolbox, usage, audit,
    schedules, webhooks, hooks, endpoints, skills, rules,
]  # fmt: skip


def build_app(settings: OrchestratorSettings) -> FastAPI:
    database = Database(
        settings.database_url.get_secret_value(),
        size=settings.nova_db_pool_size,
        name=settings.nova_process_name,
    )

    prepared = asyncio.Event()

    async def schema() -> None:
        await check_schema(database, version=latest_version())

    async def shipped() -> None:
        # A task that comes between the schema and the shipped pods would find none to run in.
        if not prepared.is_set():
            raise DependencyDown("The shipped pods, rules and the primary agent are being stored.")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        async with open_state(settings, database, prepared) as state:
            yield {"nova": state}

    return create_app(
        settings,
        title="Nova orchestrator",
        routers=ROUTERS,
        authenticator=Authenticator(settings, lookup=recording_lookup(database)),
        health=Health({"schema": schema, "shipped": shipped}),
        lifespan=lifespan,
    )


@asynccontextmanager
async def open_state(
    settings: OrchestratorSettings, database: Database, prepared: asyncio.Event
) -> AsyncGenerator[State, None]:
    """All that the routes use, with what runs beside them, closed in the end.

    `prepared` is set once the database has all that Nova ships with.
    """
    redis_url = settings.redis_url.get_secret_value()
    await database.open()
    redis = open_redis(redis_url, database=REDIS_DATABASE)
    reading = open_redis(redis_url, database=REDIS_DATABASE, blocking=True)
    pool = HttpPool()
    waker = Waker(redis_url, database=REDIS_DATABASE)
    publisher = Publisher(redis)
    hub = EventHub(reading)
    configuration = ConfigCache(database)
    firing = Firing(database, waker, Failpoints(settings.nova_failpoint))
    async with Supervisor() as supervisor:
        supervisor.start(prepare(settings, database, prepared), name="migrations")
        supervisor.keep_running(hub.run, name="event hub")
        supervisor.keep_running(publisher.run, name="event publisher")
        supervisor.keep_running(configuration.follow, name="configuration")
        supervisor.keep_running(firing.run, name="schedules")
        yield State(
            settings=settings,
            database=database,
            redis=redis,
            waker=waker,
            config=configuration,
            memory=memory_service(settings, pool),
            gateway=llm_gateway(settings, pool),
            hub=hub,
            publisher=publisher,
            tools=ToolRegistry.load(),
            replays=asyncio.Semaphore(1),
            hook_secrets=SealedSecrets(settings.nova_secret_key.get_secret_value()),
            pool=pool,
        )
    await pool.aclose()
    await waker.close()
    await redis.aclose()
    await reading.aclose()
    await database.close()


async def prepare(
    settings: OrchestratorSettings, database: Database, prepared: asyncio.Event
) -> None:
    """Migrate, then see to it that the shipped pods and the primary agent exist.

    Waits for a database that is not there yet; a failed migration is logged and ends the waiting.
    """
    while True:
        try:
            await apply_migrations(settings.database_url.get_secret_value())
            async with database.transaction() as connection:
                await ensure_system_pods(connection)
                await ensure_system_rules(connection)
                await ensure_primary_agent(connection)
                await recover_agent_status(connection)
        except DatabaseDown as error:
            _log.info("waiting for the database", reason=error.detail)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            prepared.set()
            return
