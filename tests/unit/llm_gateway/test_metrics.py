"""Metrics of calls: what is counted, and that invented names make no series."""

from decimal import Decimal
from typing import Any

from prometheus_client import REGISTRY

from services.llm_gateway.metrics import CallMetrics


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def end(metrics: CallMetrics, provider: str, model: str, **changes: Any) -> None:
    given: dict[str, Any] = {
        "asked": provider,
        "kind": "chat",
        "status": "ok",
        "tokens": (5, 3, 2, 1),
        "cost": Decimal("0.5"),
        "seconds": 1.5,
        "first_seconds": 0.2,
    }
    metrics.began(provider)
    metrics.ended(provider, model, **{**given, **changes})


class TestCallMetrics:
    def test_a_call_is_counted(self) -> None:
        metrics = CallMetrics()
        end(metrics, "p1", "m")
        end(metrics, "p1", "m", status="error", cost=None)
        assert value("nova_llm_requests_total", provider="p1", model="m", status="ok") == 1
        assert value("nova_llm_requests_total", provider="p1", model="m", status="error") == 1
        for kind, number in (("input", 10), ("output", 6), ("cached", 4), ("cache_write", 2)):
            assert value("nova_llm_tokens_total", provider="p1", model="m", kind=kind) == number
        assert value("nova_llm_cost_usd_total", provider="p1", model="m") == 0.5
        assert value("nova_llm_unpriced_calls_total", provider="p1", model="m") == 1
        assert value("nova_llm_in_flight", provider="p1") == 0
        assert value("nova_llm_duration_seconds_count", provider="p1", kind="chat") == 2
        assert value("nova_llm_time_to_first_token_seconds_sum", provider="p1") == 0.4

    def test_what_runs_now(self) -> None:
        metrics = CallMetrics()
        metrics.began("p2")
        assert value("nova_llm_in_flight", provider="p2") == 1

    def test_names_that_never_answered_are_one_series(self) -> None:
        metrics = CallMetrics()
        for number in range(50):
            end(metrics, "p3", f"invented-{number}", status="error")
        assert value("nova_llm_requests_total", provider="p3", model="other", status="error") == 50
        end(metrics, "p3", "x" * 10_000)
        assert value("nova_llm_requests_total", provider="p3", model="other", status="ok") == 1

    def test_a_server_that_answers_to_any_name_makes_so_many_series(self) -> None:
        metrics = CallMetrics()
        for number in range(700):
            end(metrics, "p4", f"any-{number}")
        assert len(metrics._series) <= 501
        assert value("nova_llm_requests_total", provider="p4", model="other", status="ok") >= 199
