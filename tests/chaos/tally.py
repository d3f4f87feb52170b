"""The table at the end of a storm."""

from collections import Counter
from statistics import median

from tests.chaos.checks import Findings
from tests.chaos.field import LEASE_SECONDS
from tests.chaos.storm import Storm
from tests.chaos.watch import Watch

_RESUME_SECONDS = 5.0


def table(faults: Counter[str], watch: Watch, findings: Findings) -> str:
    rows = [(name, str(times)) for name, times in sorted(faults.items())]
    rows += [("—", "")]
    rows += [(name, str(count)) for name, count in sorted(findings.counts.items())]
    rows += [("—", "")]
    rows += [("resumed by the same worker", _figures(watch.resumed))]
    rows += [("taken over by another one", _figures(watch.taken_over))]
    rows += [("violations", str(len(findings.violations)))]
    width = max(len(name) for name, _ in rows) + 2
    lines = [f"{name:<{width}}{value}" for name, value in rows]
    return "\n".join([*lines, *(f"VIOLATION {text}" for text in findings.violations)])


def judge_times(storm: Storm, findings: Findings) -> None:
    """Add to the violations where tasks lay still for too long."""
    if storm.watch.resumed and median(storm.watch.resumed) >= _RESUME_SECONDS:
        findings.add(f"half of the tasks lay still for {_RESUME_SECONDS:g} s or longer")
    late = [seconds for seconds in storm.watch.taken_over if seconds > LEASE_SECONDS + 5]
    if late:
        findings.add(f"{len(late)} tasks were taken over later than 5 s after their lease")


def _figures(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    return f"{len(seconds)} tasks, median {median(seconds):.2f} s, longest {max(seconds):.2f} s"
