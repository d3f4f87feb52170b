"""Budgets as a run sees them: which ones a model call draws on, and what follows if one is too small."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from contracts.llm import BudgetShortage, CompleteRequest
from services.kit.db import Database
from services.kit.errors import NovaError
from services.kit.ids import new_id
from services.orchestrator.engine.errors import PersonNeeded, RunEnded, TaskFailed
from services.orchestrator.engine.leases.queries import ClaimedTask
from services.orchestrator.engine.limits import queries
from services.orchestrator.tools.lease import now

BUDGET_EXCEEDED = "budget_exceeded"
_FRESH_SECONDS = 1.0
# What other calls have reserved comes free when they end: worth a moment's waiting, then a rest.
_PATIENCE_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.5
_REST_SECONDS = 30.0

_WHOSE = {
    "task": "The task's budget is used up.",
    "pod": "What the tasks of this task's pod may cost in one day is used up.",
    "key": "The budget of the API key that this task was submitted with is used up.",
    "day": "What Nova may spend in one day (limits.day_budget_usd) is used up.",
}
_WHAT_TO_DO = {
    "task": "Approve with a new budget for the task of at least {least}, and it goes on.",
    "pod": "Raise the pod's daily budget to at least {least} and approve.",
    "key": "Raise the key's budget to at least {least} and approve.",
    "day": "Raise limits.day_budget_usd in the configuration to at least {least} and approve.",
}


class TaskBudgets:
    """The budgets of one task, at most a second old: the task's, its parents' and its pod's.

    The gateway itself adds those of the key and of the day.
    """

    def __init__(self, database: Database, task: ClaimedTask) -> None:
        self._database = database
        self._task = task
        self._scopes = task.budgets
        self._read_at = now()

    async def added_to(self, request: CompleteRequest) -> CompleteRequest:
        """The request as the gateway gets it. Raises DatabaseDown."""
        if now() - self._read_at > _FRESH_SECONDS:
            async with self._database.connection() as connection:
                self._scopes = await queries.task_budgets(connection, self._task.id)
            self._read_at = now()
        if not self._scopes:
            return request
        metadata = {**request.metadata, "budgets": self._scopes}
        return request.model_copy(update={"metadata": metadata})


class Patience:
    """How long a call waits in its place for budgets that other calls hold."""

    def __init__(self) -> None:
        self._until: float | None = None

    def wait_seconds(self, error: NovaError) -> float | None:
        """Until the next try; None if waiting is of no use, or has been long enough."""
        shortage = _shortage(error)
        if shortage is None or not shortage.is_passing:
            return None
        if self._until is None:
            self._until = now() + _PATIENCE_SECONDS
        return _LOOK_AGAIN_SECONDS if now() < self._until else None


def over_budget(task: ClaimedTask, error: NovaError) -> RunEnded:
    """How the run ends: a pipeline task waits, a turn that a person sits before is refused."""
    shortage = _shortage(error)
    if shortage is None:
        return TaskFailed(error.detail, code=BUDGET_EXCEEDED)
    prompt = _prompt(task, shortage)
    if task.kind != "pipeline":
        return TaskFailed(prompt, code=BUDGET_EXCEEDED)
    pending: dict[str, Any] = {
        "id": str(new_id()),
        "kind": "budget",
        "prompt": f"{prompt} Reject to end the task.",
        "options": ["approve", "reject"],
        "budget": shortage.model_dump(mode="json"),
    }
    if (resumes_at := _resumes_at(shortage)) is not None:
        pending["resumes_at"] = resumes_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        pending["prompt"] += f" Else it tries again by itself at {pending['resumes_at']}."
    return PersonNeeded(status="pending_human_review", pending=pending)


def _shortage(error: NovaError) -> BudgetShortage | None:
    try:
        return BudgetShortage.model_validate(error.facts)
    except ValidationError:
        return None


def _resumes_at(shortage: BudgetShortage) -> datetime | None:
    if shortage.is_passing:
        return datetime.now(UTC) + timedelta(seconds=_REST_SECONDS)
    return shortage.resets_at


def _prompt(task: ClaimedTask, shortage: BudgetShortage) -> str:
    least = shortage.spent_usd + shortage.reserved_usd + shortage.needed_usd
    what_to_do = _WHAT_TO_DO[shortage.scope].format(least=_dollars(least))
    whose = _WHOSE[shortage.scope]
    if shortage.scope == "task" and shortage.id != str(task.id):
        whose = "The budget of the task that this one works for is used up."
    if task.kind != "pipeline":
        what_to_do = what_to_do.split(" and ")[0].removesuffix(".") + ", then ask again."
        if shortage.scope == "task":
            what_to_do = "Ask with a larger budget."
    return (
        f"{whose} Limit {_dollars(shortage.limit_usd)}; spent {_dollars(shortage.spent_usd)}; "
        f"reserved by calls that run now {_dollars(shortage.reserved_usd)}; the next call may "
        f"cost up to {_dollars(shortage.needed_usd)}. {what_to_do}"
    )


def _dollars(amount: float) -> str:
    """At least cents, and as much more as there is: $1.50, $0.000325."""
    text = f"{amount:.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"${whole}.{part:0<2}"
