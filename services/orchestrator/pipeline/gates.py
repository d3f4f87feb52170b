"""The gates of a pipeline task: may it go on, does a person decide, or is it refused."""

from services.kit.ids import new_id
from services.orchestrator.engine.ending import service as ending
from services.orchestrator.engine.errors import TaskFailed
from services.orchestrator.pipeline.stage import SEVERITIES, Progress, StageSpec
from services.orchestrator.pipeline.stage_run import StageRunner
from services.orchestrator.pipeline.stages.code_review import NEEDS_REFACTOR, REVIEW_REJECTED
from services.orchestrator.pipeline.stages.decision import DECISION_REJECTED, ESCALATED
from services.orchestrator.pipeline.stages.guardrail import GUARDRAIL_BLOCKED

__all__ = ["CLARIFIED", "ESCALATED", "JUDGED", "JUDGES", "REVIEW_REJECTED"]

APPROVED = "approved_by_person"
CLARIFIED = "clarified"
JUDGED = frozenset({ESCALATED, REVIEW_REJECTED, GUARDRAIL_BLOCKED, DECISION_REJECTED})
"""The flags that follow from the stages' results; the others were set by a person."""

JUDGES = frozenset({"guardrail", "code_review", "decision"})
"""The roles that judge the work of one round."""

_ROLES_AFTERWARDS = frozenset(
    {"documentation", "diagramming", "security_review", "memory_extraction"}
)


def is_afterwards(spec: StageSpec) -> bool:
    """Whether the stage only follows up on a result that has been judged already."""
    return spec.role.name in _ROLES_AFTERWARDS


def needs_refactor(progress: Progress) -> bool:
    return progress.results.get("code_review", {}).get("verdict") == NEEDS_REFACTOR


def output_of(progress: Progress) -> str:
    """The task's answer: the work's own, else what the context stage found."""
    work = progress.results.get("task", {}).get("output")
    return str(work or progress.results.get("context", {}).get("summary", ""))


async def pass_or_end(runner: StageRunner) -> None:
    """Return if the result may be handed on. Else the task fails, or waits for a person."""
    progress, pod = runner.progress, runner.pod
    if APPROVED in progress.flags:
        return
    reason = refusal(progress, threshold=pod.escalation_threshold)
    if DECISION_REJECTED in progress.flags:
        raise TaskFailed("The decision stage has rejected the result.")
    if reason is None and pod.require_human_review != "always":
        return
    if pod.require_human_review == "never":
        raise TaskFailed(reason or "The result was refused.")
    prompt = reason or "This pod asks for a person's review of every result."
    await ending.suspend(
        runner.run,
        status="pending_human_review",
        pending={
            "id": str(new_id()),
            "kind": "decision",
            "prompt": f"{prompt}\n\n{output_of(progress)}",
            "options": ["approve", "reject"],
        },
        flags=sorted(progress.flags),
    )


def refusal(progress: Progress, *, threshold: str) -> str | None:
    """Why a person has to look at the result, or None."""
    if ESCALATED in progress.flags:
        return "A stage has escalated this task."
    if REVIEW_REJECTED in progress.flags:
        return "The code review has rejected the result."
    if GUARDRAIL_BLOCKED in progress.flags:
        return "The guardrail has blocked the result."
    worst = max(
        (
            SEVERITIES.index(finding["severity"])
            for finding in progress.results.get("guardrail", {}).get("findings", [])
        ),
        default=-1,
    )
    if worst >= SEVERITIES.index(threshold):
        return f"The guardrail has found something of severity {SEVERITIES[worst]}."
    return None
