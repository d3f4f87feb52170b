"""What a policy says in prompts: soft rules in words; and a note where a skill had to be left out."""

from collections.abc import Sequence
from uuid import uuid5

from contracts.events import FindingEvent
from services.kit.db import Connection
from services.kit.log import get_logger
from services.orchestrator.engine.run import TaskRun
from services.orchestrator.policy import queries
from services.orchestrator.policy.model import PolicyRule
from services.orchestrator.skills.rendering import LeftOut

_log = get_logger(__name__)
_SEVERITY = "low"


def rules_to_obey(rules: Sequence[PolicyRule]) -> str:
    """For who does the work; empty without rules."""
    if not rules:
        return ""
    return "Keep to these rules:\n" + "\n".join(f"- {rule.rule_text}" for rule in rules)


def rules_to_judge_by(rules: Sequence[PolicyRule]) -> str:
    """For who judges the work; empty without rules."""
    if not rules:
        return ""
    told = "\n".join(f"- {rule.name} ({rule.severity}): {rule.rule_text}" for rule in rules)
    return (
        "Judge the result by these rules as well. Report each breach as a finding whose category is "
        f"rule:<name> and whose severity is the one in brackets:\n{told}"
    )


async def note_left_out(run: TaskRun, stage: str, left_out: Sequence[LeftOut]) -> None:
    """Tell once for each task, by a finding, which of its skills no prompt shows."""
    for one in left_out:
        await _note(run, stage, one)


async def _note(run: TaskRun, stage: str, left_out: LeftOut) -> None:
    finding_id = uuid5(run.task.id, f"skill {left_out.skill.id}")
    async with run.context.database.connection() as connection:
        if await queries.has_finding(connection, finding_id):
            return
    title = f"The skill {left_out.skill.name} was left out: {left_out.reason}"
    _log.warning("a skill was left out", task_id=str(run.task.id), reason=title)

    async def store(connection: Connection) -> None:
        await queries.insert_finding(
            connection,
            finding_id,
            task_id=run.task.id,
            stage=stage,
            severity=_SEVERITY,
            title=title,
        )

    await run.write(store, [FindingEvent(category="skill", severity=_SEVERITY, title=title)])
