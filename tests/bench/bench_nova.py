"""What a whole Nova costs on this machine: `python -m tests.bench.bench_nova` (or scripts/bench).

Prints the seconds until it is ready (cold: an empty home; warm: the same home again), the memory of
all its Python processes when idle (sum of PSS), the latency from a task's submission to its start,
and the time of a whole Quartet task with the offline model. It asserts nothing: machines differ.
"""

import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.fixtures.nova import Nova, processes_of
from tests.fixtures.processes import wait_until

_TASKS = 40
_REQUEST = "Read notes.txt in the workspace, write its word count to count.txt"
_MEBIBYTE = 1024


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
        start = time.perf_counter()
        nova = Nova(Path(folder) / "home", {}, seconds=120)
        try:
            nova.wait_until_ready()
            print(f"ready, cold            {time.perf_counter() - start:8.2f} s")
            nova.stop()
            nova.output.unlink()
            start = time.perf_counter()
            nova = Nova(nova.home, {}, seconds=120)
            nova.wait_until_ready()
            print(f"ready, warm            {time.perf_counter() - start:8.2f} s")
            time.sleep(5)
            _print_memory(nova)
            _print_tasks(nova)
            _print_memory(nova)
        finally:
            nova.stop()


def _print_memory(nova: Nova) -> None:
    sizes = {pid: _pss(pid) for pid in processes_of(nova.home) if _is_python(pid)}
    print(f"Python processes       {sum(sizes.values()) / _MEBIBYTE:8.0f} MiB PSS ({len(sizes)})")


def _is_python(pid: int) -> bool:
    try:
        return "python" in Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return False


def _pss(pid: int) -> int:
    """Proportional set size in KiB; 0 for a process that has just ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def _print_tasks(nova: Nova) -> None:
    (nova.workspace / "notes.txt").write_text("one two three\n")
    with httpx.Client(
        base_url=nova.url("orchestrator"), headers=nova.admin_headers, timeout=30
    ) as client:
        _one_task(client)  # the first one fills caches
        tasks = [_one_task(client) for _ in range(_TASKS)]
    starts = [_seconds(task, "queued_at", "started_at") * 1000 for task in tasks]
    wholes = [_seconds(task, "started_at", "completed_at") * 1000 for task in tasks]
    _print("submission to start", starts)
    _print("Quartet, start to end", wholes)


def _one_task(client: httpx.Client) -> dict[str, Any]:
    task_id = client.post("/api/v1/pipeline/tasks", json={"user_input": _REQUEST}).json()["task_id"]
    task: dict[str, Any] = {}

    def ended() -> bool:
        nonlocal task
        task = client.get(f"/api/v1/pipeline/tasks/{task_id}").json()
        return task["status"] in {"complete", "failed"}

    wait_until(ended, what="the task to end", seconds=60)
    assert task["status"] == "complete", task
    return task


def _seconds(task: dict[str, Any], begin: str, end: str) -> float:
    return (datetime.fromisoformat(task[end]) - datetime.fromisoformat(task[begin])).total_seconds()


def _print(name: str, values: list[float]) -> None:
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:22} {middle:8.1f} ms median of {len(values)} (from {low:.1f} to {high:.1f})")


if __name__ == "__main__":
    main()
