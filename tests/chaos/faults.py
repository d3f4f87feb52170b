"""What a storm does to a running Nova."""

import asyncio
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import redis.asyncio as redis
from redis.exceptions import RedisError

from tests.chaos.field import LEASE_SECONDS, Field
from tests.chaos.watch import Watch

WORKERS = ("worker", "chat-worker")
_KILLED = (
    "worker",
    "chat-worker",
    "orchestrator",
    "llm-gateway",
    "memory-service",
    "redis",
    "postgres",
)
_POINTS = {
    "worker": (
        "model-begun", "model-received", "model-settled",
        "tool-begun", "tool-started", "tool-executed", "tool-settled",
        "memory-begun", "memory-answered", "memory-settled",
        "stage-begun-context", "stage-ended-context", "stage-begun-task", "stage-ended-task",
        "stage-ended-guardrail", "stage-ended-code_review", "stage-ended-memory_extraction",
    ),
    "chat-worker": (
        "model-begun", "model-received", "model-settled",
        "tool-begun", "tool-started", "tool-executed", "tool-settled",
        "memory-begun", "memory-answered", "memory-settled",
    ),
}  # fmt: skip
_ARMING_SECONDS = 20.0
_REACHING_SECONDS = 8.0
# Longer than the lease, the reaper's grace and a sweep: by then somebody else may hold the task.
STOPPED_SECONDS = LEASE_SECONDS + 4.0


class Fault(Protocol):
    """Something that goes wrong; `name` is how the tally calls it."""

    @property
    def name(self) -> str: ...

    async def strike(self, ground: Field, watch: Watch) -> None:
        """Let it happen; return when the next fault may."""
        ...


@dataclass(frozen=True)
class Kill:
    """SIGKILL to one or several processes at once."""

    processes: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"kill {' + '.join(self.processes)}"

    async def strike(self, ground: Field, watch: Watch) -> None:
        if len(self.processes) == 1 and self.processes[0] in WORKERS:
            watch.expect(self.processes[0])
        killed = {process: ground.send(process, signal.SIGKILL) for process in self.processes}
        await ground.until_back(killed)


@dataclass(frozen=True)
class Restart:
    """An orderly end: SIGTERM, PostgreSQL's fast shutdown."""

    process: str

    @property
    def name(self) -> str:
        return f"restart {self.process}"

    async def strike(self, ground: Field, watch: Watch) -> None:
        number = signal.SIGINT if self.process == "postgres" else signal.SIGTERM
        await ground.until_back({self.process: ground.send(self.process, number)})


@dataclass(frozen=True)
class Stop:
    """SIGSTOP, and SIGCONT a while later: the process never learns what happened meanwhile."""

    process: str
    seconds: float

    @property
    def name(self) -> str:
        return f"stop {self.process}"

    async def strike(self, ground: Field, watch: Watch) -> None:
        pid = ground.send(self.process, signal.SIGSTOP)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            if pid is not None:
                _continue(pid)


@dataclass(frozen=True)
class Flush:
    """FLUSHALL: wake-ups, live events and the epoch are gone; with `kill` a worker as well."""

    kill: str | None = None

    @property
    def name(self) -> str:
        return "flush redis" if self.kill is None else f"flush redis + kill {self.kill}"

    async def strike(self, ground: Field, watch: Watch) -> None:
        client = redis.Redis.from_url(ground.nova.redis_url)
        try:
            await client.flushall()
        except (RedisError, OSError):
            return  # killed just now: it has forgotten everything anyway
        finally:
            await client.aclose()
        if self.kill is not None:
            await ground.until_back({self.kill: ground.send(self.kill, signal.SIGKILL)})


@dataclass(frozen=True)
class AtPoint:
    """The worker dies (or stops) by itself at a named point between its journal writes."""

    process: str
    point: str
    action: str = "kill"
    count: int = 1

    @property
    def name(self) -> str:
        return f"{self.action} {self.process} at {self.point}"

    async def strike(self, ground: Field, watch: Watch) -> None:
        ground.set_failpoint(f"{self.point}:{self.action}:{self.count}")
        try:
            pid = await self._arm(ground)
        finally:
            ground.set_failpoint(None)
        deadline = time.monotonic() + _REACHING_SECONDS
        while time.monotonic() < deadline and not _is_hit(pid):  # noqa: ASYNC110 - it reads /proc
            await asyncio.sleep(0.02)
        if not _is_hit(pid):
            ground.send(self.process, signal.SIGTERM)  # nothing came by: disarm it
        elif self.action == "stop":
            await asyncio.sleep(STOPPED_SECONDS)
            _continue(pid)
            return
        _continue(pid)  # it may have stopped just now, and would not hear SIGTERM
        await ground.until_back({self.process: pid})

    async def _arm(self, ground: Field) -> int:
        """Restart the process in good order, with the failpoint; its new pid."""
        ground.send(self.process, signal.SIGTERM)
        async with asyncio.timeout(_ARMING_SECONDS):
            while True:
                pid = _pid_with(ground, self.process, f"NOVA_FAILPOINT={self.point}:")
                if pid is not None:
                    return pid
                await asyncio.sleep(0.02)


@dataclass(frozen=True)
class TakeOver:
    """A worker dies and does not come back: another one, on the same queue, takes its tasks."""

    process: str = "worker"

    @property
    def name(self) -> str:
        return f"{self.process} stays away"

    async def strike(self, ground: Field, watch: Watch) -> None:
        queue = "pipeline" if self.process == "worker" else "interactive"
        environment = _environment(ground.nova.pid(self.process))
        environment["NOVA_PROCESS_NAME"] = "stand-in"
        command = ["-m", "services.orchestrator.worker", "--queue", queue]
        log = ground.nova.home / "logs" / "stand-in.log"
        keeper: int = ground.nova.report(self.process)["keeper_pid"]
        os.kill(keeper, signal.SIGSTOP)
        other = None
        try:
            watch.expect(self.process, stays_away=True)
            pid = ground.send(self.process, signal.SIGKILL)
            with log.open("ab") as output:
                other = await asyncio.create_subprocess_exec(
                    *(_python(environment), *command),
                    stdout=output,
                    stderr=output,
                    env=environment,
                    cwd=Path(__file__).parents[2],
                )
            await watch.until_resumed(seconds=LEASE_SECONDS + 30)
        finally:
            os.kill(keeper, signal.SIGCONT)
            if other is not None:
                other.terminate()
                await other.wait()
        await ground.until_back({self.process: pid})


def draw(source: random.Random) -> Fault:
    """One fault, all kinds of them about equally often."""
    worker = source.choice(WORKERS)
    action = "kill" if source.random() < 0.8 else "stop"
    at_point = AtPoint(worker, source.choice(_POINTS[worker]), action, source.randint(1, 4))
    rest = (
        Kill((worker,)),
        Kill((source.choice(_KILLED),)),
        Kill(tuple(source.sample(_KILLED, 2))),
        Flush(source.choice([None, worker])),
        Restart(source.choice(("postgres", *WORKERS, "orchestrator", "llm-gateway"))),
        TakeOver(worker) if source.random() < 0.5 else Stop(worker, STOPPED_SECONDS),
        Stop(source.choice(("llm-gateway", "redis", "orchestrator", "memory-service")), 3.0),
    )
    return source.choice((at_point, at_point, at_point, *rest))


def _is_hit(pid: int) -> bool:
    """Whether the process has died, or was stopped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in {"Z", "T"}


def _continue(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return


def _pid_with(ground: Field, process: str, setting: str) -> int | None:
    try:
        pid: int | None = ground.nova.report(process)["pid"]
        if pid is None:
            return None
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if setting.encode() in content else None


def _environment(pid: int) -> dict[str, str]:
    content = Path(f"/proc/{pid}/environ").read_bytes().decode()
    return dict(line.split("=", 1) for line in content.split("\0") if "=" in line)


def _python(environment: dict[str, str]) -> str:
    return environment.get("NOVA_PYTHON") or str(Path(__file__).parents[2] / ".venv/bin/python")
