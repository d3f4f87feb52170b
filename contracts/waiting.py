"""orchestrator: what a task waits for, as its readers see it."""

from typing import Literal
from uuid import UUID

from contracts.base import Answer, Timestamp
from contracts.llm import BudgetShortage


class Pending(Answer):
    """For what a task waits, and what a person may answer.

    `budget` says which budget is too small; at `resumes_at` the task goes on without an answer.
    """

    id: UUID
    kind: Literal["decision", "tool", "budget", "unknown_outcome", "restored", "clarification"]
    prompt: str
    options: list[str] = []
    budget: BudgetShortage | None = None
    resumes_at: Timestamp | None = None
