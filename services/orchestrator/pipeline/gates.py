"""The gates of a pipeline task: may it go on, does a person decide, or is it refused."""

import asyncio
from dataclasses import dataclass

from services.kit.ids import new_id
from services.orchestrator.engine.ending import service as ending
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.pipeline.checkpoint import APPROVED_CONCERNS
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.scanning.masking import masked
from services.orchestrator.pipeline.stage import SEVERITIES, StageSpec
from services.orchestrator.pipeline.stage_run import StageRunner
from services.orchestrator.pipeline.stages.code_review import NEEDS_REFACTOR, REVIEW_REJECTED
from services.orchestrator.pipeline.stages.decision import DECISION_REJECTED, ESCALATED
from services.orchestrator.pipeline.stages.guardrail import GUARDRAIL_BLOCKED

__all__ = ["CLARIFIED", "ESCALATED", "JUDGED", "REVIEW_REJECTED"]

APPROVED = "approved_by_person"
CLARIFIED = "clarified"
JUDGED = frozenset({ESCALATED, REVIEW_REJECTED, GUARDRAIL_BLOCKED, DECISION_REJECTED})
"""The flags that follow from the stages' results; the others were set by a person."""

_ROLES_AFTERWARDS = frozenset(
    {"documentation", "diagramming", "security_review", "memory_extraction"}
)


@dataclass(frozen=True, slots=True)
class Concern:
    """Why a person has to look at a result; the same concern has the same id each time."""

    id: str
    text: str


def is_afterwards(spec: StageSpec) -> bool:
    """Whether the stage only follows up on a result that has been judged already."""
    return spec.role.name in _ROLES_AFTERWARDS


def needs_refactor(progress: Progress) -> bool:
    return (progress.judgement("code_review") or {}).get("verdict") == NEEDS_REFACTOR


def output_of(progress: Progress) -> str:
    """The task's answer: the work's own, else what the context stage found."""
    work = (progress.of_role("task") or {}).get("output")
    return str(work or (progress.of_role("context") or {}).get("summary", ""))


async def pass_or_end(runner: StageRunner) -> None:
    """Return if the result may be handed on. Else the task fails, or waits for a person."""
    progress, pod = runner.progress, runner.pod
    if DECISION_REJECTED in progress.flags:
        raise TaskFailed("The decision stage has rejected the result.")
    found = concerns(progress, threshold=pod.escalation_threshold)
    if found and pod.require_human_review == "never":
        raise TaskFailed(found[0].text)
    if pod.require_human_review == "always":
        found.append(Concern("always", "This pod asks for a person's review of every result."))
    # An approval holds for what was known when it was given, not for what comes up later.
    approved: list[str] = runner.run.task.checkpoint.get(APPROVED_CONCERNS, [])
    new = [concern for concern in found if concern.id not in approved]
    if not new:
        return
    prompt = "\n".join(concern.text for concern in new)
    shown = await asyncio.to_thread(masked, output_of(progress))
    await ending.suspend(
        runner.run,
        status="pending_human_review",
        pending={
            "id": str(new_id()),
            "kind": "decision",
            "prompt": f"{prompt}\n\n{shown}",
            "options": ["approve", "reject"],
            "concerns": [*approved, *(concern.id for concern in new)],
        },
        flags=sorted(progress.flags),
    )


def concerns(progress: Progress, *, threshold: str) -> list[Concern]:
    """What speaks against handing the result on without a person."""
    place = f"round {progress.round}"
    found = [
        Concern(f"{place}: {stage} failed", f"{stage} has failed and escalated this task: {error}")
        for stage, error in sorted(progress.escalations.items())
    ]
    decision = progress.judgement("decision") or {}
    if decision.get("decision") == "escalate":
        found.append(Concern(f"{place}: decision", "The decision stage has escalated this task."))
    if REVIEW_REJECTED in progress.flags:
        found.append(Concern(f"{place}: review", "The code review has rejected the result."))
    if GUARDRAIL_BLOCKED in progress.flags:
        found.append(Concern(f"{place}: guardrail", "The guardrail has blocked the result."))
    worst = _worst_finding(progress)
    if worst >= SEVERITIES.index(threshold):
        text = f"The guardrail has found something of severity {SEVERITIES[worst]}."
        found.append(Concern(f"{place}: findings", text))
    return found


def _worst_finding(progress: Progress) -> int:
    judged = progress.judgement("guardrail") or {}
    findings = [*judged.get("findings", []), *judged.get("scanned", [])]
    return max((SEVERITIES.index(finding["severity"]) for finding in findings), default=-1)
