"""Agents that ask each other in a whole Nova, while processes are killed."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.nova import Nova
from tests.fixtures.processes import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

_WORDS = [f"word{number}" for number in range(30)]
_MESSAGE = {"agent": "Helper", "message": "slowly count"}
_SCRIPT = [
    {
        "match": "^ask the helper",
        "tool_calls": [{"name": "send_message_to_agent", "arguments": _MESSAGE}],
    },
    {"match": "^ask the helper", "turn": 1, "reply": "The helper has counted."},
    {"match": "^slowly", "reply": " ".join(_WORDS), "chunk_delay_ms": 100},
]
V1 = "/api/v1"


@pytest.fixture(scope="module")
def linked_nova(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nova]:
    folder = tmp_path_factory.mktemp("links")
    script = folder / "script.json"
    script.write_text(json.dumps(_SCRIPT))
    instance = Nova(folder / "home", {"NOVA_OFFLINE_SCRIPT": str(script)}, seconds=90)
    try:
        instance.wait_until_ready()
        call(instance, "POST", f"{V1}/agents", json={"config": {"name": "Helper"}})
        yield instance
    finally:
        instance.stop()


def call(nova: Nova, method: str, path: str, **options: Any) -> Any:
    """The answer, or None while the orchestrator is on its way back."""
    url = nova.url("orchestrator", path)
    try:
        answer = httpx.request(method, url, headers=nova.admin_headers, timeout=20, **options)
    except httpx.TransportError:
        return None
    return answer.json() if answer.is_success else None


def agents(nova: Nova) -> dict[str, dict[str, Any]]:
    return {agent["config"]["name"]: agent for agent in call(nova, "GET", f"{V1}/agents")}


def waiting_task(nova: Nova) -> tuple[str, str]:
    """A task that waits for the helper, and the helper's task, which runs."""
    body = {
        "agent_id": agents(nova)["Nova"]["id"],
        "messages": [{"role": "user", "content": "ask the helper"}],
    }
    task_id: str = call(nova, "POST", f"{V1}/tasks", json=body)["task_id"]
    children: list[str] = []

    def runs() -> bool:
        waits = call(nova, "GET", f"{V1}/tasks/{task_id}")["waiting_for"]
        children[:] = [one["task_id"] for one in waits if one["status"] == "task_running"]
        return bool(children)

    wait_until(runs, what="the helper to work", seconds=30)
    return task_id, children[0]


def status(nova: Nova, task_id: str) -> str | None:
    task = call(nova, "GET", f"{V1}/tasks/{task_id}")
    return None if task is None else task["status"]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", ["chat-worker", "orchestrator", "redis", "postgres"])
def test_who_waits_hears_the_answer_whatever_is_killed(linked_nova: Nova, name: str) -> None:
    task_id, child_id = waiting_task(linked_nova)
    both = agents(linked_nova)
    assert [both[agent]["status"] for agent in ("Nova", "Helper")] == ["running", "running"]
    since = linked_nova.kill(name)
    linked_nova.wait_until_back(name, since=since)
    wait_until(
        lambda: status(linked_nova, task_id) in {"completed", "failed"}, what="the end", seconds=60
    )
    task = call(linked_nova, "GET", f"{V1}/tasks/{task_id}")
    assert (task["status"], task["response"]) == ("completed", "The helper has counted.")
    assert [made["ok"] for made in task["tool_calls"]] == [True]
    child = call(linked_nova, "GET", f"{V1}/tasks/{child_id}")
    assert (child["status"], child["response"]) == ("completed", " ".join(_WORDS))
    both = agents(linked_nova)
    assert [both[agent]["status"] for agent in ("Nova", "Helper")] == ["idle", "idle"]


def test_a_cancel_reaches_the_child(linked_nova: Nova) -> None:
    task_id, child_id = waiting_task(linked_nova)
    started = time.monotonic()
    call(linked_nova, "POST", f"{V1}/tasks/{task_id}/cancel")
    wait_until(lambda: status(linked_nova, child_id) == "failed", what="its end", seconds=10)
    print(f"the child had ended {time.monotonic() - started:.2f} s after the cancel")
    assert call(linked_nova, "GET", f"{V1}/tasks/{child_id}")["error"] == "cancelled"
