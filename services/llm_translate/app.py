"""Builds llm-translate's app: loopback only, for llm-gateway alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from services.kit.app import create_app
from services.kit.auth import Authenticator
from services.kit.health import Health
from services.kit.supervision import Supervisor
from services.llm_translate.front import Front
from services.llm_translate.library import Library
from services.llm_translate.long_tail import LongTail
from services.llm_translate.service import Service
from services.llm_translate.settings import Settings
from services.llm_translate.upstream import Upstream


def build_app(settings: Settings) -> Front:
    """The app, behind the handler that answers the calls."""
    library = Library()
    silence = settings.nova_provider_timeout_seconds

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        async with Upstream(silence_seconds=silence) as upstream, Supervisor() as supervisor:
            supervisor.start(library.load(), name="import of the translation library")
            long_tail = LongTail(library, silence_seconds=silence)
            front.service = Service(library, upstream, long_tail)
            yield {}

    app = create_app(
        settings,
        title="Nova llm-translate",
        routers=[],
        authenticator=Authenticator(settings),
        health=Health({"library": library.check}),
        lifespan=lifespan,
    )
    front = Front(app, secret=settings.nova_service_secret.get_secret_value())
    return front
