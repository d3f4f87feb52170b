"""Budgets: reserved before a call, settled after it, freed when a gateway dies."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.llm import BudgetShortage
from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, PRICES, Rows, Usage

# 50 output tokens at 2000 USD a million are 0.1 USD; the input adds less than 0.2 USD.
MODEL = {**HELLO, "model": "gpt-4o-mini"}


def budgeted(
    limit: float, *, scope: str = "task", name: str = "t1", daily: bool = False, **more: Any
) -> dict[str, Any]:
    budgets = [{"scope": scope, "id": name, "limit_usd": limit, "daily": daily}]
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
    answer = client.post("/complete", json=budgeted(0.05, scope="day", name="all", daily=True))
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


def test_daily_budgets_begin_anew_each_day(client: httpx.Client, rows: Rows) -> None:
    refusal = client.post("/complete", json=budgeted(0, scope="pod", name="p", daily=True))
    enough_for_one = refusal.json()["facts"]["needed_usd"] + 0.01
    body = budgeted(enough_for_one, scope="pod", name="p", daily=True)
    assert client.post("/complete", json=body).status_code == 200
    assert client.post("/complete", json=body).status_code == 429
    # Yesterday, then.
    rows("ALTER TABLE budget_reservations DROP CONSTRAINT budget_reservations_scope_budget_id_fkey")
    rows("UPDATE budgets SET id = 'p 2026-01-01'")
    assert client.post("/complete", json=body).status_code == 200


def test_the_facts_of_a_refusal(client: httpx.Client) -> None:
    client.post("/complete", json=budgeted(1))
    answer = client.post("/complete", json=budgeted(0.2))
    facts = BudgetShortage.model_validate(answer.json()["facts"])
    assert (facts.scope, facts.id, facts.limit_usd, facts.reserved_usd) == ("task", "t1", 0.2, 0)
    assert 0 < facts.spent_usd < 0.2
    assert facts.needed_usd > 0.1
    assert (facts.resets_at, facts.is_passing) == (None, False)


def test_a_step_is_called_for_once(openai_gateway: GatewayProcess, rows: Rows) -> None:
    """Whoever repeats a call names it anew, so that each is reserved for."""
    headers = openai_gateway.service(step_id="step-1")
    for status in (200, 409):
        answer = httpx.post(f"{openai_gateway.url}/complete", headers=headers, json=budgeted(1))
        assert answer.status_code == status
    assert answer.json()["code"] == "step_repeated"
    assert len(rows("SELECT * FROM usage_events")) == 1


def test_a_limit_that_is_no_number_is_refused(openai_gateway: GatewayProcess, rows: Rows) -> None:
    rows(
        "INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, budget_usd) "
        "VALUES ($1, 'k', sha256('sk-nova-test'), 'sk-nova', '{}', 60, 5)",
        uuid4(),
    )
    headers = {"Authorization": "Bearer sk-nova-test"}
    url = f"{openai_gateway.url}/v1/chat/completions"
    for limit in ("max_tokens", "max_completion_tokens", "n"):
        for value in (-5, 0, "many", 1.5, True, 2**63):
            answer = httpx.post(url, headers=headers, json={**MODEL, limit: value})
            assert answer.status_code == 422, (limit, value)
            assert limit in answer.json()["error"]["message"]
    assert rows("SELECT * FROM budgets") == []


class TestDayBudget:
    @pytest.fixture
    def set_budget(self, rows: Rows) -> Callable[[float | None], None]:
        def change(limit: float | None) -> None:
            rows(
                "UPDATE platform_config SET value = $1::text::jsonb "
                "WHERE key = 'limits.day_budget_usd'",
                json.dumps(limit),
            )

        return change

    def test_it_holds_for_everybody_and_from_the_first_call(
        self,
        set_budget: Callable[[float | None], None],
        start_gateway: StartGateway,
        openai_server: ProviderServer,
    ) -> None:
        set_budget(0.05)
        gateway = start_gateway(
            OPENAI_API_BASE=openai_server.url, OPENAI_API_KEY=openai.KEY, NOVA_MODEL_PRICES=PRICES
        )
        for headers in (gateway.admin, gateway.service()):
            answer = httpx.post(f"{gateway.url}/complete", headers=headers, json=MODEL)
            assert (answer.status_code, answer.json()["code"]) == (429, "budget_exceeded")
            assert answer.json()["facts"]["scope"] == "day"
            assert int(answer.headers["Retry-After"]) >= 1
        offline = {**MODEL, "model": "offline/nova"}
        answer = httpx.post(f"{gateway.url}/complete", headers=gateway.admin, json=offline)
        assert answer.status_code == 200

    def test_an_edit_holds_within_two_seconds(
        self, set_budget: Callable[[float | None], None], client: httpx.Client
    ) -> None:
        set_budget(0.05)
        wait_until(
            lambda: client.post("/complete", json=MODEL).status_code == 429,
            what="the day's budget",
        )
        set_budget(None)
        wait_until(
            lambda: client.post("/complete", json=MODEL).status_code == 200,
            what="the end of the day's budget",
        )
