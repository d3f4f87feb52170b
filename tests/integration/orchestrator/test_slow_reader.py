"""A reader that does not read slows no task, costs no memory without bound, and misses nothing."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fixtures.orchestrator_process import ADMIN_SECRET
from tests.fixtures.working_orchestrator import V1, WorkingOrchestrator, read_stream, until_status

DELTAS = 50_000
READERS = 3
PIECE = "x" * 200
# What is read ahead and kept for late readers; all of it for each reader would be 75 MiB and more.
MOST_GROWTH = 40 << 20
_END = {"finish_reason": "stop", "model": "test", "input_tokens": 1, "output_tokens": DELTAS}


def resident(pid: int) -> int:
    """Bytes of a process and its children, of which granian has one that works."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    return own + sum(resident(int(child)) for child in children)


class UnreadStream:
    """An event stream that is asked for, and read only when wanted."""

    def __init__(self, url: str, path: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self._socket = socket.socket()
        # Before it connects: the kernel then keeps little for us.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((host, int(port)))
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
        lines += [f"X-Admin-Secret: {ADMIN_SECRET}", "", ""]
        self._socket.sendall("\r\n".join(lines).encode())

    def read(self) -> list[tuple[int, dict[str, Any]]]:
        """Every event with its id, up to [DONE]."""
        events: list[tuple[int, dict[str, Any]]] = []
        number = 0
        self._socket.settimeout(60)
        with self._socket, self._socket.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"id: "):
                    number = int(line[4:])
                elif line == b"data: [DONE]\n":
                    return events
                elif line.startswith(b"data: "):
                    events.append((number, json.loads(line[6:])))
        raise AssertionError("the stream ended before [DONE]")


async def test_it_disturbs_nobody_and_gets_each_event_once_when_it_reads(
    working: WorkingOrchestrator,
) -> None:
    measured = threading.Event()

    def much_text(_body: dict[str, Any], _number: int) -> Iterator[Any]:
        yield from [{"delta": PIECE}] * DELTAS
        while not measured.is_set():
            yield 0.05
        yield _END

    working.gateway.script = much_text
    async with working.client() as client:
        agents = (await client.get(f"{V1}/agents")).json()
        body = {
            "agent_id": next(agent["id"] for agent in agents if agent["is_primary"]),
            "messages": [{"role": "user", "content": "Say very much"}],
        }
        before = resident(working.pid)
        task_id = (await client.post(f"{V1}/tasks", json=body)).json()["task_id"]
        path = f"{V1}/tasks/{task_id}/events"
        slow = [UnreadStream(working.url, path) for _ in range(READERS)]
        # Another reader is given all of it while it is being said.
        try:
            quick = await read_stream(client, "GET", path, stop_after=DELTAS + 1)
            grown = resident(working.pid) - before
        finally:
            measured.set()
        assert quick.text == PIECE * DELTAS
        assert grown < MOST_GROWTH
        task = await until_status(client, f"{V1}/tasks/{task_id}", "completed", "failed")
        assert task["response"] == PIECE * DELTAS
        for reader in slow:
            events = await asyncio.to_thread(reader.read)
            ids = [number for number, _ in events]
            assert ids == sorted(set(ids))
            assert "".join(event.get("delta", "") for _, event in events) == PIECE * DELTAS
            assert events[-1][1]["status"] == "complete"
