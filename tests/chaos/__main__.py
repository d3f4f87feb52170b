"""`scripts/chaos`: storms over a whole Nova for as long as asked."""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.checks import Findings
from tests.chaos.faults import Fault, draw
from tests.chaos.field import open_field, running_nova
from tests.chaos.plot import CountingProvider
from tests.chaos.storm import Storm
from tests.chaos.streams import FAULTS, Streams
from tests.chaos.tally import judge_times, table
from tests.fixtures.nova import Nova


def faults_for(seconds: float, source: random.Random) -> Iterator[Fault]:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        yield draw(source)


class Log:
    """A running tally: what happens, and when."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:7.1f} s  {text}", flush=True)


async def storm(nova: Nova, provider: CountingProvider, *, minutes: float, seed: int) -> Findings:
    source = random.Random(seed)
    ground = await open_field(nova, provider, f"s{seed}")
    raging = Storm(ground, source, Log())
    findings = await raging.run(faults_for(minutes * 60, source))
    judge_times(raging, findings)
    print(table(raging.faults, raging.watch, findings))
    return findings


async def streams(nova: Nova, provider: CountingProvider, *, count: int, seed: int) -> Findings:
    ground = await open_field(nova, provider, f"r{seed}")
    raging = Streams(ground, count, random.Random(seed), Log())
    findings = await raging.run(itertools.cycle(FAULTS))
    print(table(raging.faults, raging.watch, findings))
    return findings


def main() -> None:
    parser = argparse.ArgumentParser(description="Storms over a whole Nova.")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long things go wrong")
    parser.add_argument("--streams", type=int, default=0, help="cut streams to read, instead")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="nova-chaos-") as folder,
        running_nova(Path(folder)) as (nova, provider),
    ):
        if arguments.streams:
            work = streams(nova, provider, count=arguments.streams, seed=arguments.seed)
        else:
            work = storm(nova, provider, minutes=arguments.minutes, seed=arguments.seed)
        findings = asyncio.run(work)
        if findings.violations:
            print(nova.last_logs())
    sys.exit(1 if findings.violations else 0)


if __name__ == "__main__":
    main()
