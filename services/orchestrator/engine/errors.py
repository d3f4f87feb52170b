"""How a task's run can end other than well.

RunEnded
├── LeaseLost        another holder has the task: write nothing more
├── TaskSuspended    the task waits durably; its lease is given up already
├── PersonNeeded     the task can go on only when a person has answered
├── LinksAwaited     the task can go on only when what it started elsewhere has ended
├── TaskFailed       the task has failed for good
└── StageFailed      one stage has failed; its pod agent says what follows
    ├── ModelFailed      no model answered
    ├── ContextOverflow  the conversation is longer than the model's window
    └── LoopDetected     the agent goes in circles
"""

from typing import Any


class RunEnded(Exception):
    """Base of what ends a run or a stage of it; `code` tells readers which."""

    code = "task_failed"


class LeaseLost(RunEnded):
    """The lease was taken over; nothing may be written under this attempt."""


class TaskSuspended(RunEnded):
    """The task waits for something outside and holds nothing."""


class PersonNeeded(RunEnded):
    """The task has to wait, in `status` and for `pending`, before it can go on.

    `flags` are the task's flags from then on; None leaves them as they are.
    """

    def __init__(
        self, *, status: str, pending: dict[str, Any], flags: list[str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.pending = pending
        self.flags = flags


class LinksAwaited(RunEnded):
    """The task has to wait for child tasks or external agents, holding neither lease nor slot."""


class TaskFailed(RunEnded):
    """The task can't go on; the text is the task's error, `code` the one that readers get."""

    def __init__(self, detail: str, *, code: str = "task_failed") -> None:
        super().__init__(detail)
        self.code = code


class StageFailed(RunEnded):
    """A stage can't give its result; the text says why."""

    code = "stage_failed"


class ContextOverflow(StageFailed):
    """What may not be shortened is longer than the model's window."""

    code = "context_overflow"


class LoopDetected(StageFailed):
    """The agent repeats itself without coming further; trying again would only cost more."""

    code = "loop_detected"


class ModelFailed(StageFailed):
    """The model call failed, and so did what stood in for it."""

    def __init__(self, detail: str, *, code: str) -> None:
        super().__init__(detail)
        self.code = code


class JournalDiverged(RunEnded):
    """A resumed task would make another call than the journal holds at this place."""
