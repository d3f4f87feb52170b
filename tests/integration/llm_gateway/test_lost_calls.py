"""Money that was spent does not vanish with the gateway that spent it, nor is any held for ever."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.gateway import GatewayProcess, StartGateway
from tests.fixtures.processes import stop, wait_until
from tests.fixtures.providers import openai
from tests.fixtures.providers.server import ProviderServer
from tests.integration.llm_gateway.conftest import HELLO, Rows, Usage

PRICES = """{
    "slow": {"input": 1000, "output": 2000, "max_output": 50},
    "cut": {"input": 1000, "output": 2000, "max_output": 50},
    "gpt-4o-mini": {"input": 1000, "output": 2000, "max_output": 50}
}"""
SLOW = {**HELLO, "model": "slow"}
WITH_BUDGET = {**SLOW, "metadata": {"budgets": [{"scope": "task", "id": "t", "limit_usd": 1}]}}
Launch = Callable[..., GatewayProcess]


@pytest.fixture
def launch(start_gateway: StartGateway, openai_server: ProviderServer) -> Launch:
    def begin(*, lease: float = 120, **settings: str) -> GatewayProcess:
        return start_gateway(
            OPENAI_API_BASE=openai_server.url,
            OPENAI_API_KEY=openai.KEY,
            NOVA_MODEL_PRICES=PRICES,
            NOVA_RESERVATION_SECONDS=str(lease),
            **settings,
        )

    return begin


@contextmanager
def begun(gateway: GatewayProcess, body: dict[str, Any], step: str) -> Iterator[Iterator[str]]:
    """A streamed call whose first piece has come."""
    headers = gateway.service(step_id=step, task_id=str(uuid4()))
    with (
        httpx.Client(headers=headers, timeout=60) as client,
        client.stream("POST", f"{gateway.url}/stream", json=body) as response,
    ):
        lines = response.iter_lines()
        assert "delta" in next(lines)
        yield lines


def kill(gateway: GatewayProcess) -> None:
    os.kill(gateway.process.pid, signal.SIGKILL)
    stop(gateway.process)


def budget_of(rows: Rows) -> tuple[Decimal, Decimal]:
    """Spent and reserved."""
    (budget,) = rows("SELECT spent_usd, reserved_usd FROM budgets")
    return budget["spent_usd"], budget["reserved_usd"]


class TestKilled:
    def test_a_dispatched_call_is_charged_at_its_worst_case(
        self, launch: Launch, rows: Rows, usage: Usage
    ) -> None:
        first = launch()
        with begun(first, WITH_BUDGET, "step-1") as lines:
            spent, reserved = budget_of(rows)
            assert spent == 0
            assert reserved > Decimal("0.1")
            kill(first)
            with pytest.raises(httpx.RemoteProtocolError):
                list(lines)
        launch()  # the next boot on the same host needs to wait for no lease
        (row,) = usage(1)
        assert (row["step_id"], row["status"], row["estimated"]) == ("step-1", "lost", True)
        assert row["cost_usd"] == reserved
        assert row["task_id"] is not None
        assert budget_of(rows) == (reserved, 0)
        assert [r["state"] for r in rows("SELECT state FROM budget_reservations")] == ["lost"]
        assert rows("SELECT * FROM open_calls") == []

    def test_a_call_without_a_budget_leaves_its_usage_too(
        self, launch: Launch, usage: Usage
    ) -> None:
        first = launch()
        with begun(first, SLOW, "step-1"):
            kill(first)
        launch()
        (row,) = usage(1)
        assert (row["status"], row["provider"], row["model"]) == ("lost", "openai", "slow")
        assert row["cost_usd"] > Decimal("0.1")

    @pytest.mark.parametrize(
        ("point", "state"), [("call-reserved", "freed"), ("call-dispatched", "lost")]
    )
    def test_only_what_was_dispatched_is_charged(
        self, launch: Launch, rows: Rows, point: str, state: str
    ) -> None:
        first = launch(NOVA_FAILPOINT=point)
        with pytest.raises(httpx.TransportError):
            httpx.post(
                f"{first.url}/complete", headers=first.service(), json=WITH_BUDGET, timeout=30
            )
        stop(first.process)
        assert budget_of(rows)[1] > 0
        launch()
        wait_until(lambda: budget_of(rows)[1] == 0, what="the end of the reservation")
        assert (budget_of(rows)[0] > 0) is (state == "lost")
        assert [r["state"] for r in rows("SELECT state FROM budget_reservations")] == [state]
        statuses = [row["status"] for row in rows("SELECT status FROM usage_events")]
        assert statuses == (["lost"] if state == "lost" else [])

    def test_another_host_waits_for_the_lease(self, launch: Launch, rows: Rows) -> None:
        first = launch(lease=2, NOVA_PROCESS_NAME="gateway-a")
        second = launch(lease=2, NOVA_PROCESS_NAME="gateway-b")
        with begun(first, WITH_BUDGET, "step-1"):
            kill(first)
        assert budget_of(rows)[1] > 0
        wait_until(lambda: budget_of(rows)[1] == 0, what="the end of the reservation")
        assert budget_of(rows)[0] > 0
        assert second.process.poll() is None


class TestStopped:
    def test_who_comes_back_puts_the_charge_right(
        self, launch: Launch, rows: Rows, usage: Usage
    ) -> None:
        """A gateway that only stood still knows what its call has cost after all."""
        first = launch(lease=1, NOVA_PROCESS_NAME="gateway-a")
        with begun(first, WITH_BUDGET, "step-1") as lines:
            reserved = budget_of(rows)[1]
            pid = first.process.pid
            os.kill(pid, signal.SIGSTOP)
            try:
                launch(lease=1, NOVA_PROCESS_NAME="gateway-b")
                wait_until(lambda: budget_of(rows) == (reserved, 0), what="the worst case")
                assert usage(1)[0]["status"] == "lost"
            finally:
                os.kill(pid, signal.SIGCONT)
            assert list(lines)[-2:] == ["data: [DONE]", ""]
        (row,) = usage(1)
        assert (row["status"], row["estimated"]) == ("ok", False)
        assert row["cost_usd"] < reserved
        wait_until(lambda: budget_of(rows) == (row["cost_usd"], 0), what="what it has cost")


class TestRunning:
    def test_a_long_call_is_kept(self, launch: Launch, rows: Rows) -> None:
        with begun(launch(lease=1), WITH_BUDGET, "step-1"):
            (call,) = rows("SELECT lease_until FROM open_calls")
            wait_until(
                lambda: rows(
                    "SELECT 1 FROM open_calls WHERE lease_until > $1::timestamptz + interval '2 s'",
                    call["lease_until"],
                ),
                what="the lease to be pushed on twice",
            )
        assert rows("SELECT * FROM usage_events WHERE status = 'lost'") == []


def test_a_reply_that_the_connection_lost_is_charged_at_its_worst_case(
    launch: Launch, rows: Rows, usage: Usage
) -> None:
    gateway = launch()
    body = {**WITH_BUDGET, "model": "cut"}
    answer = httpx.post(f"{gateway.url}/complete", headers=gateway.service(), json=body)
    assert answer.status_code == 502
    (row,) = usage(1)
    assert (row["status"], row["estimated"], row["output_tokens"]) == ("error", True, 50)
    assert budget_of(rows) == (row["cost_usd"], 0)
