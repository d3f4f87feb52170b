"""chat-api's app: the WebSocket and the page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from services.chat_api.deps import State
from services.chat_api.page.router import router as page
from services.chat_api.sessions.router import router as sessions
from services.kit.app import create_app
from services.kit.auth import Authenticator
from services.kit.clients.orchestrator import OrchestratorClient
from services.kit.health import Health
from services.kit.http import Peer
from services.kit.http_pool import HttpPool
from services.kit.settings import ServiceSettings

_MOST_READERS = 2000


def build_app(settings: ServiceSettings) -> FastAPI:
    authenticator = Authenticator(settings)
    pool = HttpPool(connections=_MOST_READERS)
    orchestrator = OrchestratorClient(
        Peer(
            pool,
            name="orchestrator",
            url=settings.nova_orchestrator_url,
            caller=settings.nova_process_name,
            secret=None,  # the client's own credential says what it may do
        )
    )

    async def reachable() -> None:
        await orchestrator.readiness()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        yield {
            "nova": State(settings=settings, authenticator=authenticator, orchestrator=orchestrator)
        }
        await pool.aclose()

    return create_app(
        settings,
        title="Nova chat-api",
        routers=[sessions, page],
        authenticator=authenticator,
        health=Health({"orchestrator": reachable}),
        lifespan=lifespan,
    )
