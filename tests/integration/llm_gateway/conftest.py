"""Servers with the providers' wire formats, a gateway before them, and what it has recorded."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.postgres import in_own_loop
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import anthropic, ollama, openai
from tests.fixtures.providers.server import ProviderServer

PRICES = '{"gpt-4o-mini": {"input": 1000, "output": 2000, "max_output": 50}}'
HELLO: dict[str, Any] = {"messages": [{"role": "user", "content": "hello there"}]}
WEATHER_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


@pytest.fixture
def openai_server() -> Iterator[ProviderServer]:
    with ProviderServer(openai.handle) as server:
        yield server


@pytest.fixture
def anthropic_server() -> Iterator[ProviderServer]:
    with ProviderServer(anthropic.handle) as server:
        yield server


@pytest.fixture
def ollama_server() -> Iterator[ProviderServer]:
    with ProviderServer(ollama.handle) as server:
        yield server


@pytest.fixture
def openai_gateway(start_gateway: StartGateway, openai_server: ProviderServer) -> GatewayProcess:
    """A gateway before an OpenAI-compatible server, with a price for one of its models."""
    return start_gateway(
        OPENAI_API_BASE=openai_server.url, OPENAI_API_KEY=openai.KEY, NOVA_MODEL_PRICES=PRICES
    )


@pytest.fixture
def client(openai_gateway: GatewayProcess) -> Iterator[httpx.Client]:
    """A client of openai_gateway as the engine is one."""
    headers = openai_gateway.service()
    with httpx.Client(base_url=openai_gateway.url, headers=headers, timeout=30) as found:
        yield found


Rows = Callable[..., list[dict[str, Any]]]
Usage = Callable[[int], list[dict[str, Any]]]


@pytest.fixture
def rows(database_url: str) -> Rows:
    """Runs a query; with `until`, again and again until so many rows have come."""

    async def fetch(sql: str, arguments: tuple[Any, ...]) -> list[dict[str, Any]]:
        connection = await asyncpg.connect(database_url)
        try:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]
        finally:
            await connection.close()

    def run(sql: str, *arguments: Any, until: int | None = None) -> list[dict[str, Any]]:
        def found() -> list[dict[str, Any]] | None:
            result = in_own_loop(fetch(sql, arguments))
            return result if until is None or len(result) >= until else None

        if until is None:
            return found() or []
        return wait_until(found, what=f"{until} rows from {sql}", seconds=15)

    return run


@pytest.fixture
def usage(rows: Rows) -> Callable[[int], list[dict[str, Any]]]:
    """The usage rows, once there are so many."""

    def read(count: int) -> list[dict[str, Any]]:
        found = rows("SELECT * FROM usage_events ORDER BY created_at, id", until=count)
        assert len(found) == count
        return found

    return read


NewKey = Callable[..., dict[str, str]]


@pytest.fixture
def new_key(rows: Rows) -> NewKey:
    """The headers of a new key with that name, and those limits that it is to have."""

    def make(
        name: str,
        *,
        budget_usd: float | None = None,
        rate_limit_rpm: int = 60,
        allowed_models: list[str] | None = None,
    ) -> dict[str, str]:
        rows(
            "INSERT INTO api_keys (id, name, key_prefix, key_hash, scopes, budget_usd,"
            " rate_limit_rpm, allowed_models)"
            " VALUES (gen_random_uuid(), $1, $1, sha256(convert_to($2, 'UTF8')), '{chat}', $3, $4, $5)",
            name,
            f"sk-nova-{name}",
            None if budget_usd is None else Decimal(str(budget_usd)),
            rate_limit_rpm,
            allowed_models,
        )
        return {"Authorization": f"Bearer sk-nova-{name}"}

    return make
