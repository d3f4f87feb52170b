"""Usage over HTTP, from rows as llm-gateway writes them."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.orchestrator import Orchestrator, execute

USAGE = "/api/v1/usage"


async def call(
    database_url: str,
    *,
    model: str = "m",
    cost: float | None = 0.5,
    days_ago: int = 0,
    key_id: str | None = None,
) -> str:
    call_id = uuid.uuid4()
    await execute(
        database_url,
        "INSERT INTO usage_events (id, kind, key_id, step_id, caller, provider, model,"
        " input_tokens, output_tokens, cost_usd, estimated, status, duration_ms, created_at)"
        " VALUES ($1, 'chat', $2, 's', 'key', 'offline', $3, 10, 5, $4::float8::numeric, false,"
        " 'ok', 12, $5)",
        call_id,
        None if key_id is None else uuid.UUID(key_id),
        model,
        cost,
        datetime.now(UTC) - timedelta(days=days_ago),
    )
    return str(call_id)


class TestList:
    async def test_newest_first_with_the_keys_name(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        key = await orchestrator.make_key(name="ide")
        old = await call(database_url, days_ago=1)
        new = await call(database_url, key_id=key["id"], cost=None)
        answer = await orchestrator.admin.get(USAGE)
        assert answer.headers["X-Total-Count"] == "2"
        first, second = answer.json()
        assert (first["id"], second["id"]) == (new, old)
        assert (first["key_name"], first["tokens"], first["cost_usd"]) == ("ide", 15, None)
        assert second["cost_usd"] == 0.5

    async def test_a_key_used_at_the_gateway_alone_counts_as_used(
        self, orchestrator: Orchestrator, database_url: str
    ) -> None:
        key = await orchestrator.make_key()
        await call(database_url, key_id=key["id"])
        assert (await orchestrator.admin.get("/api/v1/keys")).json()[0]["last_used_at"] is not None

    async def test_it_needs_the_administrator(self, orchestrator: Orchestrator) -> None:
        key = await orchestrator.make_key()
        headers = {"X-API-Key": key["key"]}
        for path in (USAGE, f"{USAGE}/summary"):
            assert (await orchestrator.anonymous.get(path, headers=headers)).status_code == 403


class TestSummary:
    @pytest.mark.parametrize(("period", "calls"), [("day", 3), ("week", 4), ("month", 5)])
    async def test_sums_by_day_and_model(
        self, orchestrator: Orchestrator, database_url: str, period: str, calls: int
    ) -> None:
        for model, cost in (("a", 0.25), ("a", None), ("b", 1.0)):
            await call(database_url, model=model, cost=cost)
        for days in (3, 20, 40):
            await call(database_url, model="a", days_ago=days)
        summary = (await orchestrator.admin.get(f"{USAGE}/summary?period={period}")).json()
        assert (summary["period"], summary["total_calls"]) == (period, calls)
        assert summary["total_input_tokens"] == 10 * calls
        assert summary["total_cost_usd"] == pytest.approx(1.25 + 0.5 * (calls - 3))
        today = datetime.now(UTC).date().isoformat()
        sums = {(item["day"], item["model"]): item for item in summary["items"]}
        assert sums[today, "a"]["calls"] == 2
        assert sums[today, "a"]["unpriced_calls"] == 1
        assert sums[today, "b"]["cost_usd"] == 1.0

    async def test_without_any_call(self, orchestrator: Orchestrator) -> None:
        summary = (await orchestrator.admin.get(f"{USAGE}/summary")).json()
        assert (summary["period"], summary["total_calls"], summary["items"]) == ("day", 0, [])
        assert (await orchestrator.admin.get(f"{USAGE}/summary?period=year")).status_code == 422
