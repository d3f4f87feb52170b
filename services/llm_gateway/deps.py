"""What a request handler is given."""

from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from services.llm_gateway.cache.answers import AnswerCache
from services.llm_gateway.calls.dispatch import Calls
from services.llm_gateway.calls.ticking import Ticker
from services.llm_gateway.credentials.runtime import Runtime
from services.llm_gateway.embeddings.embedder import Embedder
from services.llm_gateway.limits.admission.quotas import Quotas
from services.llm_gateway.models.resolution import Resolver
from services.llm_gateway.providers.registry import Providers
from services.llm_gateway.responses.store import ResponseStore
from services.llm_gateway.routing.breaker import CircuitBreaker
from services.llm_gateway.upstream.session import Upstream

_TICK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Dialects:
    """What /v1/responses and /v1/messages need beside a chat call."""

    responses: ResponseStore
    strict_tools: bool


@dataclass(frozen=True, slots=True)
class State:
    """One per process, yielded by the lifespan as {"gateway": State}."""

    providers: Providers
    resolver: Resolver
    dialects: Dialects
    calls: Calls
    embedder: Embedder
    upstream: Upstream
    runtime: Runtime
    answers: AnswerCache
    breaker: CircuitBreaker
    quotas: Quotas
    ticker: Ticker = field(default_factory=lambda: Ticker(_TICK_SECONDS))


async def _state(connection: HTTPConnection) -> State:
    # A plain function would cost each request a hop through a thread.
    return cast("State", connection.state.gateway)


StateDep = Annotated[State, Depends(_state)]
