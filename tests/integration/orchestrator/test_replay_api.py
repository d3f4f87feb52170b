"""Steps, replay and fork by HTTP, through real processes."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.pipeline import Model
from tests.fixtures.working_orchestrator import SILENT, V1, WorkingOrchestrator, until_status

TASKS = f"{V1}/pipeline/tasks"
STEPS = 11  # eight model calls, two of the memory, a scan


@pytest.fixture
async def admin(working: WorkingOrchestrator) -> AsyncIterator[httpx.AsyncClient]:
    working.gateway.script = Model()
    async with working.client() as client:
        yield client


async def submit(client: httpx.AsyncClient, **fields: Any) -> str:
    body = {"user_input": "Do it", "pod_name": "Quartet", **fields}
    answer = await client.post(TASKS, json=body)
    assert answer.status_code == 202, answer.text
    return f"{TASKS}/{answer.json()['task_id']}"


async def completed(client: httpx.AsyncClient) -> str:
    path = await submit(client)
    await until_status(client, path, "complete")
    return path


async def steps(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{path}/steps", params=params)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["x-total-count"]) == STEPS
    return answer.json()


async def audited(client: httpx.AsyncClient, action: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{V1}/audit", params={"limit": 200})
    return [entry for entry in answer.json() if entry["action"] == action]


class TestSteps:
    async def test_in_their_order_page_by_page(self, admin: httpx.AsyncClient) -> None:
        path = await completed(admin)
        found = await steps(admin, path)
        assert [step["stage"] for step in found[:3]] == ["recall", "context", "task"]
        assert [step["step"] for step in found] == sorted(step["step"] for step in found)
        assert found[2]["request"]["messages"][0]["role"] == "system"
        assert found[2]["result"]["content"] == '{"output": "done"}'
        assert await steps(admin, path, limit=2, offset=1) == found[1:3]
        anywhere = path.replace("/pipeline", "")
        assert await steps(admin, anywhere) == found
        assert (await admin.get(f"{V1}/tasks/{uuid.uuid4()}/steps")).status_code == 404


class TestReplay:
    async def test_it_is_the_same_and_a_key_may(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        path = await completed(admin)
        asked = len(working.asked)
        async with working.client(await working.make_key()) as client:
            answer = await client.post(f"{path}/replay")
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "identical": True,
            "status": "complete",
            "output": "done",
            "error": None,
            "differences": [],
            "steps_replayed": STEPS,
            "steps_journalled": STEPS,
        }
        assert len(working.asked) == asked
        (entry,) = [
            one for one in await audited(admin, "task.replayed") if path.endswith(one["subject_id"])
        ]
        assert entry["detail"] == {"identical": True}

    async def test_a_changed_journal_is_seen(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        path = await completed(admin)
        await working.sql(
            """UPDATE task_steps SET result = result || '{"content": "{}"}'"""
            " WHERE task_id = $1 AND stage = 'context'",
            uuid.UUID(path.rpartition("/")[2]),
        )
        answer = (await admin.post(f"{path}/replay")).json()
        assert not answer["identical"]
        assert answer["differences"][0]["stage"] == "context" or answer["status"] == "interrupted"

    async def test_many_at_once_take_turns(self, admin: httpx.AsyncClient) -> None:
        path = await completed(admin)
        answers = await asyncio.gather(*(admin.post(f"{path}/replay") for _ in range(8)))
        assert [answer.json()["identical"] for answer in answers] == [True] * 8

    async def test_refusals(self, admin: httpx.AsyncClient, working: WorkingOrchestrator) -> None:
        assert (await admin.post(f"{TASKS}/{uuid.uuid4()}/replay")).status_code == 404
        assert (await admin.post(f"{TASKS}/nothing/replay")).status_code == 422
        working.gateway.script = SILENT
        path = await submit(admin)
        for action in ("replay", "fork"):
            answer = await admin.post(f"{path}/{action}", json={"from_step": 0})
            assert answer.status_code == 409, answer.text
        await admin.post(f"{path}/cancel")


class TestFork:
    async def test_it_goes_on_from_the_step(
        self, admin: httpx.AsyncClient, working: WorkingOrchestrator
    ) -> None:
        path = await completed(admin)
        step = next(one["step"] for one in await steps(admin, path) if one["stage"] == "task")
        working.gateway.script = Model(task={"output": "rhymed"})
        asked = len(working.asked)
        body = {"from_step": step, "changes": {"system_prompt": "Rhyme."}}
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answers = await asyncio.gather(
            *(admin.post(f"{path}/fork", json=body, headers=headers) for _ in range(3))
        )
        assert [answer.status_code for answer in answers] == [202] * 3, answers[0].text
        (forked,) = {answer.json()["task_id"] for answer in answers}
        assert answers[0].json()["forked_step"] == step
        task = await until_status(admin, f"{TASKS}/{forked}", "complete")
        assert (task["output"], task["forked_step"]) == ("rhymed", step)
        assert path.endswith(task["forked_from"])
        assert len(working.asked) == asked + 7
        again = (await admin.post(f"{TASKS}/{forked}/replay")).json()
        assert again["identical"], again
        (entry,) = [
            one for one in await audited(admin, "task.forked") if one["subject_id"] == forked
        ]
        assert entry["detail"]["step"] == step

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"from_step": 12345}, 404),
            ({"from_step": -1}, 422),
            ({"from_step": 2**70}, 422),
            ({}, 422),
            ({"from_step": 0, "changes": {"temperature": 9}}, 422),
            ({"from_step": 0, "changes": {"answer": "x"}}, 422),
            ({"from_step": 0, "changes": {"stage": "x"}}, 404),
            ({"from_step": 0, "changes": {"model": ""}}, 422),
        ],
    )
    async def test_refusals(
        self, admin: httpx.AsyncClient, body: dict[str, Any], status: int
    ) -> None:
        path = await completed(admin)
        answer = await admin.post(f"{path}/fork", json=body)
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"]
