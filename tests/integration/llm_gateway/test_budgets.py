"""Budgets: reserved before a call, settled after it, freed when a gateway dies."""

import asyncio
import os
import signal
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import stop, wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, PRICES, Rows, Usage

# 50 output tokens at 2000 USD a million are 0.1 USD; the input adds less than 0.2 USD.
MODEL = {**HELLO, "model": "gpt-4o-mini"}


def budgeted(limit: float, *, scope: str = "task", name: str = "t1", **more: Any) -> dict[str, Any]:
    budgets = [{"scope": scope, "id": name, "limit_usd": limit}]
    return {**MODEL, "metadata": {"budgets": budgets}, **more}


def test_a_call_is_settled_at_its_cost(client: httpx.Client, rows: Rows, usage: Usage) -> None:
    answer = client.post("/complete", json=budgeted(1)).json()
    (budget,) = rows("SELECT * FROM budgets")
    assert budget["reserved_usd"] == 0
    assert budget["spent_usd"] == usage(1)[0]["cost_usd"] == Decimal(str(answer["cost_usd"]))
    assert [row["state"] for row in rows("SELECT state FROM budget_reservations")] == ["settled"]


def test_over_budget_is_refused_before_the_provider_is_asked(
    client: httpx.Client, openai_server: ProviderServer, rows: Rows
) -> None:
    for path in ("/complete", "/stream"):
        answer = client.post(path, json=budgeted(0.05))
        assert (answer.status_code, answer.json()["code"]) == (429, "budget_exceeded")
        assert "Retry-After" not in answer.headers
    assert not [r for r in openai_server.requests if r.path == "/v1/chat/completions"]
    assert rows("SELECT * FROM budget_reservations") == []
    assert rows("SELECT * FROM usage_events") == []


def test_a_day_budget_says_when_to_come_back(client: httpx.Client) -> None:
    answer = client.post("/complete", json=budgeted(0.05, scope="day", name="2026-01-01"))
    assert 1 <= int(answer.headers["Retry-After"]) <= 24 * 3600


def test_no_max_tokens_is_capped_at_the_models_maximum(
    client: httpx.Client, openai_server: ProviderServer
) -> None:
    client.post("/complete", json=budgeted(1))
    assert openai_server.requests[-1].json["max_tokens"] == 50


def test_all_budgets_or_none(client: httpx.Client, rows: Rows) -> None:
    budgets = [
        {"scope": "task", "id": "t", "limit_usd": 0.01},
        {"scope": "day", "id": "d", "limit_usd": 100},
    ]
    answer = client.post("/complete", json={**MODEL, "metadata": {"budgets": budgets}})
    assert answer.status_code == 429
    assert "task budget t" in answer.json()["detail"]
    assert rows("SELECT * FROM budgets WHERE reserved_usd > 0") == []


def test_unknown_price_with_a_budget_is_refused(client: httpx.Client) -> None:
    answer = client.post("/complete", json=budgeted(1, model="agent"))
    assert (answer.status_code, answer.json()["code"]) == (400, "price_unknown")


def test_offline_is_free_under_any_budget(client: httpx.Client) -> None:
    answer = client.post("/complete", json=budgeted(0, model="offline/nova"))
    assert (answer.status_code, answer.json()["cost_usd"]) == (200, 0)


def test_budgets_of_strangers_are_not_believed(openai_gateway: GatewayProcess, rows: Rows) -> None:
    url, headers = f"{openai_gateway.url}/complete", openai_gateway.admin
    assert httpx.post(url, headers=headers, json=budgeted(0)).status_code == 200
    assert rows("SELECT * FROM budgets") == []


def test_a_failed_call_costs_nothing(client: httpx.Client, rows: Rows) -> None:
    client.post("/complete", json=budgeted(1, model="error-500", max_tokens=5))
    assert rows("SELECT * FROM budgets WHERE reserved_usd <> 0 OR spent_usd <> 0") == []


def test_a_cancelled_stream_is_charged_by_estimate(client: httpx.Client, rows: Rows) -> None:
    body = budgeted(1, max_tokens=50)
    with client.stream("POST", "/stream", json=body) as response:
        next(response.iter_lines())
    rows("SELECT * FROM usage_events", until=1)
    (budget,) = rows("SELECT * FROM budgets")
    assert budget["reserved_usd"] == 0
    assert budget["spent_usd"] > 0


async def test_concurrent_calls_never_pass_the_limit(
    openai_gateway: GatewayProcess, rows: Rows
) -> None:
    body = budgeted(0.5, name="busy")
    async with httpx.AsyncClient(headers=openai_gateway.service(), timeout=60) as client:
        answers = await asyncio.gather(
            *(client.post(f"{openai_gateway.url}/complete", json=body) for _ in range(40))
        )
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {200, 429}
    (budget,) = rows("SELECT * FROM budgets")
    assert budget["reserved_usd"] == 0
    spent = sum(Decimal(str(a.json()["cost_usd"])) for a in answers if a.status_code == 200)
    assert budget["spent_usd"] == spent <= Decimal("0.5")


def test_a_keys_own_budget(
    openai_gateway: GatewayProcess, client: httpx.Client, rows: Rows
) -> None:
    key = uuid4()
    rows(
        "INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, budget_usd) "
        "VALUES ($1, 'k', sha256('sk-nova-test'), 'sk-nova', '{}', 60, 0.01)",
        key,
    )
    direct = httpx.post(
        f"{openai_gateway.url}/v1/chat/completions",
        headers={"Authorization": "Bearer sk-nova-test"},
        json=MODEL,
    )
    assert (direct.status_code, direct.json()["error"]["code"]) == (429, "budget_exceeded")
    on_behalf = client.post("/complete", json=MODEL, headers={"X-Nova-Key-Id": str(key)})
    assert on_behalf.status_code == 429


def test_what_a_killed_gateway_held_is_freed(
    start_gateway: StartGateway, openai_server: ProviderServer, rows: Rows
) -> None:
    prices = PRICES.replace("gpt-4o-mini", "slow")
    settings = {"OPENAI_API_BASE": openai_server.url, "NOVA_MODEL_PRICES": prices}
    settings |= {"OPENAI_API_KEY": openai.KEY, "NOVA_RESERVATION_SECONDS": "2"}
    first = start_gateway(**settings)
    with (
        httpx.Client(headers=first.service(step_id="step-1"), timeout=30) as client,
        client.stream("POST", f"{first.url}/stream", json=budgeted(1, model="slow")) as response,
    ):
        lines = response.iter_lines()
        assert "delta" in next(lines)
        assert rows("SELECT * FROM budgets WHERE reserved_usd > 0")
        os.kill(first.worker_pid(), signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    stop(first.process)
    start_gateway(**settings)
    wait_until(
        lambda: rows("SELECT * FROM budgets WHERE reserved_usd = 0"),
        what="the reservation to be freed",
    )
    (left,) = rows("SELECT step_id, state FROM budget_reservations")
    assert left == {"step_id": "step-1", "state": "freed"}


def test_a_long_call_keeps_its_reservation(
    start_gateway: StartGateway, openai_server: ProviderServer, rows: Rows
) -> None:
    prices = PRICES.replace("gpt-4o-mini", "slow")
    gateway = start_gateway(
        OPENAI_API_BASE=openai_server.url,
        OPENAI_API_KEY=openai.KEY,
        NOVA_MODEL_PRICES=prices,
        NOVA_RESERVATION_SECONDS="1",
    )
    body = budgeted(1, model="slow")
    with (
        httpx.Client(headers=gateway.service(), timeout=30) as client,
        client.stream("POST", f"{gateway.url}/stream", json=body) as response,
    ):
        lines = response.iter_lines()
        next(lines)
        (begun,) = rows("SELECT lease_until FROM budget_reservations")
        wait_until(
            lambda: rows(
                "SELECT 1 FROM budget_reservations WHERE state = 'held' "
                "AND lease_until > $1::timestamptz + interval '2 s'",
                begun["lease_until"],
            ),
            what="the lease to be pushed on twice",
        )
