"""Translation beside `litellm.acompletion` behind FastAPI: `scripts/bench translation [options]`.

An OpenAI client speaks to providers that answer at once in the wire formats of Anthropic, Gemini
and Ollama: through llm-gateway and llm-translate with authentication and usage on, and through a
small FastAPI app over LiteLLM. The sides take turns; each round prints requests a second and
processor milliseconds a request, of all the side's processes. It asserts nothing.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import aiohttp
import httpx
import orjson

from services.kit.migrate import apply_migrations
from tests.bench.figures import print_load, processor_seconds
from tests.bench.translation.instant import CHUNKS
from tests.fixtures.gateway import ADMIN, environment, wait_until_ready
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import in_own_loop, running_server
from tests.fixtures.processes import start, stop, wait_until

MODELS = {
    "anthropic": ("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
    "gemini": ("gemini/gemini-2.5-flash", "gemini/gemini-2.5-flash"),
    "ollama": ("ollama/llama3.2", "ollama_chat/llama3.2"),
}
_MESSAGES = [
    {"role": "system", "content": "Answer in one sentence."},
    {"role": "user", "content": "What is the capital of France, and how many people live there?"},
]
# Gemini's free tier allows 250 calls a day; they are counted all the same.
_QUOTA = """
    UPDATE platform_config SET value = '{"gemini": 1000000000}'
    WHERE key = 'limits.provider_daily_requests'
"""
_ROOT = Path(__file__).parents[2]


@dataclass
class Side:
    """What is measured: an address, and the processes behind it."""

    name: str
    url: str
    processes: list[subprocess.Popen[bytes]]
    rates: list[float] = field(default_factory=list[float])
    costs: list[float] = field(default_factory=list[float])

    def seconds(self) -> float:
        return sum(processor_seconds(process.pid) for process in self.processes)


def _serve(module: str, port: int, home: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "services.kit.serve", module, "127.0.0.1", str(port)]
    log = home / f"{module.split('.')[1]}-{port}.log"
    return start(command, log=log, environment=settings, cwd=_ROOT)


@contextmanager
def started(home: Path, database_url: str) -> Iterator[list[Side]]:
    """Both sides, before the same instant provider."""
    ports = {name: free_port() for name in ("instant", "translate", "gateway", "litellm")}
    provider = f"http://127.0.0.1:{ports['instant']}"
    settings = environment(
        home,
        database_url,
        NOVA_LLM_TRANSLATE_URL=f"http://127.0.0.1:{ports['translate']}",
        ANTHROPIC_API_BASE=provider,
        ANTHROPIC_API_KEY="k",
        GEMINI_API_BASE=f"{provider}/v1beta",
        GEMINI_API_KEY="k",
        OLLAMA_BASE_URL=provider,
        LOG_LEVEL="WARNING",
        BENCH_UPSTREAM=provider,
    )
    instant = [sys.executable, "-m", "tests.bench.translation.instant"]
    running = [
        start(
            [*instant, "--port", str(ports["instant"])],
            log=home / "instant.log",
            environment=settings,
            cwd=_ROOT,
        ),
        _serve("services.llm_translate.main:app", ports["translate"], home, settings),
        _serve("services.llm_gateway.main:app", ports["gateway"], home, settings),
        _serve("tests.bench.translation.plain_litellm:app", ports["litellm"], home, settings),
    ]
    _, translate, gateway, litellm = running
    try:
        for process, name in ((translate, "translate"), (gateway, "gateway")):
            wait_until_ready(f"http://127.0.0.1:{ports[name]}", process, home / "instant.log")
        url = f"http://127.0.0.1:{ports['litellm']}"
        wait_until(lambda: _answers(f"{url}/openapi.json"), what="LiteLLM", seconds=90)
        yield [
            Side("nova", f"http://127.0.0.1:{ports['gateway']}", [gateway, translate]),
            Side("litellm", url, [litellm]),
        ]
    finally:
        for process in running:
            stop(process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=60).is_success
    except httpx.TransportError:
        return False


@dataclass(frozen=True)
class Load:
    """One kind of request, as often as it is answered."""

    streamed: bool
    seconds: float
    connections: int

    def body(self, model: str) -> bytes:
        stream = {"stream": True, "stream_options": {"include_usage": True}}
        body = {"model": model, "messages": _MESSAGES, "max_tokens": 500, "temperature": 0.5}
        return orjson.dumps({**body, **(stream if self.streamed else {})})

    async def run(self, side: Side, model: str) -> int:
        """How many were answered."""
        url, body = f"{side.url}/v1/chat/completions", self.body(model)
        headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
        until = time.perf_counter() + self.seconds
        answered = 0

        async def client(session: aiohttp.ClientSession) -> None:
            nonlocal answered
            while time.perf_counter() < until:
                async with session.post(url, data=body, headers=headers) as response:
                    self._check(response.status, await response.read())
                    answered += 1

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(client(session) for _ in range(self.connections)))
        return answered

    def _check(self, status: int, content: bytes) -> None:
        """A wrong answer must not count as a fast one."""
        pieces = content.count(b"some text")
        whole = (
            content.rstrip().endswith(b"data: [DONE]") if self.streamed else b'"usage"' in content
        )
        if status != httpx.codes.OK or pieces < CHUNKS or not whole:
            raise AssertionError(f"{status}: {content[-500:]!r}")


def measure(sides: list[Side], vendor: str, load: Load, rounds: int) -> None:
    """The sides take turns; then the ratio of their medians."""
    models = dict(zip([side.name for side in sides], MODELS[vendor], strict=True))
    short = Load(load.streamed, 0.5, 4)
    for side in sides:
        side.rates, side.costs = [], []
        asyncio.run(short.run(side, models[side.name]))
    for _ in range(rounds):
        for side in sides:
            used, begun = side.seconds(), time.perf_counter()
            answered = asyncio.run(load.run(side, models[side.name]))
            side.rates.append(answered / (time.perf_counter() - begun))
            side.costs.append((side.seconds() - used) / answered * 1000)
    title = f"{vendor}, {'streamed' if load.streamed else 'plain'}"
    for side in sides:
        rates = " ".join(f"{rate:.0f}" for rate in side.rates)
        costs = " ".join(f"{cost:.2f}" for cost in side.costs)
        print(f"{title:22}{side.name:9}req/s {rates}   processor ms {costs}")
    nova, other = sides
    rates = [a / b for a, b in zip(nova.rates, other.rates, strict=True)]
    costs = [b / a for a, b in zip(nova.costs, other.costs, strict=True)]
    print(
        f"{title:22}{'ratio':9}requests {_range(rates)}   processor time {_range(costs)}",
        flush=True,
    )


def _is_known(side: Side, model: str) -> bool:
    headers = {"Authorization": f"Bearer {ADMIN}"}
    body = Load(streamed=False, seconds=0, connections=1).body(model)
    url = f"{side.url}/v1/chat/completions"
    answer = httpx.post(url, content=body, headers=headers, timeout=60)
    return answer.status_code != httpx.codes.NOT_FOUND


def _range(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} x ({min(values):.1f} to {max(values):.1f})"


def _print_versions() -> None:
    git = ["git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    names = ("litellm", "aiohttp", "fastapi", "granian", "orjson", "uvloop")
    status = subprocess.run([*git[:3], "status", "--porcelain"], capture_output=True, check=False)
    commit += " with changes" if status.stdout else ""
    print(f"commit {commit or '?'}   Python {sys.version.split()[0]}")
    print("   ".join(f"{name} {version(name)}" for name in names))


def main() -> None:
    parser = argparse.ArgumentParser(description="Translation beside LiteLLM's acompletion.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", choices=list(MODELS))
    given = parser.parse_args()
    os.chdir(_ROOT)
    _print_versions()
    print_load("before")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running_server(home) as server:
            in_own_loop(apply_migrations(server.dsn()))
            server.execute(_QUOTA)
            with started(home, server.dsn()) as sides:
                for vendor in [given.only] if given.only else MODELS:
                    if not _is_known(sides[0], MODELS[vendor][0]):
                        print(f"{vendor}: this gateway has no such provider")
                        continue
                    for streamed in (False, True):
                        load = Load(streamed, given.seconds, given.connections)
                        measure(sides, vendor, load, given.rounds)
    print_load("after")


if __name__ == "__main__":
    main()
