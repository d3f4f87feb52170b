"""What the gateway costs a call: `scripts/bench gateway [options]`.

The same load goes to a model server that answers at once, directly and through gateways: with rate
limits in Redis, with limits in the process, with a budget that each call reserves and settles in
PostgreSQL. The sides take turns in every round; printed are median, range and all rounds. Load
generator and model server are a process each and do what ordinary ones do: they parse what comes and
make what they send. `engine` is POST /stream with the offline model, as a worker calls it: there is
nothing to compare it with. `--litellm` installs LiteLLM's proxy into a temporary folder, to be
measured beside.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from services.kit.ids import new_id
from services.kit.launch import postgres
from services.kit.launch import redis as launch_redis
from services.kit.launch.configuration import ROOT
from services.kit.migrate import apply_migrations
from tests.bench.gateway.litellm_proxy import installed, litellm_proxy
from tests.bench.gateway.sides import (
    PRICES,
    Figures,
    Side,
    as_worker,
    gateway,
    measured,
    model_server,
    pss_mib,
)
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import PostgresServer, in_own_loop
from tests.fixtures.processes import start, stop, wait_until

_TARGETS = {
    ("redis", "plain"): 12.0,
    ("redis", "stream"): 55.0,
    ("process", "plain"): 18.0,
    ("process", "stream"): 65.0,
    ("reserving", "plain"): 6.0,
}
_PACKAGES = ("granian", "uvloop", "httptools", "orjson", "asyncpg", "fastapi")


def main() -> None:
    options = _options()
    _print_where()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sides = _sides(Path(folder), stack, with_litellm=options.litellm)
        for kind in ("plain", "stream"):
            _compare(sides, kind, options)
        _print_sizes(sides)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        _compare([_offline(Path(folder), stack)], "engine", options)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        _print_first_token(_sides(Path(folder), stack, delay_ms=5.0)[:3], options)
    _print_start()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--litellm", action="store_true", help="also measure LiteLLM's proxy")
    return parser.parse_args()


def _print_where() -> None:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, check=True
    )
    versions = "  ".join(f"{name} {version(name)}" for name in _PACKAGES)
    print(f"commit {commit.stdout.decode().strip()}  python {sys.version.split()[0]}  {versions}")
    print(f"load {os.getloadavg()[0]:.2f}  processors {os.cpu_count()}")


def _sides(
    folder: Path, stack: ExitStack, *, delay_ms: float = 0.0, with_litellm: bool = False
) -> list[Side]:
    others: list[Side] = []
    upstream = stack.enter_context(model_server(delay_ms))
    database_url = stack.enter_context(_database(folder))
    redis_url = stack.enter_context(_redis(folder))
    plain, reserving = _keys(database_url)
    free = PRICES.replace("0.1", "0").replace("0.2", "0")
    settings = {"database_url": database_url, "upstream": upstream}
    if with_litellm:
        proxy = litellm_proxy(folder, installed(folder), upstream=upstream)
        others.append(stack.enter_context(proxy))
    return [
        Side("direct", upstream, ("authorization: Bearer sk-bench",), None),
        stack.enter_context(
            gateway(
                "redis",
                folder / "a",
                key=plain,
                REDIS_URL=redis_url,
                NOVA_MODEL_PRICES=free,
                **settings,
            )
        ),
        stack.enter_context(
            gateway("process", folder / "b", key=plain, NOVA_MODEL_PRICES=free, **settings)
        ),
        stack.enter_context(
            gateway("reserving", folder / "c", key=reserving, NOVA_MODEL_PRICES=PRICES, **settings)
        ),
        *others,
    ]


def _offline(folder: Path, stack: ExitStack) -> Side:
    """A gateway that has only the offline model."""
    database_url = stack.enter_context(_database(folder))
    redis_url = stack.enter_context(_redis(folder))
    side = gateway(
        "offline",
        folder / "a",
        database_url=database_url,
        upstream="",
        key="",
        REDIS_URL=redis_url,
    )
    return as_worker(stack.enter_context(side))


@contextmanager
def _database(folder: Path) -> Generator[str]:
    """PostgreSQL as scripts/up starts it, durable commits included."""
    home = folder / "postgres"
    home.mkdir()
    server = PostgresServer(free_port(), uuid4().hex, postgres.find_binaries(), home)
    postgres.initialise(server.binaries, home / "data", password=server.password)
    command = postgres.server_command(server.binaries, home / "data", port=server.port)
    process = start(command, log=home / "log")

    def ready() -> bool:
        try:
            server.execute("SELECT 1")
        except Exception:  # noqa: BLE001 - whatever it is, it is not there yet
            return False
        return True

    try:
        wait_until(ready, what="PostgreSQL")
        in_own_loop(apply_migrations(server.dsn()))
        yield server.dsn()
    finally:
        stop(process)


@contextmanager
def _redis(folder: Path) -> Generator[str]:
    home = folder / "redis"
    home.mkdir()
    port, password = free_port(), uuid4().hex
    launch_redis.configure(home, port=port, password=password)
    process = start(launch_redis.server_command(launch_redis.find_server(), home), log=home / "log")
    time.sleep(1)
    try:
        yield f"redis://:{password}@127.0.0.1:{port}"
    finally:
        stop(process)


def _keys(database_url: str) -> tuple[str, str]:
    """A key without a budget, and one with; both with a rate that they do not reach."""
    raw = [f"sk-nova-{uuid4().hex}" for _ in range(2)]
    for key, budget in zip(raw, ("NULL", "1000000"), strict=True):
        digest = sha256(key.encode()).hexdigest()
        in_own_loop(
            _run(
                database_url,
                "INSERT INTO api_keys (id, name, key_hash, key_prefix, scopes, rate_limit_rpm, "
                f"budget_usd) VALUES ('{new_id()}', 'bench', '\\x{digest}', '{key[:12]}', '{{}}', "
                f"1000000000, {budget})",
            )
        )
    return raw[0], raw[1]


async def _run(database_url: str, statement: str) -> None:
    import asyncpg  # noqa: PLC0415

    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _compare(sides: list[Side], kind: str, options: argparse.Namespace) -> None:
    rounds: dict[str, list[Figures]] = {side.name: [] for side in sides}
    for side in sides:  # warm
        measured(side, kind=kind, connections=options.connections, seconds=1.0)
    for _ in range(options.rounds):
        for side in sides:
            found = measured(
                side, kind=kind, connections=options.connections, seconds=options.seconds
            )
            rounds[side.name].append(found)
    print(f"\n{kind}, {options.connections} connections, load now {os.getloadavg()[0]:.2f}")
    direct = rounds.get("direct")
    for name, found in rounds.items():
        rates = [each.per_second for each in found]
        line = (
            f"  {name:<10} {statistics.median(rates):9.0f}/s ({min(rates):.0f} to {max(rates):.0f})"
        )
        if direct is not None:
            line += f"  {_share(found, direct):6.1f} % of direct"
        if (name, kind) in _TARGETS:
            line += f" (target {_TARGETS[name, kind]:g})"
        used = [each.processor_us for each in found if each.processor_us is not None]
        if used:
            line += f"  {statistics.median(used):6.0f} us of processor a call"
        print(line)
        print("             rounds " + " ".join(f"{rate:.0f}" for rate in rates))


def _share(found: list[Figures], direct: list[Figures]) -> float:
    """The median, in percent, over the rounds."""
    return statistics.median(
        each.per_second / base.per_second * 100 for each, base in zip(found, direct, strict=True)
    )


def _print_first_token(sides: list[Side], options: argparse.Namespace) -> None:
    """One connection, so that waiting for the others is not in it."""
    print("\ntime to the first token, one connection, 5 ms between chunks")
    found: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(options.rounds):
        for side in sides:
            figures = measured(side, kind="stream", connections=1, seconds=options.seconds)
            found[side.name].append(figures.first_ms)
    base = statistics.median(found["direct"])
    for name, times in found.items():
        middle = statistics.median(times)
        print(
            f"  {name:<10} {middle:7.2f} ms ({min(times):.2f} to {max(times):.2f}), "
            f"{middle - base:+.2f} ms (target: at most +1.5)"
        )


def _print_sizes(sides: list[Side]) -> None:
    print()
    for side in sides:
        if side.pid is not None:
            line = f"  {side.name:<10} PSS {pss_mib(side.pid):.0f} MiB after the load (target: at most 110)"
            if side.ready_seconds is not None:
                line += f", ready {side.ready_seconds:.2f} s after its start (target: at most 3)"
            print(line)


def _print_start() -> None:
    """Seconds until the app is built, and what each module's import takes of it."""
    code = "import services.llm_gateway.app"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    print(f"\nimports: {time.perf_counter() - begun:.2f} s in all, by module (cumulative, ms):")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    rows: list[tuple[int, str]] = []
    for line in done.stderr.decode().splitlines()[1:]:
        _, cumulative, name = line.removeprefix("import time:").split("|")
        if not name.strip().startswith("services."):
            rows.append((int(cumulative), name.strip()))
    for took, name in sorted(rows, reverse=True)[:15]:
        print(f"  {took / 1000:7.1f}  {name}")


if __name__ == "__main__":
    main()
