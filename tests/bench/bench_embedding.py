"""scripts/bench embedding: the local embedding model's start, memory, latency and throughput."""

import argparse
import asyncio
import os
import statistics
import time
from pathlib import Path

from services.kit.supervision import Supervisor
from services.llm_gateway.embeddings.local import files
from services.llm_gateway.embeddings.local.service import LocalModel
from tests.bench.figures import print_load, print_times

_TICKS = os.sysconf("SC_CLK_TCK")
_WORDS = [
    "the",
    "harbour",
    "was",
    "quiet",
    "when",
    "we",
    "came",
    "back",
    "and",
    "nobody",
    "had",
    "seen",
    "the",
    "green",
    "boat",
]


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:"))) // 1024


def texts(count: int) -> list[str]:
    """Of 8 to 47 words, as notes and turns of talk are."""
    return [
        " ".join([str(n), *(_WORDS[(n * 7 + i) % len(_WORDS)] for i in range(7 + n % 40))])
        for n in range(count)
    ]


async def measure(*, rounds: int, threads: int) -> None:
    print_load("before")
    model = LocalModel(files.default_folder(), threads=threads, idle_seconds=600)
    async with Supervisor() as supervisor:
        supervisor.keep_running(model.keep_serving, name="local embedding model")
        began = time.perf_counter()
        await model.embed(["a"])
        pid = model.pid or 0
        print(f"start to first vector {time.perf_counter() - began:.2f} s, ", end="")
        print(f"{processor_seconds(pid):.2f} s of processor, PSS {memory_mib(pid)} MiB")
        queries: list[float] = []
        for number in range(100):
            began = time.perf_counter()
            await model.embed([f"where did we leave boat {number}?"])
            queries.append(time.perf_counter() - began)
        print_times("one query", queries)
        rates: list[float] = []
        for _ in range(rounds):
            before = processor_seconds(pid)
            await model.embed(texts(400))
            rates.append(400 / (processor_seconds(pid) - before))
        raw = " ".join(f"{rate:.0f}" for rate in rates)
        print(f"texts per processor second {statistics.median(rates):.0f} median of {raw}")
        print(f"PSS after that {memory_mib(pid)} MiB, {threads} threads")
    print_load("after")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    asyncio.run(measure(rounds=given.rounds, threads=given.threads))
