"""Orchestrators killed with SIGKILL around the firing of a slot: it fires once all the same."""

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.orchestrator_process import (
    ADMIN_SECRET,
    OrchestratorProcess,
    running_orchestrator,
)
from tests.fixtures.processes import wait_until
from tests.fixtures.redis import RedisServer

SCHEDULES = "/api/v1/schedules"


def call(orchestrator: OrchestratorProcess, method: str, path: str, **options: Any) -> Any:
    headers = {"X-Admin-Secret": ADMIN_SECRET}
    answer = httpx.request(
        method, f"{orchestrator.url}{path}", headers=headers, timeout=30, **options
    )
    assert answer.is_success, answer.text
    return answer.json()


def due_in(orchestrator: OrchestratorProcess, seconds: float) -> str:
    """A new schedule's path; it fires once, that far from now."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + seconds))
    body = {"name": "s", "at": f"{moment}Z", "user_input": "Do it"}
    return f"{SCHEDULES}/{call(orchestrator, 'POST', SCHEDULES, json=body)['id']}"


def fired(orchestrator: OrchestratorProcess, path: str) -> list[str]:
    """The tasks of its slots so far."""
    runs = call(orchestrator, "GET", f"{path}/runs")
    return [run["task_id"] for run in runs if run["status"] == "submitted"]


@pytest.mark.parametrize("failpoint", ["schedule.before_commit", "schedule.after_commit"])
def test_killed_at_the_commit(
    failpoint: str, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    urls = {"database_url": database_url, "redis_url": redis_server.url}
    with running_orchestrator(tmp_path, **urls, NOVA_FAILPOINT=failpoint) as first:
        path = due_in(first, 0)
        wait_until(lambda: first.process.poll() is not None, what="the kill")
    with running_orchestrator(tmp_path, **urls) as second:
        (task,) = wait_until(lambda: fired(second, path), what="the slot's task")
        # When a later slot has fired, the earlier one has had every chance to fire again.
        later = due_in(second, 0)
        wait_until(lambda: fired(second, later), what="the later slot's task")
        assert fired(second, path) == [task]
        tasks = call(second, "GET", "/api/v1/pipeline/tasks")
        assert len(tasks) == 2


def test_two_at_once_of_which_one_is_killed(
    database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    urls = {"database_url": database_url, "redis_url": redis_server.url}
    homes = [tmp_path / "a", tmp_path / "b"]
    for home in homes:
        home.mkdir()
    with (
        running_orchestrator(homes[0], **urls) as first,
        running_orchestrator(homes[1], **urls) as second,
    ):
        paths = [due_in(first, 1.5) for _ in range(40)]
        wait_until(lambda: any(fired(second, path) for path in paths), what="the first", every=0.01)
        first.process.kill()
        wait_until(lambda: all(fired(second, path) for path in paths), what="all of them")
        assert [len(fired(second, path)) for path in paths] == [1] * 40
        assert len(call(second, "GET", "/api/v1/pipeline/tasks?limit=200")) == 40
