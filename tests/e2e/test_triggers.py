"""Schedules and webhooks in a whole Nova: a slot and a delivery each become a task that ends well."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.orchestrator.webhooks.signatures import sign
from tests.fixtures.nova import Nova
from tests.fixtures.processes import wait_until

pytestmark = pytest.mark.e2e

V1 = "/api/v1"
_LATE_SECONDS = 10  # far more than a slot is late, for a machine that is busy with other tests


@pytest.fixture
def admin(nova: Nova) -> Iterator[httpx.Client]:
    """The administrator, through the dashboard's proxy as everybody outside comes."""
    headers = nova.admin_headers
    with httpx.Client(base_url=nova.url("dashboard"), headers=headers, timeout=30) as client:
        yield client


def ended(admin: httpx.Client, task_id: str) -> dict[str, Any]:
    """The task once it has ended; it is deleted, so that Nova is left as it was."""
    path = f"{V1}/pipeline/tasks/{task_id}"

    def done() -> dict[str, Any] | None:
        task = admin.get(path).raise_for_status().json()
        return task if task["status"] in {"complete", "failed", "cancelled"} else None

    task = wait_until(done, what="the task's end", seconds=60)
    admin.delete(path).raise_for_status()
    return task


def test_a_schedule_fires_at_its_time(admin: httpx.Client) -> None:
    at = time.time() + 1
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
    body = {"name": "e2e", "at": moment, "user_input": "count words", "pod_name": "Quick Reply"}
    made = admin.post(f"{V1}/schedules", json=body).raise_for_status().json()
    path = f"{V1}/schedules/{made['id']}"
    runs = wait_until(lambda: admin.get(f"{path}/runs").json(), what="the slot", seconds=30)
    assert time.time() < at + _LATE_SECONDS
    (run,) = runs
    assert run["slot"] == made["at"]
    assert ended(admin, run["task_id"])["status"] == "complete"
    again = admin.post(f"{path}/run").raise_for_status().json()
    assert ended(admin, again["task_id"])["status"] == "complete"
    assert admin.get(path).json()["next_run_at"] is None
    admin.delete(path).raise_for_status()


def test_a_webhook_through_the_dashboard(nova: Nova, admin: httpx.Client) -> None:
    body = {
        "name": "e2e",
        "template": "count words in {{payload.file}}",
        "pod_name": "Quick Reply",
    }
    made = admin.post(f"{V1}/webhooks", json=body).raise_for_status().json()
    content = b'{"file": "notes.txt"}'
    signed = {
        "X-Nova-Signature": sign(made["secret"], content, timestamp=int(time.time())),
        "Content-Type": "application/json",
    }
    with httpx.Client(base_url=nova.url("dashboard"), timeout=30) as stranger:
        sent = stranger.post(made["path"], content=content, headers=signed)
        assert sent.status_code == 202, sent.text
        again = stranger.post(made["path"], content=content, headers=signed)
        assert again.json() == {"task_id": sent.json()["task_id"], "duplicate": True}
        changed = stranger.post(made["path"], content=content + b" ", headers=signed)
        assert changed.status_code == 401
        # A page of another site can't deliver in a visitor's name, whatever it knows.
        foreign = {**signed, "Origin": "https://evil.example"}
        assert stranger.post(made["path"], content=content, headers=foreign).status_code == 403
    task = ended(admin, sent.json()["task_id"])
    assert task["status"] == "complete"
    assert '<payload path="file">notes.txt</payload>' in task["user_input"]
    admin.delete(f"{V1}/webhooks/{made['id']}").raise_for_status()
