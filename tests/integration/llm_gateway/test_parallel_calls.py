"""Five hundred calls at once against one dollar: never more, not even through a kill -9."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
import asyncpg
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import stop
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer, Reply, Request, Stream
from tests.integration.llm_gateway.conftest import HELLO, Rows

CALLS = 500
LIMIT = Decimal(1)
# At most 0.02 USD for the answer and less than 0.05 for the question.
INPUT, OUTPUT = 200, 400
PRICES = f'{{"gpt-4o-mini": {{"input": {INPUT}, "output": {OUTPUT}, "max_output": 50}}}}'
SCOPES = ("task", "pod", "key", "day")
BUDGETS = [{"scope": scope, "id": "all", "limit_usd": 1} for scope in SCOPES]
BODY: dict[str, Any] = {**HELLO, "model": "gpt-4o-mini", "metadata": {"budgets": BUDGETS}}


class Provider:
    """Answers as OpenAI does, a little later, and knows what it would charge for."""

    def __init__(self) -> None:
        self.charged = Decimal(0)
        self.asked = 0
        self.hangs_after: int | None = None

    async def handle(self, request: Request) -> Reply | Stream:
        answer = await openai.handle(request)
        if request.path == "/v1/chat/completions":
            assert isinstance(answer, Reply)
            self.asked += 1
            usage = answer.body["usage"]
            tokens = INPUT * usage["prompt_tokens"] + OUTPUT * usage["completion_tokens"]
            self.charged += Decimal(tokens) / 1_000_000
            hangs = self.hangs_after is not None and self.asked > self.hangs_after
            await asyncio.sleep(600 if hangs else 0.05)
        return answer


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def launch(start_gateway: StartGateway, provider: Provider) -> Iterator[Callable[[], Any]]:
    with ProviderServer(provider.handle) as server:
        yield lambda: start_gateway(
            OPENAI_API_BASE=server.url, OPENAI_API_KEY=openai.KEY, NOVA_MODEL_PRICES=PRICES
        )


class Watch:
    """The highest sum of spent and reserved that was ever seen."""

    def __init__(self) -> None:
        self.highest = Decimal(0)
        self.samples = 0


@asynccontextmanager
async def watched(database_url: str) -> AsyncIterator[Watch]:
    """Look at the budgets all the time."""
    connection = await asyncpg.connect(database_url)
    watch = Watch()

    async def look() -> None:
        while True:
            found = await connection.fetchval("SELECT max(spent_usd + reserved_usd) FROM budgets")
            watch.highest = max(watch.highest, found or Decimal(0))
            watch.samples += 1

    looking = asyncio.create_task(look())
    try:
        yield watch
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await connection.close()


async def call_all(
    gateway: GatewayProcess, *, until: Callable[[], bool] = lambda: False
) -> Counter[int]:
    """All the calls at once: how many got which status, 0 for a broken connection.

    The gateway is killed when `until` says so.
    """
    async with aiohttp.ClientSession(
        headers=gateway.service(),
        timeout=aiohttp.ClientTimeout(60),
        # httpx looks at all of its connections for each call, which takes longer than the calls.
        connector=aiohttp.TCPConnector(limit=0),
    ) as client:

        async def call() -> int:
            try:
                async with client.post(f"{gateway.url}/complete", json=BODY) as answer:
                    await answer.read()
                    return answer.status
            except aiohttp.ClientError:
                return 0

        calls = [asyncio.create_task(call()) for _ in range(CALLS)]
        while not all(task.done() for task in calls):
            if until():
                os.kill(gateway.process.pid, signal.SIGKILL)
                break
            await asyncio.sleep(0.001)
        return Counter(await asyncio.gather(*calls))


def check(rows: Rows, watch: Watch, provider: Provider) -> None:
    budgets = rows("SELECT * FROM budgets")
    assert {budget["scope"] for budget in budgets} == set(SCOPES)
    for budget in budgets:
        assert budget["reserved_usd"] == 0
        assert provider.charged <= budget["spent_usd"] <= LIMIT
    assert watch.samples > 20
    assert Decimal("0.9") < watch.highest <= LIMIT
    assert rows("SELECT * FROM open_calls") == []
    assert rows("SELECT * FROM budget_reservations WHERE state = 'held'") == []
    (sums,) = rows("SELECT count(*), sum(cost_usd) AS cost FROM usage_events")
    # A call that was killed just before it was sent counts as sent.
    assert sums["count"] >= provider.asked
    assert {budget["spent_usd"] for budget in budgets} == {sums["cost"]}


async def test_a_dollar_is_never_passed(
    launch: Callable[[], GatewayProcess], provider: Provider, database_url: str, rows: Rows
) -> None:
    gateway = launch()
    async with watched(database_url) as watch:
        statuses = await call_all(gateway)
    assert set(statuses) == {200, 429}
    assert statuses[200] == provider.asked == len(rows("SELECT 1 FROM usage_events"))
    check(rows, watch, provider)


async def test_nor_when_the_gateway_is_killed(
    launch: Callable[[], GatewayProcess], provider: Provider, database_url: str, rows: Rows
) -> None:
    first = launch()
    provider.hangs_after = 4
    async with watched(database_url) as watch:
        statuses = await call_all(first, until=lambda: provider.asked >= 8)
        assert statuses[0] > 0
        stop(first.process)
        provider.hangs_after = None
        second = await asyncio.to_thread(launch)
        await call_all(second)
    lost = rows("SELECT * FROM usage_events WHERE status = 'lost'")
    assert lost
    check(rows, watch, provider)
