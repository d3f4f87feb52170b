"""What a request handler is given: the process's state, and the page that a list asks for.

A handler opens its transaction itself, `async with state.database.transaction() as connection:`, so
that the commit surely comes before the answer: a dependency with yield may end only after it.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Query, Response
from starlette.requests import HTTPConnection

from services.kit.clients.llm_gateway import LlmGatewayClient
from services.kit.clients.memory_service import MemoryServiceClient
from services.kit.config import ConfigCache
from services.kit.db import Database
from services.kit.http_pool import HttpPool
from services.kit.jobs import Waker
from services.kit.redis import Redis
from services.orchestrator.engine.stream.hub import EventHub
from services.orchestrator.engine.stream.publisher import Publisher
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.tools.registry import ToolRegistry
from services.orchestrator.webhooks.sealed_secrets import SealedSecrets

TOTAL_COUNT_HEADER = "X-Total-Count"
MAX_OFFSET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class State:
    """One per process, yielded by the lifespan as {"nova": State}."""

    settings: OrchestratorSettings
    database: Database
    redis: Redis
    waker: Waker
    config: ConfigCache
    memory: MemoryServiceClient
    gateway: LlmGatewayClient
    hub: EventHub
    publisher: Publisher
    tools: ToolRegistry
    replays: asyncio.Semaphore
    hook_secrets: SealedSecrets
    pool: HttpPool


async def state_of(connection: HTTPConnection) -> State:
    # A plain function would cost each request a hop through a thread.
    return cast("State", connection.state.nova)


StateDep = Annotated[State, Depends(state_of)]


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which part of a list is asked for; newest first."""

    limit: int
    offset: int


async def _page(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
) -> PageQuery:
    return PageQuery(limit, offset)


Page = Annotated[PageQuery, Depends(_page)]


def set_total_count(response: Response, total: int) -> None:
    """Say how long the whole list is, of which the answer is one page."""
    response.headers[TOTAL_COUNT_HEADER] = str(total)
