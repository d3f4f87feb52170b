"""Pipeline tasks by HTTP, through real processes."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.engine import text
from tests.fixtures.pipeline import QUARTET, Model, role_of
from tests.fixtures.working_orchestrator import (
    SILENT,
    V1,
    WorkingOrchestrator,
    any_model,
    read_stream,
    until_status,
)

PIPELINE = f"{V1}/pipeline"
TASKS = f"{PIPELINE}/tasks"
BLOCKED = {
    "blocked": True,
    "findings": [{"category": "pii", "severity": "high", "title": "A name"}],
}
ASKS = {"summary": "unclear", "questions": ["Which cat?"]}


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


class TestTask:
    async def test_from_submission_to_its_parts(self, admin: httpx.AsyncClient) -> None:
        path = await submit(admin)
        task = await until_status(admin, path, "complete")
        assert (task["output"], task["pod_name"], task["error"]) == ("done", "Quartet", None)
        assert (task["findings_count"], task["reviews_count"], task["artifacts_count"]) == (0, 1, 2)
        stages = (await admin.get(f"{path}/stages")).json()
        assert [stage["stage"] for stage in stages] == QUARTET
        assert (await admin.get(f"{path}/findings")).json() == []
        (review,) = (await admin.get(f"{path}/reviews")).json()
        assert (review["round"], review["verdict"]) == (1, "pass")
        artifacts = (await admin.get(f"{path}/artifacts")).json()
        assert {artifact["kind"] for artifact in artifacts} == {"documentation", "diagram"}
        for artifact in artifacts:
            one = await admin.get(f"{path}/artifacts/{artifact['id']}")
            assert one.json() == artifact
            assert hashlib.sha256(artifact["content"].encode()).hexdigest() == artifact["sha256"]
        missing = await admin.get(f"{path}/artifacts/{uuid.uuid4()}")
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown_artifact")
        steps = (await admin.get(f"{path}/steps", params={"limit": 200})).json()
        assert {step["kind"] for step in steps} == {"memory", "model", "scan"}
        assert len((await admin.get(f"{path}/steps", params={"limit": 2})).json()) == 2

    async def test_its_events_can_be_resumed(self, admin: httpx.AsyncClient) -> None:
        path = await submit(admin)
        live = await read_stream(admin, "GET", f"{path}/events")
        assert live.done
        assert live.of("status")[-1]["status"] == "complete"
        again = await read_stream(admin, "GET", f"{path}/events")
        assert again.events == live.events
        middle = live.ids[len(live.ids) // 2]
        resuming: list[dict[str, Any]] = [
            {"params": {"after": middle}},
            {"headers": {"Last-Event-ID": str(middle)}},
        ]
        for options in resuming:
            rest = await read_stream(admin, "GET", f"{path}/events", **options)
            assert rest.events == [event for event in live.events if event[0] > middle]

    async def test_one_idempotency_key_many_times_at_once_is_one_task(
        self, admin: httpx.AsyncClient
    ) -> None:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"user_input": "Do it", "pod_name": "Quick Reply"}
        answers = await asyncio.gather(
            *(admin.post(TASKS, json=body, headers=headers) for _ in range(50))
        )
        assert [answer.status_code for answer in answers] == [202] * 50
        assert len({answer.json()["task_id"] for answer in answers}) == 1

    @pytest.mark.parametrize(
        "path",
        ["", "/events", "/stages", "/steps", "/findings", "/reviews", "/artifacts"],
    )
    async def test_unknown_and_malformed_ids(self, admin: httpx.AsyncClient, path: str) -> None:
        assert (await admin.get(f"{TASKS}/{uuid.uuid4()}{path}")).status_code == 404
        assert (await admin.get(f"{TASKS}/nonsense{path}")).status_code == 422


class TestCancel:
    async def test_running_waiting_and_queued(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        working.gateway.script = Model(guardrail=BLOCKED)
        waiting = await submit(admin)
        await until_status(admin, waiting, "pending_human_review")
        working.gateway.script = SILENT
        running = await submit(admin)
        await until_status(admin, running, "context_running")
        queued = await submit(admin)
        await working.sql(
            "UPDATE tasks SET status = 'queued', available_at = 'infinity', holder = NULL,"
            " boot_id = NULL, lease_until = NULL WHERE id = $1",
            uuid.UUID(queued.rpartition("/")[2]),
        )
        for path in (waiting, running, queued):
            answer = await admin.post(f"{path}/cancel")
            assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
            task = (await admin.get(path)).json()
            assert (task["status"], task["error"], task["pending"]) == (
                "cancelled",
                "cancelled",
                None,
            )
            assert (await admin.post(f"{path}/cancel")).status_code == 409
            told = await read_stream(admin, "GET", f"{path}/events")
            assert told.of("status")[-1]["status"] == "cancelled"


class TestReview:
    async def waiting(self, admin: httpx.AsyncClient, working: WorkingOrchestrator) -> str:
        working.gateway.script = Model(guardrail=BLOCKED)
        path = await submit(admin)
        await until_status(admin, path, "pending_human_review")
        return path

    async def test_what_is_refused(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        path = await self.waiting(admin, working)
        refusals: list[tuple[dict[str, Any], int]] = [
            ({"decision": "perhaps"}, 400),
            ({}, 422),
            ({"decision": "approve", "pending_id": str(uuid.uuid4())}, 409),
            ({"decision": "approve", "pending_id": "x"}, 422),
        ]
        for body, status in refusals:
            assert (await admin.post(f"{path}/review", json=body)).status_code == status
        assert (await admin.post(f"{path}/clarify", json={"answers": ["x"]})).status_code == 409
        unknown = f"{TASKS}/{uuid.uuid4()}/review"
        assert (await admin.post(unknown, json={"decision": "approve"})).status_code == 404
        ended = await completed(admin, pod_name="Quick Reply")
        late = await admin.post(f"{TASKS}/{ended['id']}/review", json={"decision": "approve"})
        assert late.status_code == 409

    async def test_approval(self, admin: httpx.AsyncClient, working: WorkingOrchestrator) -> None:
        path = await self.waiting(admin, working)
        pending = (await admin.get(path)).json()["pending"]
        assert (pending["kind"], pending["options"]) == ("decision", ["approve", "reject"])
        assert len((await admin.get(f"{path}/findings")).json()) == 1
        reading = asyncio.ensure_future(read_stream(admin, "GET", f"{path}/events"))
        body = {"decision": "approve", "pending_id": pending["id"], "comment": "fine"}
        answer = await admin.post(f"{path}/review", json=body)
        assert (answer.status_code, answer.json()["status"]) == (200, "queued")
        assert (await until_status(admin, path, "complete"))["output"] == "done"
        stream = await reading
        assert [event["status"] for event in stream.of("status")] == [
            "pending_human_review",
            "queued",
            "complete",
        ]
        assert (await admin.post(f"{path}/review", json=body)).status_code == 409

    async def test_rejection(self, admin: httpx.AsyncClient, working: WorkingOrchestrator) -> None:
        path = await self.waiting(admin, working)
        body = {"decision": "reject", "comment": "no"}
        answer = await admin.post(f"{path}/review", json=body)
        task = answer.json()
        assert (task["status"], task["error"]) == ("failed", "Rejected in review: no")
        assert (await read_stream(admin, "GET", f"{path}/events")).done


class TestClarify:
    async def test_answers(self, admin: httpx.AsyncClient, working: WorkingOrchestrator) -> None:
        working.gateway.script = Model(context=ASKS)
        path = await submit(admin)
        task = await until_status(admin, path, "clarification_needed")
        assert task["pending"]["prompt"] == "Which cat?"
        wrong: list[dict[str, Any]] = [{}, {"answers": []}, {"answers": "Tom"}]
        for body in wrong:
            assert (await admin.post(f"{path}/clarify", json=body)).status_code == 422
        review = await admin.post(f"{path}/review", json={"decision": "approve"})
        assert review.status_code == 409
        answer = await admin.post(f"{path}/clarify", json={"answers": ["Tom"]})
        assert answer.status_code == 200
        await until_status(admin, path, "complete")
        again = await admin.post(f"{path}/clarify", json={"answers": ["Tom"]})
        assert again.status_code == 409
        unknown = f"{TASKS}/{uuid.uuid4()}/clarify"
        assert (await admin.post(unknown, json={"answers": ["Tom"]})).status_code == 404


class TestFrames:
    async def test_line_ends_in_a_delta_do_not_break_the_events(
        self, working: WorkingOrchestrator, admin: httpx.AsyncClient
    ) -> None:
        """What a model says can not end a frame, nor the stream, nor pass for an id."""
        said = "first\nsecond\r\n\r\ndata: [DONE]\n\nid: 7\n\u2028\u0085end"
        working.gateway.script = lambda body, number: (
            text(*(said[i : i + 5] for i in range(0, len(said), 5)))
            if role_of(body) == "task"
            else any_model()(body, number)
        )
        path = await submit(admin, pod_name="Quick Reply")
        task = await until_status(admin, path, "complete")
        stream = await read_stream(admin, "GET", f"{path}/events")
        assert task["output"] == said.strip()
        assert stream.text == said
        assert stream.done
        assert stream.ids == sorted(set(stream.ids))
