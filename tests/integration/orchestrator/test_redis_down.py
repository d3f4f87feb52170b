"""Submitting while Redis is down or hangs: accepted, and run, as if nothing were wrong."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.engine import ScriptedGateway, text
from tests.fixtures.orchestrator_process import ADMIN_SECRET, running_orchestrator, running_worker
from tests.fixtures.processes import wait_until
from tests.fixtures.restartable import RestartableRedis, running

TASKS = "/api/v1/tasks"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RestartableRedis]:
    home = tmp_path / "redis"
    home.mkdir()
    with running(RestartableRedis(home)) as server:
        yield server


@pytest.fixture
def client(database_url: str, redis: RestartableRedis, tmp_path: Path) -> Iterator[httpx.Client]:
    """The administrator of an orchestrator with one worker."""
    urls = {"database_url": database_url, "redis_url": redis.url}
    with ScriptedGateway(lambda _body, _number: text("Hello")) as gateway:
        peer = {"NOVA_LLM_GATEWAY_URL": gateway.url}
        with (
            running_orchestrator(tmp_path, **urls, **peer) as app,
            running_worker("interactive", tmp_path, **urls, **peer),
            httpx.Client(
                base_url=app.url, headers={"X-Admin-Secret": ADMIN_SECRET}, timeout=30
            ) as client,
        ):
            yield client


@pytest.mark.timeout(180)
def test_a_task_is_accepted_and_run(client: httpx.Client, redis: RestartableRedis) -> None:
    (agent,) = client.get("/api/v1/agents").json()
    body = {"agent_id": agent["id"], "messages": [{"role": "user", "content": "Hi"}]}

    def run_one() -> float:
        """Seconds that its submission took."""
        began = time.monotonic()
        answer = client.post(TASKS, json=body)
        took = time.monotonic() - began
        assert answer.status_code == 202, answer.text
        path = f"{TASKS}/{answer.json()['task_id']}"
        wait_until(
            lambda: client.get(path).json()["status"] == "completed", what="the task", seconds=60
        )
        assert client.get(path).json()["response"] == "Hello"
        return took

    run_one()
    redis.send(signal.SIGSTOP)
    print(f"with a hanging Redis: {run_one():.2f} s")
    redis.send(signal.SIGCONT)
    redis.kill()
    print(f"without Redis: {run_one():.2f} s")
    redis.start()
    run_one()
