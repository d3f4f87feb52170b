"""Calls with faults among them while the gateway is killed again and again: nothing is lost.

NOVA_TEST_GATEWAY_CALLS sets how many calls are made (400).
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import orjson

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, Rows

CALLS = int(os.environ.get("NOVA_TEST_GATEWAY_CALLS", "400"))
_KILLS = 2
_FAULTS = ("error-429", "error-500", "cut", "cut-clean")
_RATE = {"input": 1000, "output": 2000, "max_output": 50}


def model_of(number: int) -> str:
    """One in twenty calls goes to a fault."""
    return _FAULTS[number // 20 % len(_FAULTS)] if number % 20 == 0 else "gpt-4o-mini"


class TestKilledUnderLoad:
    def test_rows_are_calls_and_costs_are_charged(
        self, start_gateway: StartGateway, openai_server: ProviderServer, rows: Rows
    ) -> None:
        prices = dict.fromkeys(("gpt-4o-mini", *_FAULTS), _RATE)

        def begin() -> GatewayProcess:
            return start_gateway(
                OPENAI_API_BASE=openai_server.url,
                OPENAI_API_KEY=openai.KEY,
                NOVA_MODEL_PRICES=orjson.dumps(prices).decode(),
            )

        answered, broken = made(begin)
        assert len(answered) + len(broken) >= CALLS
        wait_until(
            lambda: not rows("SELECT id FROM open_calls"), what="all calls to end", seconds=60
        )
        found = rows("SELECT request_id, status, cost_usd, estimated FROM usage_events")
        ids = [row["request_id"] for row in found]
        assert len(ids) == len(set(ids))
        assert answered <= set(ids)
        assert set(ids) <= answered | broken
        assert {row["status"] for row in found} <= {"ok", "error", "lost", "cancelled"}
        # Whatever was charged is in a row, and the other way round.
        (budget,) = rows("SELECT spent_usd, reserved_usd FROM budgets WHERE id = 'storm'")
        assert budget["reserved_usd"] == 0
        assert budget["spent_usd"] == sum(row["cost_usd"] for row in found)
        assert not rows("SELECT step_id FROM budget_reservations WHERE state = 'held'")


def made(begin: Callable[[], GatewayProcess]) -> tuple[set[str], set[str]]:
    """Make the calls, and kill the gateway meanwhile: the ids that got an answer, and the others."""
    gateway = [begin()]
    answered: set[str] = set()
    broken: set[str] = set()
    done = threading.Semaphore(0)

    def call(number: int) -> None:
        request_id = f"storm-{number}-{uuid4().hex[:8]}"
        current = gateway[0]
        headers = {**current.service(), "X-Request-ID": request_id}
        try:
            send(current.url, number, headers)
            answered.add(request_id)
        except httpx.TransportError:
            broken.add(request_id)
        done.release()

    with ThreadPoolExecutor(16) as pool:
        work = [pool.submit(call, number) for number in range(CALLS)]
        for _ in range(_KILLS):
            for _ in range(CALLS // (_KILLS + 1)):
                done.acquire()
            gateway[0].kill()
            gateway[0] = begin()
        for each in work:
            each.result()
    return answered, broken


def send(url: str, number: int, headers: dict[str, str]) -> None:
    budget = {"scope": "task", "id": "storm", "limit_usd": 1_000_000}
    body: dict[str, Any] = {
        **HELLO,
        "model": model_of(number),
        "max_tokens": 20,
        "metadata": {"budgets": [budget]},
    }
    path = "/stream" if number % 2 else "/complete"
    httpx.post(f"{url}{path}", json=body, headers=headers, timeout=60)
