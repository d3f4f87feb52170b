"""A pipeline task goes on to its end whatever single process is killed in the middle of it."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.kit.launch.processes import PROCESSES
from tests.fixtures.nova import Nova
from tests.fixtures.processes import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

# Slow enough that a kill hits the middle of a model call.
_SLOW = [{"match": ".", "chunk_delay_ms": 12}]
# Every process is killed in one stage; those that carry the task are killed in another one too.
_KILLS = [
    *((name, "context") for name in PROCESSES),
    *((name, "guardrail") for name in ("worker", "llm-gateway", "redis", "postgres")),
]
_SECONDS = 90


@pytest.fixture(scope="module")
def slow_nova(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nova]:
    folder = tmp_path_factory.mktemp("slow")
    script = folder / "script.json"
    script.write_text(json.dumps(_SLOW))
    instance = Nova(folder / "home", {"NOVA_OFFLINE_SCRIPT": str(script)}, seconds=90)
    try:
        instance.wait_until_ready()
        yield instance
    finally:
        instance.stop()


class Task:
    """A pipeline task that reads, writes, and has one effect that must happen once."""

    def __init__(self, nova: Nova, name: str) -> None:
        self._nova = nova
        self._folder = nova.workspace
        self.effects = self._folder / f"effects-{name}.txt"
        self.count = self._folder / f"count-{name}.txt"
        (self._folder / "notes.txt").write_text("one two three four five\n")
        request = (
            f"Read notes.txt, write its word count to {self.count.name}, "
            f"then run `echo once >> {self.effects.name}`"
        )
        answer = httpx.post(
            nova.url("orchestrator", "/api/v1/pipeline/tasks"),
            json={"user_input": request},
            headers=nova.admin_headers,
            timeout=30,
        )
        assert answer.status_code == 202, answer.text
        self.id: str = answer.json()["task_id"]

    def state(self) -> dict[str, Any]:
        """The task, or nothing while the orchestrator or PostgreSQL is on its way back."""
        try:
            answer = httpx.get(
                self._nova.url("orchestrator", f"/api/v1/pipeline/tasks/{self.id}"),
                headers=self._nova.admin_headers,
                timeout=10,
            )
        except httpx.TransportError:
            return {}
        return answer.json() if answer.is_success else {}

    def wait_until_in(self, stage: str) -> None:
        wait_until(
            lambda: self.state().get("current_stage") == stage, what=f"{stage} to run", seconds=30
        )

    def wait_until_ended(self) -> dict[str, Any]:
        def ended() -> bool:
            return self.state().get("status") in {"complete", "failed", "cancelled"}

        wait_until(ended, what="the task to end", seconds=_SECONDS)
        return self.state()

    def events(self) -> list[dict[str, Any]]:
        """All of its events, as a reader gets them who comes afterwards."""
        answer = httpx.get(
            self._nova.url("orchestrator", f"/api/v1/pipeline/tasks/{self.id}/events"),
            headers=self._nova.admin_headers,
            timeout=30,
        )
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines()]
        return [json.loads(line) for line in lines if line.startswith("{")]


def rows(nova: Nova, sql: str, *arguments: object) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(nova.database_url)
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def check(nova: Nova, task: Task) -> None:
    """The task has its right end, and nothing that was finished was done again."""
    state = task.wait_until_ended()
    assert state["status"] == "complete", state
    assert task.count.read_text() == "5"
    assert task.effects.read_text() == "once\n"
    events = task.events()
    stages = Counter(
        (event["stage"], event["status"]) for event in events if event.get("type") == "stage"
    )
    assert set(stages.values()) == {1}, stages
    results = Counter(event["id"] for event in events if event.get("type") == "tool_result")
    assert set(results.values()) == {1}, results
    steps = rows(
        nova, "SELECT step, kind, status FROM task_steps WHERE task_id = $1::uuid", task.id
    )
    assert {step["status"] for step in steps} == {"done"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("name", "stage"), _KILLS)
def test_a_task_survives_the_kill_of(slow_nova: Nova, name: str, stage: str) -> None:
    task = Task(slow_nova, f"{name}-{stage}")
    task.wait_until_in(stage)
    since = slow_nova.kill(name)
    started = time.monotonic()
    slow_nova.wait_until_back(name, since=since)
    print(f"{name} was back after {time.monotonic() - started:.1f} s")
    check(slow_nova, task)


@pytest.mark.timeout(240)
def test_a_reader_that_stays_connected_sees_all_of_it(slow_nova: Nova, tmp_path: Path) -> None:
    """The worker dies in mid-answer: the reader is told to rewind and ends with the stored text."""
    task = Task(slow_nova, "reader")
    received: list[dict[str, Any]] = []
    killed = False
    with httpx.stream(
        "GET",
        slow_nova.url("orchestrator", f"/api/v1/pipeline/tasks/{task.id}/events"),
        headers=slow_nova.admin_headers,
        timeout=60,
    ) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                received.append(json.loads(line.removeprefix("data: ")))
            if not killed and sum("delta" in event for event in received) == 5:
                slow_nova.kill("worker")
                killed = True
    assert [event["to"] for event in received if event.get("type") == "rewind"]
    assert received[-1]["status"] == "complete"
    check(slow_nova, task)
