"""Builds memory-service's app."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from contracts.health import Liveness
from services.kit.app import create_app
from services.kit.auth import Authenticator
from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.db import Database
from services.kit.health import Health
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from services.kit.keys import key_lookup
from services.kit.migrate import check_schema
from services.kit.supervision import Supervisor
from services.memory_service.deps import State
from services.memory_service.facts.router import router as facts_router
from services.memory_service.ingest.embedding import Embedder
from services.memory_service.memories.accesses import Accesses
from services.memory_service.memories.router import router as memories_router
from services.memory_service.moves.router import router as moves_router
from services.memory_service.readers.profiles import Profiles
from services.memory_service.retrieval.router import router as retrieval_router
from services.memory_service.settings import SCHEMA_VERSION, Settings
from services.memory_service.upkeep.router import router as upkeep_router


def build_app(settings: Settings) -> FastAPI:
    """The app; its connections are made when first used."""
    database = _database(settings)
    searches = _database(settings, generic_plans=True)
    pool = HttpPool()
    gateway = Peer(
        pool,
        name="llm-gateway",
        url=settings.nova_llm_gateway_url,
        caller="memory-service",
        secret=settings.nova_service_secret.get_secret_value(),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        accesses = Accesses(database)
        await database.open()
        await searches.open()
        async with pool, Supervisor() as supervisor:
            supervisor.keep_running(accesses.keep_flushing, name="accesses")
            yield {
                "memory": State(
                    settings=settings,
                    database=database,
                    embedder=Embedder(
                        LlmGatewayClient(gateway),
                        seconds=settings.nova_memory_embed_seconds,
                        pause=settings.nova_memory_pause_seconds,
                    ),
                    accesses=accesses,
                    searches=searches,
                    profiles=Profiles(searches),
                )
            }
        await searches.close()
        await database.close()

    return create_app(
        settings,
        title="Nova memory-service",
        # Routes with a fixed last part come before the one that takes an id there.
        routers=[facts_router, retrieval_router, upkeep_router, moves_router, memories_router],
        authenticator=Authenticator(settings, lookup=key_lookup(database)),
        health=_health(database, gateway),
        lifespan=lifespan,
    )


def _database(settings: Settings, *, generic_plans: bool = False) -> Database:
    """For searches with generic plans: to plan one anew takes longer than to run it for a small
    agent.
    """
    return Database(
        settings.database_url.get_secret_value(),
        size=settings.nova_db_pool_size,
        name=settings.nova_process_name,
        generic_plans=generic_plans,
    )


def _health(database: Database, gateway: Peer) -> Health:
    async def schema_is_there() -> None:
        await check_schema(database, version=SCHEMA_VERSION)

    async def gateway_answers() -> None:
        await gateway.call("GET", "/health/live", answer=Liveness, read_seconds=2)

    return Health({"database": schema_is_there}, optional={"llm-gateway": gateway_answers})
