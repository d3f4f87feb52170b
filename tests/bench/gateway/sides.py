"""What is measured: a model server directly, and through gateways with different settings."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from services.kit.launch.configuration import ROOT
from services.kit.service_tokens import SERVICE_HEADER, service_token
from tests.bench.gateway.upstream import MODEL
from tests.fixtures.gateway import SERVICE, environment, wait_until_ready
from tests.fixtures.ports import free_port
from tests.fixtures.processes import start, stop

_PATHS = {"plain": "/v1/chat/completions", "stream": "/v1/chat/completions", "engine": "/stream"}
_TICKS = os.sysconf("SC_CLK_TCK")
PRICES = f'{{"{MODEL}": {{"input": 0.1, "output": 0.2, "max_output": 4000}}}}'


@dataclass(frozen=True)
class Side:
    """`pid` None is the model server without a gateway; `ready_seconds` a start took until it was
    ready.
    """

    name: str
    url: str
    headers: tuple[str, ...]
    pid: int | None
    ready_seconds: float | None = None


@dataclass(frozen=True)
class Figures:
    per_second: float
    first_ms: float
    processor_us: float | None


@contextmanager
def model_server(delay_ms: float = 0.0) -> Generator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.gateway.upstream", str(port), str(delay_ms)], cwd=ROOT
    )
    try:
        time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def gateway(
    name: str, home: Path, *, database_url: str, upstream: str, key: str, **settings: str
) -> Generator[Side]:
    """As scripts/run starts it: granian in one process. Without an `upstream` it has only the
    offline model.
    """
    home.mkdir(parents=True)
    port = free_port()
    log = home / "log"
    command = [sys.executable, "-m", "services.kit.serve", "services.llm_gateway.main:app"]
    begun = time.perf_counter()
    process = start(
        [*command, "127.0.0.1", str(port)],
        log=log,
        environment=environment(
            home,
            database_url,
            LOG_LEVEL="WARNING",
            # Of one name they would take each other's calls for those of an earlier start.
            NOVA_PROCESS_NAME=f"llm-gateway-{name}",
            **(_provider(upstream) if upstream else {}),
            **settings,
        ),
        cwd=ROOT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url, process, log)
        took = time.perf_counter() - begun
        yield Side(name, url, (f"authorization: Bearer {key}",), process.pid, took)
    finally:
        stop(process)


def _provider(upstream: str) -> dict[str, str]:
    return {"OPENAI_API_BASE": f"{upstream}/v1", "OPENAI_API_KEY": "sk-bench"}


def measured(side: Side, *, kind: str, connections: int, seconds: float) -> Figures:
    before = _processor_seconds(side.pid)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench.gateway.load", side.url + _PATHS[kind]),
            *(str(connections), str(seconds), kind, *side.headers),
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found = orjson.loads(done.stdout)
    if found["failed"] or not found["done"]:
        raise RuntimeError(f"{side.name}: {found}")
    used = None
    if side.pid is not None:
        used = (_processor_seconds(side.pid) - before) / found["done"] * 1e6
    return Figures(found["per_second"], found["first_ms"], used)


def _processor_seconds(pid: int | None) -> float:
    if pid is None:
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def pss_mib(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def as_worker(side: Side) -> Side:
    """The same gateway, asked as the engine's worker asks it."""
    return replace(side, headers=(f"{SERVICE_HEADER}: {service_token(SERVICE, 'worker')}",))
