"""A worker that is stopped for longer than its lease, in the middle of a tool, harms nothing."""

import asyncio
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.orchestrator.tools.base import Effect
from services.orchestrator.tools.run_shell import TOOL
from tests.fixtures.engine import Rig, ScriptedGateway, calls, text
from tests.fixtures.orchestrator_process import running_worker
from tests.fixtures.processes import wait_until

pytestmark = [pytest.mark.chaos]
_LEASE_SECONDS = 4.5
_LATE_SECONDS = 14


def script(body: dict[str, Any], _number: int) -> list[Any]:
    results = [message for message in body["messages"] if message["role"] == "tool"]
    if results:
        return text("told: ", results[-1]["content"])
    command = f"echo begun >> effects.txt; sleep {_LATE_SECONDS}; echo late >> effects.txt"
    return calls("run_shell", command=command)


def everything(dsn: str) -> list[Any]:
    """What a task has left in the database, apart from the workers' own signs of life."""

    async def read() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            return [
                await connection.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")
                for table in ("tasks", "task_steps", "stream_events", "streams")
            ]
        finally:
            await connection.close()

    return asyncio.run(read())


@pytest.mark.timeout(120)
async def test_the_tool_is_killed_and_the_stale_worker_writes_nothing(
    rig: Rig, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    assert TOOL.effect is Effect.EFFECT
    task = await rig.submit()
    await asyncio.to_thread(_storm, database_url, redis_url, tmp_path)
    ended = await rig.task(task.id)
    assert ended.status == "complete"
    assert "Outcome unknown" in (ended.output or "")
    (step,) = await rig.sql("SELECT status FROM task_steps WHERE kind = 'tool'")
    assert step["status"] == "unknown"
    (row,) = await rig.sql("SELECT attempt, retry_count FROM tasks")
    assert (row["attempt"], row["retry_count"]) == (2, 1)


def _storm(database_url: str, redis_url: str, home: Path) -> None:
    effects = home / "workspace" / "effects.txt"
    with ExitStack() as stack:
        gateway = stack.enter_context(ScriptedGateway(script))
        settings = {
            "NOVA_LLM_GATEWAY_URL": gateway.url,
            "NOVA_LEASE_SECONDS": str(_LEASE_SECONDS),
            "NOVA_HEARTBEAT_SECONDS": "1",
        }
        urls = {"database_url": database_url, "redis_url": redis_url}
        first = stack.enter_context(
            running_worker("interactive", home, **urls, **settings, NOVA_PROCESS_NAME="first")
        )
        wait_until(effects.exists, what="the tool to begin")
        began = time.monotonic()
        stack.enter_context(
            running_worker("interactive", home, **urls, **settings, NOVA_PROCESS_NAME="second")
        )
        first.send_signal(signal.SIGSTOP)
        try:
            wait_until(
                lambda: everything(database_url)[0][0]["status"] == "complete",
                what="the other worker to end the task",
                seconds=60,
            )
            before = everything(database_url)
        finally:
            first.send_signal(signal.SIGCONT)
        # Long enough for the tool's own end, had it not been killed.
        time.sleep(max(2.0, began + _LATE_SECONDS + 1 - time.monotonic()))
        assert effects.read_text() == "begun\n"
        assert everything(database_url) == before
        assert first.poll() is None
