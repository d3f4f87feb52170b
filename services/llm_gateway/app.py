"""Builds llm-gateway's app."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.kit.app import BODY_LIMIT, create_app
from services.kit.auth import Authenticator
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.error_handlers import error_handler
from services.kit.errors import DatabaseDown
from services.kit.health import Health, health_router
from services.kit.keys import key_lookup
from services.kit.middleware import OriginMiddleware
from services.kit.migrate import check_schema
from services.kit.supervision import Supervisor
from services.llm_gateway.around import Around, build_around
from services.llm_gateway.calls.answer_headers import AnswerHeadersMiddleware
from services.llm_gateway.completions.router import router as completions_router
from services.llm_gateway.credentials.pool import Pool
from services.llm_gateway.credentials.router import router as credentials_router
from services.llm_gateway.credentials.runtime import Runtime
from services.llm_gateway.credentials.setups import Setups
from services.llm_gateway.credentials.store import ProviderStore
from services.llm_gateway.deps import Dialects, State
from services.llm_gateway.embeddings.router import router as embeddings_router
from services.llm_gateway.embeddings.setup import Embeddings, local_model_check
from services.llm_gateway.errors import UpstreamError
from services.llm_gateway.front import chat, own
from services.llm_gateway.front.app import ErrorHandler, Front
from services.llm_gateway.guards import build_calls, build_guards, build_rates, build_resolver
from services.llm_gateway.health.router import router as providers_router
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.budgets import Budgets
from services.llm_gateway.limits.journal import Journal
from services.llm_gateway.limits.recorder import Recorder
from services.llm_gateway.media.router import FILE_ROUTES
from services.llm_gateway.media.router import router as media_router
from services.llm_gateway.messages.errors import PREFIX as MESSAGES_PREFIX
from services.llm_gateway.messages.errors import anthropic_shape
from services.llm_gateway.messages.router import router as messages_router
from services.llm_gateway.models.ollama.router import router as ollama_router
from services.llm_gateway.models.overrides.router import router as overrides_router
from services.llm_gateway.models.prices import PriceTable
from services.llm_gateway.models.router import router as models_router
from services.llm_gateway.openai_errors import PREFIX, add_upstream_handler, on_upstream_error
from services.llm_gateway.providers.base import Provider
from services.llm_gateway.providers.registry import Parts, Providers, environment_setups
from services.llm_gateway.providers.translation import TRANSLATED_SLUGS, Translator
from services.llm_gateway.request_log.capture import RequestLogMiddleware
from services.llm_gateway.request_log.recorder import RequestLog
from services.llm_gateway.request_log.router import router as request_log_router
from services.llm_gateway.responses.router import router as responses_router
from services.llm_gateway.responses.store import ResponseStore
from services.llm_gateway.settings import SCHEMA_VERSION, Settings
from services.llm_gateway.telemetry import TraceContextMiddleware
from services.llm_gateway.upstream.session import Upstream

_LAST_FLUSH_SECONDS = 2.0
_ERROR_SHAPES = {MESSAGES_PREFIX: anthropic_shape}


def build_app(settings: Settings) -> FastAPI:
    """The app; its connections are made when first used."""
    database = Database(
        settings.database_url.get_secret_value(),
        size=settings.nova_db_pool_size,
        name=settings.nova_process_name,
    )

    async def schema_is_there() -> None:
        await check_schema(database, version=SCHEMA_VERSION)

    around = build_around(settings, database)
    supervisor = Supervisor()
    rates = build_rates(settings, supervisor)
    checks = {"rates": rates.check, **local_model_check(settings), **around.checks}
    health = Health({"database": schema_is_there}, optional=checks)
    under_v1 = APIRouter(prefix=PREFIX)
    under_v1.include_router(health_router(health))
    under_v1.include_router(providers_router)
    app = create_app(
        settings,
        title="Nova llm-gateway",
        routers=[
            *(completions_router, responses_router, messages_router, embeddings_router),
            *(media_router, request_log_router, providers_router, under_v1),
            *(credentials_router, ollama_router, overrides_router, models_router),
        ],
        authenticator=Authenticator(settings, lookup=key_lookup(database)),
        health=health,
        lifespan=lambda _app: _running(settings, database, around, supervisor, rates),
        openai_prefix=PREFIX,
        error_shapes=_ERROR_SHAPES,
        file_suffix=FILE_ROUTES,
    )
    add_upstream_handler(app)
    app.state.log = around.log
    app.add_middleware(AnswerHeadersMiddleware)
    return app


def build_front(settings: Settings) -> Front:
    """The app behind the hot path, which is what is served."""
    app = build_app(settings)
    log: RequestLog = app.state.log
    on_other = cast("ErrorHandler", error_handler(PREFIX, _ERROR_SHAPES))

    async def on_error(request: Request, error: Exception) -> Response:
        handle = on_upstream_error if isinstance(error, UpstreamError) else on_other
        return await handle(request, error)

    return Front(
        app,
        handlers={
            "/v1/chat/completions": chat.chat_completions,
            "/complete": own.complete,
            "/stream": own.stream,
        },
        authenticator=app.state.authenticator,
        origins=OriginMiddleware(
            app, hosts=settings.allowed_hosts(), origins=settings.allowed_origins()
        ),
        on_error=on_error,
        limit=BODY_LIMIT,
        listening=lambda front: TraceContextMiddleware(RequestLogMiddleware(front, log=log)),
        is_heard=lambda headers: log.is_on or b"traceparent" in headers,
    )


def _recorder(settings: Settings, database: Database) -> Recorder:
    recorder = Recorder(database, Journal(settings.nova_home / "run" / "usage"))
    recorder.open()
    return recorder


def _budgets(settings: Settings, database: Database, config: ConfigCache) -> Budgets:
    return Budgets(
        database,
        config,
        # The host's name keeps replicas apart; it stays the same over restarts of one container.
        name=f"{settings.nova_process_name}@{socket.gethostname()}",
        lease_seconds=settings.nova_reservation_seconds,
    )


async def _sweep(budgets: Budgets, settings: Settings) -> None:
    await budgets.sweep()
    await asyncio.sleep(settings.nova_reservation_seconds / 4)


def _dialects(settings: Settings, database: Database) -> Dialects:
    responses = ResponseStore(database, retention_days=settings.nova_responses_retention_days)
    return Dialects(responses, strict_tools=settings.nova_hosted_tools == "strict")


def _runtime(settings: Settings, database: Database, config: ConfigCache) -> Runtime:
    store = ProviderStore(database, secret_key=settings.nova_secret_key.get_secret_value())
    setups = Setups(environment_setups(settings, config), store)
    return Runtime(database, store, setups, Pool(store, setups), settings.nova_secret_key)


def _translator(settings: Settings, upstream: Upstream) -> Translator:
    return Translator(
        upstream,
        url=settings.nova_llm_translate_url,
        secret=settings.nova_service_secret.get_secret_value(),
        wait_seconds=settings.nova_translate_wait_seconds,
    )


async def _start_translation(providers: Mapping[str, Provider], translator: Translator) -> None:
    """Have llm-translate loaded before the first call, if there is a provider that needs it."""
    for slug in TRANSLATED_SLUGS & providers.keys():
        if (await providers[slug].state()).configured:
            await translator.start_ahead()
            return


@asynccontextmanager
async def _running(
    settings: Settings, database: Database, around: Around, supervisor: Supervisor, rates: Rates
) -> AsyncGenerator[dict[str, Any], None]:
    upstream = Upstream(silence_seconds=settings.nova_call_silence_seconds)
    config = around.config
    recorder = _recorder(settings, database)
    budgets = _budgets(settings, database, config)
    runtime = _runtime(settings, database, config)
    translator = _translator(settings, upstream)
    embeddings = Embeddings(settings, database)
    parts = Parts(settings, config, upstream, translator, runtime.pool, embeddings.model)
    providers = Providers(runtime.setups, runtime.store, parts)
    prices = PriceTable(settings.nova_model_prices, stored=lambda: runtime.store.overrides)
    guards = build_guards(database, config, rates)
    calls = build_calls(settings, guards, budgets, recorder=recorder, tracing=around.tracing)
    resolver = build_resolver(settings, guards, providers, prices=prices, calls=calls)
    dialects = _dialects(settings, database)
    embedder = embeddings.embedder(providers, resolver=resolver, config=config, calls=calls)

    await database.open()
    await rates.open()
    async with upstream, supervisor:
        supervisor.keep_running(rates.keep, name="rates")
        supervisor.start(_start_translation(providers, translator), name="translation")
        supervisor.keep_running(config.follow, name="configuration")
        supervisor.keep_running(runtime.store.follow, name="providers")
        supervisor.keep_running(recorder.keep_flushing, name="usage")
        supervisor.keep_running(lambda: _sweep(budgets, settings), name="reservations")
        supervisor.keep_running(dialects.responses.keep_pruning, name="stored responses")
        embeddings.keep_running(supervisor)
        around.keep_running(supervisor)
        yield {
            "gateway": State(
                providers=providers,
                resolver=resolver,
                dialects=dialects,
                calls=calls,
                embedder=embedder,
                upstream=upstream,
                runtime=runtime,
                answers=around.answers,
                breaker=guards.breaker,
                quotas=guards.quotas,
            )
        }
        await around.flights.stop()
    await _write_the_rest(recorder, around)
    await embeddings.close()
    await rates.close()
    await database.close()


async def _write_the_rest(recorder: Recorder, around: Around) -> None:
    with suppress(DatabaseDown, TimeoutError):
        async with asyncio.timeout(_LAST_FLUSH_SECONDS):
            await recorder.flush()
            await around.log.flush()
    recorder.close()
    await asyncio.to_thread(around.tracing.close)
