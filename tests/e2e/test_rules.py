"""Rules on a whole Nova: a call is blocked, noted, or waits for a person through a killed worker."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.fixtures.nova import Nova
from tests.fixtures.processes import wait_until

pytestmark = pytest.mark.e2e


class Caller:
    def __init__(self, nova: Nova) -> None:
        self._nova = nova

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method,
            self._nova.url("orchestrator", f"/api/v1{path}"),
            json=body,
            headers=self._nova.admin_headers,
            timeout=30,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def submit(self, text: str) -> str:
        body = {"user_input": text, "pod_name": "Quick Reply"}
        return self.call("POST", "/pipeline/tasks", body)["task_id"]

    def settled(self, task_id: str) -> dict[str, Any]:
        """The task once it has ended or waits for a person."""
        found: dict[str, Any] = {}

        def settled() -> bool:
            found.update(self.call("GET", f"/pipeline/tasks/{task_id}"))
            return found["status"] in {"complete", "failed", "pending_human_review"}

        wait_until(settled, what="the task to end or wait", seconds=60)
        return found

    @contextmanager
    def rule(self, **fields: Any) -> Iterator[None]:
        rule = self.call("POST", "/rules", {"rule_text": "Ask first.", **fields})
        yield
        self.call("DELETE", f"/rules/{rule['id']}")


@pytest.fixture
def caller(nova: Nova) -> Caller:
    return Caller(nova)


def test_a_call_is_blocked(nova: Nova, caller: Caller) -> None:
    folder = nova.workspace / f"keep-{uuid.uuid4().hex}"
    folder.mkdir()
    task = caller.settled(caller.submit(f"run `rm -r -f {folder.name}`"))
    assert folder.is_dir()
    assert "no-rm-rf" in f"{task['output']} {task['error']}"
    (finding,) = caller.call("GET", f"/pipeline/tasks/{task['id']}/findings")
    assert (finding["scanner"], finding["severity"]) == ("rule:no-rm-rf", "critical")


def test_a_call_is_noted(nova: Nova, caller: Caller) -> None:
    name = f"noted-{uuid.uuid4().hex}.txt"
    with caller.rule(name=name, pattern=name, action="warn"):
        task = caller.settled(caller.submit(f"run `echo once >> {name}`"))
    assert (nova.workspace / name).read_text() == "once\n"
    findings = caller.call("GET", f"/pipeline/tasks/{task['id']}/findings")
    assert [finding["scanner"] for finding in findings] == [f"rule:{name}"]


def test_a_call_waits_for_a_person_through_a_killed_worker(nova: Nova, caller: Caller) -> None:
    name = f"approved-{uuid.uuid4().hex}.txt"
    with caller.rule(name=name, pattern=name, action="require_approval"):
        task_id = caller.submit(f"run `echo once >> {name}`")
        task = caller.settled(task_id)
        assert (task["status"], task["pending"]["kind"]) == ("pending_human_review", "tool")
        assert not (nova.workspace / name).exists()
        nova.wait_until_back("worker", since=nova.kill("worker"))
        answer = {"decision": "approve", "pending_id": task["pending"]["id"]}
        caller.call("POST", f"/pipeline/tasks/{task_id}/review", answer)
        assert caller.settled(task_id)["status"] == "complete"
    assert (nova.workspace / name).read_text() == "once\n"
