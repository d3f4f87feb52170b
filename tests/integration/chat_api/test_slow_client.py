"""A client that does not read costs no memory without bound, and disturbs nobody."""

from pathlib import Path

from tests.fixtures.chat_api import KEY, Client, Served, connected
from tests.fixtures.processes import wait_until
from tests.integration.chat_api.conftest import Orchestrator

MEBIBYTE = 1 << 20
MOST_GROWTH = 48 * MEBIBYTE


def resident(pid: int) -> int:
    """Bytes of a process and its children, of which granian has one that works."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    return own + sum(resident(int(child)) for child in children)


async def test_memory_stays_bounded(
    client: Client, session_id: str, chat_api: Served, orchestrator: Orchestrator
):
    query = f"?token={KEY}"
    async with connected(chat_api.url, query=query, max_queue=1, open_timeout=20) as slow:
        name = (await slow.receive())["session_id"]
        await slow.send(type="user", content="hi")
        await slow.until("system", status="accepted")
        slow.socket.transport.pause_reading()
        before = resident(chat_api.pid)
        for _ in range(16):
            orchestrator.emit(name, {"delta": "x" * MEBIBYTE}, times=10)
        wait_until_steady(orchestrator)
        assert resident(chat_api.pid) - before < MOST_GROWTH
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}


def wait_until_steady(orchestrator: Orchestrator) -> None:
    """Until nothing more is sent: all of it, or as much as the client's slowness lets through."""
    seen: list[int] = []

    def steady() -> bool:
        seen.append(orchestrator.state()["sent_bytes"])
        return len(seen) > 20 and seen[-1] == seen[-20]

    wait_until(steady, what="the stream to stand", every=0.05)
