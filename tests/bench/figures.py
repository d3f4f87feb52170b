"""What a bench prints: medians, percentiles, the machine's load, processor time by process."""

import os
import statistics
from dataclasses import dataclass
from pathlib import Path

from tests.fixtures.nova import Nova

_TICKS = os.sysconf("SC_CLK_TCK")
_STORES = ("postgres", "redis")


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def print_times(name: str, seconds: list[float]) -> None:
    """A line of milliseconds."""
    middle, high = statistics.median(seconds) * 1000, p95(seconds) * 1000
    print(f"{name:<44}{middle:9.1f} ms median {high:9.1f} ms p95   of {len(seconds)}")


def print_load(when: str) -> None:
    print(f"load {when:<39}{os.getloadavg()[0]:9.2f}   ({os.cpu_count()} processors)")


@dataclass(frozen=True)
class Usage:
    """Processor seconds so far, by process of Nova; a store's with all its children."""

    seconds: dict[str, float]

    @classmethod
    def of(cls, nova: Nova, names: list[str]) -> "Usage":
        return cls({name: processor_seconds(nova.pid(name)) for name in names})

    def print_since(self, before: "Usage", *, tasks: int) -> None:
        each = {
            name: (now - before.seconds[name]) / tasks * 1000 for name, now in self.seconds.items()
        }
        parts = "  ".join(f"{name} {value:.1f}" for name, value in each.items())
        print(f"    processor ms a task: {sum(each.values()):.1f} = {parts}")


def processor_seconds(pid: int) -> float:
    """User and system time so far, with all its children."""
    total = 0.0
    for each in _with_children(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def _with_children(pid: int) -> list[int]:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(grandchild for child in found for grandchild in _with_children(int(child)))]
