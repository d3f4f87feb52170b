"""The app factory: one FastAPI app as every service wants it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from services.kit.auth import Authenticator
from services.kit.docs_page import docs_route
from services.kit.error_handlers import ErrorMiddleware, ErrorShapes, add_error_handlers
from services.kit.health import Health, health_router
from services.kit.json_body import JsonBodyMiddleware
from services.kit.log import configure_logging
from services.kit.middleware import BodyLimitMiddleware, OriginMiddleware, RequestIdMiddleware
from services.kit.settings import ServiceSettings
from services.kit.telemetry import MetricsMiddleware, metrics

VERSION = "0.1.0"
MEBIBYTE = 1024 * 1024
BODY_LIMIT = 10 * MEBIBYTE

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Any]]]
"""Yields the state that requests see as `request.state.<name>`; never fails for a dependency."""


def create_app(
    settings: ServiceSettings,
    *,
    title: str,
    routers: list[APIRouter],
    authenticator: Authenticator,
    health: Health,
    lifespan: Lifespan,
    openai_prefix: str | None = None,
    error_shapes: ErrorShapes | None = None,
    file_suffix: str | tuple[str, ...] = "",
) -> FastAPI:
    """Build a service's app.

    `openai_prefix` names the routes that answer errors in OpenAI's shape, `error_shapes` those that
    answer in another; `file_suffix` the ends of the routes whose body may be 50 MiB instead of 10.
    """
    configure_logging(level=settings.log_level, process=settings.nova_process_name)
    app = FastAPI(title=title, version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.authenticator = authenticator
    for router in routers:
        app.include_router(router)
    app.include_router(health_router(health))
    app.add_route("/metrics", metrics, include_in_schema=False)
    app.add_route("/docs", docs_route(app), include_in_schema=False)
    add_error_handlers(app, openai_prefix=openai_prefix, shapes=error_shapes)
    # The last one added is the outermost.
    app.add_middleware(JsonBodyMiddleware)
    app.add_middleware(
        BodyLimitMiddleware,
        limit=BODY_LIMIT,
        file_limit=50 * MEBIBYTE,
        file_suffix=file_suffix,
    )
    app.add_middleware(
        OriginMiddleware, hosts=settings.allowed_hosts(), origins=settings.allowed_origins()
    )
    app.add_middleware(ErrorMiddleware, openai_prefix=openai_prefix, shapes=error_shapes)
    if settings.allowed_origins():
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins(),
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials="*" not in settings.allowed_origins(),
            expose_headers=["X-Request-ID", "X-Total-Count", "X-Session-Id", "X-Task-Id"],
        )
    app.add_middleware(MetricsMiddleware)
    app.add_middleware(RequestIdMiddleware)
    return app
