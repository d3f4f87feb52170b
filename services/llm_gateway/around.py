"""What stands around every call, and is made before the app's lifespan: cache, request log, traces."""

from dataclasses import dataclass

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.health import Check
from services.kit.redis import open_redis
from services.kit.supervision import Supervisor
from services.llm_gateway.cache.answers import AnswerCache
from services.llm_gateway.cache.flights import Flights
from services.llm_gateway.cache.store import AnswerStore
from services.llm_gateway.request_log.recorder import RequestLog
from services.llm_gateway.settings import REDIS_DATABASE, Settings
from services.llm_gateway.telemetry import Tracing, open_tracing


@dataclass(frozen=True, slots=True)
class Around:
    """`checks` tell in the health routes what is done without."""

    config: ConfigCache
    flights: Flights
    answers: AnswerCache
    log: RequestLog
    tracing: Tracing
    checks: dict[str, Check]

    def keep_running(self, supervisor: Supervisor) -> None:
        supervisor.keep_running(self.log.keep_writing, name="request log")
        supervisor.keep_running(self.log.keep_expiring, name="request log's retention")


def build_around(settings: Settings, database: Database) -> Around:
    config = ConfigCache(database)
    store = _answer_store(settings)
    flights = Flights()

    def kept_seconds() -> int:
        return int(config.get("llm.answer_cache_seconds", settings.nova_answer_cache_seconds))

    return Around(
        config,
        flights,
        AnswerCache(store, flights, seconds=kept_seconds),
        RequestLog(
            database,
            config,
            on_by_default=settings.nova_request_log,
            longest=settings.nova_request_log_longest,
        ),
        open_tracing(settings.otel_exporter_otlp_endpoint, service="nova-llm-gateway"),
        {} if store is None else {"answer cache": store.check},
    )


def _answer_store(settings: Settings) -> AnswerStore | None:
    if settings.redis_url is None:
        return None
    redis = open_redis(settings.redis_url.get_secret_value(), database=REDIS_DATABASE)
    return AnswerStore(
        redis,
        longest=settings.nova_answer_cache_longest,
        most=settings.nova_answer_cache_bytes,
    )
