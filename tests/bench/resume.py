"""How long the tasks of a killed worker stand still, at the default lease."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

from tests.bench.figures import print_times
from tests.fixtures.nova import Nova

_BURST = 16
_HELD = "SELECT id, attempt FROM tasks WHERE holder IS NOT NULL AND queue = 'pipeline'"


async def resumed(bench: Any, *, kills: int) -> None:
    """The same host: the worker's keeper starts it again, and it takes back what it held."""
    seconds: list[float] = []
    for _ in range(kills):
        ids = [await bench.submit() for _ in range(_BURST)]
        held = await _held(bench)
        began = time.perf_counter()
        bench.nova.kill("worker")
        seconds += await _until_held_again(bench, held, since=began)
        await bench.until_ended(ids)
    print_times("resume, the worker killed and back", seconds)


async def taken_over(bench: Any, *, kills: int) -> None:
    """No worker of that name comes back: another one takes the tasks when the lease has run out."""
    seconds: list[float] = []
    for _ in range(kills):
        ids = [await bench.submit() for _ in range(_BURST)]
        held = await _held(bench)
        began = time.perf_counter()
        pid = bench.nova.kill("worker", signal.SIGSTOP)
        other = _stand_in(bench.nova)
        try:
            seconds += await _until_held_again(bench, held, since=began)
            await bench.until_ended(ids)
        finally:
            other.terminate()
            other.wait()
            os.kill(pid, signal.SIGCONT)
    print_times("takeover, the worker stopped for good", seconds)


async def _held(bench: Any) -> dict[UUID, int]:
    """Some tasks that are held, with the attempt at each."""
    while not (rows := await bench.database.fetch(_HELD)):  # noqa: ASYNC110 - it looks into the database
        await asyncio.sleep(0.002)
    return {row["id"]: row["attempt"] for row in rows}


async def _until_held_again(bench: Any, held: dict[UUID, int], *, since: float) -> list[float]:
    """Seconds until each is claimed anew; what had ended before the signal came is left out."""
    seconds: list[float] = []
    left = dict(held)
    statement = (
        "SELECT id, attempt, completed_at IS NOT NULL AS ended FROM tasks WHERE id = ANY($1)"
    )
    while left:
        for row in await bench.database.fetch(statement, list(left)):
            if row["attempt"] > left[row["id"]]:
                seconds.append(time.perf_counter() - since)
            elif not row["ended"]:
                continue
            del left[row["id"]]
        await asyncio.sleep(0.01)
    return seconds


def _stand_in(nova: Nova) -> subprocess.Popen[bytes]:
    file = f"/proc/{nova.pid('worker')}/environ"
    with open(file, "rb") as content:  # noqa: PTH123 - a file of the kernel's
        pairs = (line.split(b"=", 1) for line in content.read().split(b"\0") if b"=" in line)
    environment = {name.decode(): value.decode() for name, value in pairs}
    environment["NOVA_PROCESS_NAME"] = "stand-in"
    command = [sys.executable, "-m", "services.orchestrator.worker", "--queue", "pipeline"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
