"""The field of a storm: a whole Nova whose model is the counting provider, and the tasks on it."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from tests.chaos.plot import MODEL, PRICES, CountingProvider, Plot
from tests.fixtures.nova import Nova

LEASE_SECONDS = 6.0
HEARTBEAT_SECONDS = 1.5
AWAY = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncio.TimeoutError,
)
SETTINGS = {
    "NOVA_LEASE_SECONDS": str(LEASE_SECONDS),
    "NOVA_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
    "NOVA_RESERVATION_SECONDS": "6",
    "NOVA_MODEL_PRICES": json.dumps(PRICES),
    "DEFAULT_OPENAI_MODEL": MODEL,
    "OPENAI_API_KEY": "sk-chaos",
}


@dataclass
class Planted:
    """A task that was accepted. `kind` is pipeline or chat."""

    mark: str
    kind: str
    id: UUID
    plot: Plot
    folder: Path


@dataclass
class Field:
    """A running Nova, its provider, and what was submitted to it."""

    nova: Nova
    provider: CountingProvider
    name: str
    key: str = ""
    key_id: UUID | None = None
    planted: list[Planted] = field(default_factory=list[Planted])
    _numbers: int = 0

    def next_mark(self) -> str:
        self._numbers += 1
        return f"{self.name}-{self._numbers}"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    async def prepare(self) -> None:
        """A key with a budget: every call reserves money, which must not stay reserved."""
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                self.nova.url("orchestrator", "/api/v1/keys"),
                headers=self.nova.admin_headers,
                json={
                    "name": self.name,
                    "scopes": ["chat"],
                    "rate_limit_rpm": 1_000_000,
                    "budget_usd": 1_000_000,
                },
            )
        assert answer.status_code == 201, answer.text
        self.key, self.key_id = answer.json()["raw_key"], UUID(answer.json()["id"])

    async def plant(self, kind: str, *, mark: str = "", pod: str = "Quartet") -> Planted:
        """Submit a task as a stubborn client does: again, with its key, until it is accepted."""
        mark = mark or self.next_mark()
        text = f"[[{mark}]] please"
        if kind == "pipeline":
            path, body = "/api/v1/pipeline/tasks", {"user_input": text, "pod_name": pod}
        else:
            path, body = "/api/v1/tasks", {"messages": [{"role": "user", "content": text}]}
            body["agent_id"] = await self._primary_agent()
        answer = await self._accepted(path, {**body, "metadata": {"workspace": mark}}, key=mark)
        planted = Planted(
            mark, kind, UUID(answer["task_id"]), Plot(mark), self.nova.workspace / mark
        )
        self.planted.append(planted)
        return planted

    async def _accepted(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        headers = {**self.headers, "Idempotency-Key": key}
        async with asyncio.timeout(60), httpx.AsyncClient(timeout=15) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    url = self.nova.url("orchestrator", path)
                    answer = await client.post(url, headers=headers, json=body)
                    if answer.status_code == 202:
                        return answer.json()
                    assert answer.status_code in {502, 503}, answer.text
                await asyncio.sleep(0.2)

    async def _primary_agent(self) -> str:
        ((agent,),) = await self.sql("SELECT id::text FROM agents WHERE is_primary")
        return agent

    async def sql(self, statement: str, *arguments: object) -> list[Any]:
        """Rows; a database that is on its way back is waited for."""
        async with asyncio.timeout(60):
            while True:
                try:
                    return await self.look(statement, *arguments)
                except AWAY:
                    await asyncio.sleep(0.1)

    async def look(self, statement: str, *arguments: object) -> list[Any]:
        """Rows, or the error of a database that is away."""
        connection = await asyncpg.connect(self.nova.database_url, timeout=3)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            connection.terminate()

    async def until_settled(self, *, seconds: float) -> None:
        """Return when every task that was accepted has ended or waits for a person."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            ((left,),) = await self.sql(
                "SELECT count(*) FROM tasks WHERE status NOT IN ('complete', 'failed', 'cancelled')"
                " AND pending IS NULL"
            )
            if left == 0:
                return
            await asyncio.sleep(0.2)

    async def until_back(self, killed: Mapping[str, int | None]) -> None:
        """Return when the processes run again, with other pids than these."""
        async with asyncio.timeout(90):
            for name, since in killed.items():
                while not await asyncio.to_thread(self._is_back, name, since):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    def _is_back(self, name: str, since: int | None) -> bool:
        try:
            report = self.nova.report(name)
            pid, state = report["pid"], report["state"]
            return pid not in {None, since} and state == "running" and self.nova.is_ready(name)
        except (OSError, ValueError):
            return False  # its keeper is writing the report just now

    def send(self, name: str, number: signal.Signals) -> int | None:
        """Signal a process if it runs; its pid."""
        try:
            pid: int | None = self.nova.report(name)["pid"]
            if pid:
                os.kill(pid, number)
        except (OSError, ValueError):
            return None
        return pid

    def set_failpoint(self, setting: str | None) -> None:
        """What each process that starts from now on reads."""
        file = self.nova.home / "env"
        lines = [
            line for line in file.read_text().splitlines() if not line.startswith("NOVA_FAILPOINT=")
        ]
        if setting is not None:
            lines.append(f"NOVA_FAILPOINT={setting}")
        new = file.with_name("env.new")
        new.write_text("\n".join(lines) + "\n")
        new.chmod(0o600)
        new.replace(file)


@contextmanager
def running_nova(folder: Path, **settings: str) -> Iterator[tuple[Nova, CountingProvider]]:
    """A Nova in a new folder and the provider that is its model; stopped in the end."""
    with CountingProvider() as provider:
        given = {**SETTINGS, "OPENAI_API_BASE": provider.url, **settings}
        nova = Nova(folder / "home", given, seconds=120)
        try:
            nova.wait_until_ready()
            yield nova, provider
        finally:
            nova.stop()


async def open_field(nova: Nova, provider: CountingProvider, name: str) -> Field:
    """A field of its own on a Nova that others may have used: its tasks are those of its key."""
    ground = Field(nova, provider, name)
    await ground.prepare()
    return ground
