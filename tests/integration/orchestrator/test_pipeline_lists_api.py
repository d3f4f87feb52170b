"""Lists of pipeline tasks, their deletion, and dead letters, by HTTP, through real processes."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.pipeline import Model
from tests.fixtures.working_orchestrator import (
    SILENT,
    V1,
    WorkingOrchestrator,
    read_stream,
    until_status,
)

PIPELINE = f"{V1}/pipeline"
TASKS = f"{PIPELINE}/tasks"
BLOCKED = {
    "blocked": True,
    "findings": [{"category": "pii", "severity": "high", "title": "A name"}],
}


@pytest.fixture
async def admin(working: WorkingOrchestrator) -> AsyncIterator[httpx.AsyncClient]:
    async with working.client() as client:
        yield client


async def submit(client: httpx.AsyncClient, **fields: Any) -> str:
    """The new task's path."""
    body = {"user_input": "Do it", "pod_name": "Quartet", **fields}
    answer = await client.post(TASKS, json=body)
    assert answer.status_code == 202, answer.text
    return f"{TASKS}/{answer.json()['task_id']}"


async def completed(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    return await until_status(client, await submit(client, **fields), "complete")


class TestLists:
    async def test_filters_and_counts(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        goal = str(uuid.uuid4())
        paths = [await submit(admin, goal_id=goal, pod_name="Quick Reply") for _ in range(3)]
        for path in paths:
            await until_status(admin, path, "complete")
        working.gateway.script = Model(guardrail=BLOCKED)
        other = await submit(admin, goal_id=goal)
        waiting = await until_status(admin, other, "pending_human_review")

        async def listed(**params: Any) -> tuple[list[str], int]:
            answer = await admin.get(TASKS, params={"goal_id": goal, **params})
            assert answer.status_code == 200, answer.text
            ids = [f"{TASKS}/{task['id']}" for task in answer.json()]
            return ids, int(answer.headers["x-total-count"])

        newest_first = [other, *paths[::-1]]
        assert await listed() == (newest_first, 4)
        assert await listed(limit=2, offset=1) == (newest_first[1:3], 4)
        assert await listed(status="complete") == (paths[::-1], 3)
        assert await listed(status="complete,pending_human_review") == (newest_first, 4)
        assert await listed(status="running") == ([], 0)
        assert await listed(pod_id=waiting["pod_id"]) == ([other], 1)
        assert await listed(pod_id=str(uuid.uuid4())) == ([], 0)
        wrong = {"status": "happy", "pod_id": "x", "limit": "0"}
        statuses = [
            (await admin.get(TASKS, params={name: value})).status_code
            for name, value in wrong.items()
        ]
        assert statuses == [400, 422, 422]

    async def test_queue_stats(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        working.gateway.script = SILENT
        path = await submit(admin)
        await until_status(admin, path, "context_running")
        stats = (await admin.get(f"{PIPELINE}/queue-stats")).json()
        assert stats["running"] == 1
        await admin.post(f"{path}/cancel")


class TestDelete:
    async def test_one_once_it_has_ended(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        working.gateway.script = SILENT
        path = await submit(admin)
        assert (await admin.delete(path)).status_code == 409
        await admin.post(f"{path}/cancel")
        assert (await admin.delete(path)).status_code == 204
        assert (await admin.delete(path)).status_code == 404
        assert (await admin.get(f"{path}/events")).status_code == 404

    async def test_only_by_the_administrator(self, working: WorkingOrchestrator) -> None:
        async with working.client(await working.make_key()) as client:
            assert (await client.delete(f"{TASKS}/{uuid.uuid4()}")).status_code == 403
            assert (await client.delete(TASKS)).status_code == 403

    async def test_many(self, admin: httpx.AsyncClient, working: WorkingOrchestrator) -> None:
        kept = await completed(admin, pod_name="Quick Reply")
        working.gateway.script = Model(guardrail=BLOCKED)
        waiting = await submit(admin)
        await until_status(admin, waiting, "pending_human_review")
        refused = await admin.delete(TASKS, params={"status": "complete,queued"})
        assert (refused.status_code, refused.json()["code"]) == (400, "not_terminal")
        assert (await admin.get(f"{TASKS}/{kept['id']}")).status_code == 200
        answer = await admin.delete(TASKS, params={"status": "complete"})
        assert answer.status_code == 200
        assert answer.json()["statuses"] == ["complete"]
        assert answer.json()["deleted"] >= 1
        assert (await admin.get(f"{TASKS}/{kept['id']}")).status_code == 404
        assert (await admin.get(waiting)).status_code == 200
        await admin.post(f"{waiting}/cancel")
        await admin.delete(TASKS)
        left = await admin.get(TASKS, params={"status": "complete,failed,cancelled"})
        assert left.json() == []


class TestDeadLetters:
    async def test_listed_and_tried_again(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        """Its worker is lost once too often; then a person has it tried again."""
        working.gateway.script = SILENT
        path = await submit(admin)
        task_id = path.rpartition("/")[2]
        await until_status(admin, path, "context_running")
        await working.sql("UPDATE tasks SET retry_count = max_retries WHERE holder IS NOT NULL")
        await working.sql(
            "UPDATE tasks SET holder = 'gone', boot_id = $1,"
            " lease_until = clock_timestamp() - interval '1 hour' WHERE holder IS NOT NULL",
            uuid.uuid4(),
        )
        task = await until_status(admin, path, "failed")
        assert "gave up after 6 tries" in task["error"]
        dead = await admin.get(f"{PIPELINE}/dead-letter")
        assert [letter["id"] for letter in dead.json()] == [task_id]
        assert dead.headers["x-total-count"] == "1"
        assert dead.json()[0]["error"] == task["error"]
        stats = (await admin.get(f"{PIPELINE}/queue-stats")).json()
        assert stats["dead_letter_depth"] == 1

        working.gateway.script = Model(guardrail=BLOCKED)
        answer = await admin.post(f"{PIPELINE}/dead-letter/{task_id}/retry")
        assert (answer.status_code, answer.json()["status"]) == (200, "queued")
        await until_status(admin, path, "pending_human_review")
        # Who reads from the start is not sent away at the first end.
        reading = asyncio.ensure_future(read_stream(admin, "GET", f"{path}/events"))
        await admin.post(f"{path}/review", json={"decision": "approve"})
        await until_status(admin, path, "complete")
        stream = await reading
        assert [event["status"] for event in stream.of("status")] == [
            "failed",
            "queued",
            "pending_human_review",
            "queued",
            "complete",
        ]
        assert (await admin.get(f"{PIPELINE}/dead-letter")).json() == []
        again = await admin.post(f"{PIPELINE}/dead-letter/{task_id}/retry")
        assert again.status_code == 404

    async def test_what_is_refused(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        path = f"{PIPELINE}/dead-letter"
        assert (await admin.post(f"{path}/{uuid.uuid4()}/retry")).status_code == 404
        assert (await admin.post(f"{path}/nonsense/retry")).status_code == 422
        async with working.client(await working.make_key()) as client:
            assert (await client.get(path)).status_code == 403
            assert (await client.post(f"{path}/{uuid.uuid4()}/retry")).status_code == 403
