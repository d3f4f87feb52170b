"""Builds what stands before each call: rates, quotas, breakers, and who may use which model."""

from dataclasses import dataclass

from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.failpoints import Failpoints
from services.kit.supervision import Supervisor
from services.llm_gateway.calls.dispatch import Calls
from services.llm_gateway.limits.admission.access import Access
from services.llm_gateway.limits.admission.admit import Admission
from services.llm_gateway.limits.admission.quotas import Quotas
from services.llm_gateway.limits.admission.rates import Rates
from services.llm_gateway.limits.admission.shared_windows import open_rates_redis
from services.llm_gateway.limits.budgets import Budgets
from services.llm_gateway.limits.metering import Metering
from services.llm_gateway.limits.recorder import Recorder
from services.llm_gateway.metrics import CallMetrics
from services.llm_gateway.models.prices import PriceTable
from services.llm_gateway.models.resolution import Resolver
from services.llm_gateway.providers.registry import Providers
from services.llm_gateway.routing.availability import Availability
from services.llm_gateway.routing.breaker import CircuitBreaker
from services.llm_gateway.routing.categories import Classifier
from services.llm_gateway.routing.classifying import classifier_call
from services.llm_gateway.settings import REDIS_DATABASE, Settings
from services.llm_gateway.telemetry import Tracing


@dataclass(frozen=True, slots=True)
class Guards:
    """One of each per process."""

    config: ConfigCache
    access: Access
    rates: Rates
    quotas: Quotas
    breaker: CircuitBreaker


def build_rates(settings: Settings, supervisor: Supervisor) -> Rates:
    redis = None
    if settings.redis_url is not None:
        redis = open_rates_redis(settings.redis_url.get_secret_value(), database=REDIS_DATABASE)
    return Rates(
        redis,
        supervisor,
        processes=settings.nova_gateway_processes,
        patience_seconds=settings.nova_rates_patience_seconds,
    )


def build_guards(database: Database, config: ConfigCache, rates: Rates) -> Guards:
    return Guards(config, Access(database), rates, Quotas(database, config), CircuitBreaker())


def build_calls(
    settings: Settings, guards: Guards, budgets: Budgets, *, recorder: Recorder, tracing: Tracing
) -> Calls:
    metering = Metering(
        budgets,
        recorder,
        allow_unknown=settings.nova_allow_unknown_prices,
        failpoints=Failpoints(settings.nova_failpoint),
        metrics=CallMetrics(),
        tracing=tracing,
    )
    return Calls(
        metering,
        breaker=guards.breaker,
        admission=Admission(guards.access, guards.rates),
        quotas=guards.quotas,
        seconds=settings.nova_call_seconds,
        retries=settings.nova_call_retries,
    )


def build_resolver(
    settings: Settings,
    guards: Guards,
    providers: Providers,
    *,
    prices: PriceTable,
    calls: Calls,
) -> Resolver:
    """The resolver, with a classifier that asks by the same calls."""
    resolver = Resolver(
        providers,
        settings=settings,
        config=guards.config,
        prices=prices,
        access=guards.access,
        availability=Availability(guards.breaker, guards.quotas),
    )
    providers.on_change(resolver.forget_routes)
    resolver.classifier = Classifier(guards.config, classifier_call(resolver, calls))
    return resolver
