"""What a run has come to in this process: a replay compares it with what is stored of the task."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StageEnd:
    """How a stage has ended in a round: completed, failed or skipped."""

    status: str
    output: dict[str, Any] | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How the run has left its task."""

    status: str
    output: str | None = None
    error: str | None = None
    pending: dict[str, Any] | None = None


@dataclass
class RunRecord:
    """`stages` by key and round."""

    stages: dict[tuple[str, int], StageEnd] = field(default_factory=dict[tuple[str, int], StageEnd])
    end: RunEnd | None = None
