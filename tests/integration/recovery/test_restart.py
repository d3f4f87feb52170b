"""Restarting services: only what a keeper of ours really runs is ever signalled."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from tests.fixtures.processes import wait_until
from tests.integration.recovery.conftest import PREFIX, StartKeeper, by_name


class TestRestart:
    async def test_the_keeper_restarts_its_process(
        self, client: httpx.AsyncClient, start_keeper: StartKeeper
    ) -> None:
        start_keeper("worker")
        before = by_name((await client.get(f"{PREFIX}/services")).json())["worker"]
        assert before["status"] == "up"
        assert before["manager"] == "keeper"
        assert before["restarts"] == 0
        answer = await client.post(f"{PREFIX}/services/worker/restart")
        assert answer.json() == {"ok": True, "service": "worker"}

        async def restarted() -> bool:
            now = by_name((await client.get(f"{PREFIX}/services")).json())["worker"]
            return now["restarts"] == 1 and now["pid"] not in (None, before["pid"])

        deadline = time.monotonic() + 20
        while not await restarted():
            assert time.monotonic() < deadline

    async def test_all_but_the_stores(
        self, client: httpx.AsyncClient, start_keeper: StartKeeper, home: Path
    ) -> None:
        for name in ("worker", "redis"):
            start_keeper(name)
        answer = await client.post(f"{PREFIX}/services/restart-all")
        assert answer.json() == {"ok": True, "service": "all"}

        def restarts(name: str) -> int:
            return json.loads((home / "run" / f"{name}.json").read_text())["restarts"]

        wait_until(lambda: restarts("worker") == 1, what="the restart")
        assert restarts("redis") == 0

    async def test_unknown_and_unmanaged(self, client: httpx.AsyncClient) -> None:
        unknown = await client.post(f"{PREFIX}/services/nothing/restart")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_service")
        unmanaged = await client.post(f"{PREFIX}/services/worker/restart")
        assert (unmanaged.status_code, unmanaged.json()["code"]) == (409, "not_managed")
        nothing = await client.post(f"{PREFIX}/services/restart-all")
        assert nothing.status_code == 409

    async def test_a_number_that_is_another_programs_is_not_signalled(
        self, client: httpx.AsyncClient, start_keeper: StartKeeper, home: Path
    ) -> None:
        keeper = start_keeper("worker")
        file = home / "run" / "worker.json"
        state = json.loads(file.read_text())
        os.kill(keeper.pid, signal.SIGKILL)
        keeper.wait()
        bystander = subprocess.Popen(["sleep", "600"])
        try:
            file.write_text(json.dumps(state | {"keeper_pid": bystander.pid}))
            answer = await client.post(f"{PREFIX}/services/worker/restart")
            assert answer.json()["code"] == "not_managed"
            assert bystander.poll() is None
        finally:
            bystander.kill()
            bystander.wait()

    async def test_a_damaged_state_file_is_no_state(
        self, client: httpx.AsyncClient, home: Path
    ) -> None:
        (home / "run" / "worker.json").write_text('{"name": "wor')
        found = by_name((await client.get(f"{PREFIX}/services")).json())
        assert found["worker"]["status"] == "unknown"
