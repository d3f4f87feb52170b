"""The audit log over HTTP."""

import asyncpg
import pytest

from tests.fixtures.orchestrator import Orchestrator

AUDIT = "/api/v1/audit"


class TestList:
    async def test_newest_first_with_the_request_that_did_it(
        self, orchestrator: Orchestrator
    ) -> None:
        for name in ("one", "two"):
            await orchestrator.admin.post(
                "/api/v1/pods", json={"name": name}, headers={"X-Request-ID": f"request-{name}"}
            )
        answer = await orchestrator.admin.get(AUDIT, params={"action": "pod.created", "limit": 1})
        (entry,) = answer.json()
        assert answer.headers["X-Total-Count"] == "2"
        assert entry["detail"] == {"name": "two"}
        assert (entry["actor"], entry["request_id"]) == ("admin", "request-two")

    async def test_what_failed_leaves_no_entry(self, orchestrator: Orchestrator) -> None:
        await orchestrator.admin.post("/api/v1/pods", json={"name": "Quartet"})
        assert await orchestrator.audit("pod.created") == []

    async def test_it_needs_the_administrator(self, orchestrator: Orchestrator) -> None:
        assert (await orchestrator.anonymous.get(AUDIT)).status_code == 401

    async def test_filters_take_any_text(self, orchestrator: Orchestrator) -> None:
        for value in ("ü😀", "' OR 1=1", "%"):
            answer = await orchestrator.admin.get(AUDIT, params={"actor": value})
            assert answer.json() == []
        assert (await orchestrator.admin.get(f"{AUDIT}?actor=%00")).status_code == 422


class TestAppendOnly:
    @pytest.mark.parametrize("sql", ["DELETE FROM audit_log", "UPDATE audit_log SET actor = 'x'"])
    async def test_nothing_is_ever_changed(self, orchestrator: Orchestrator, sql: str) -> None:
        async with orchestrator.database.connection() as connection:
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(sql)
