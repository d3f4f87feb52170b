"""What a fork has otherwise: its agents, its request, the result of the step that it begins at."""

from dataclasses import replace
from typing import Any

from contracts.orchestrator import ForkChanges, ToolAnswer
from services.kit.errors import Invalid, NotFound
from services.orchestrator.pipeline.forks.queries import OriginRow, OriginStep
from services.orchestrator.pipeline.snapshots.model import Snapshot
from services.orchestrator.pipeline.stage import Role
from services.orchestrator.pods.agents.queries import PodAgentRow

_SUMMARY_LENGTH = 200
_OF_A_STAGE = ("system_prompt", "task_description", "model", "temperature", "max_tokens")


def changed_snapshot(
    snapshot: Snapshot,
    changes: ForkChanges,
    *,
    origin: OriginRow,
    stage: str,
    roles: dict[str, Role[Any]],
) -> tuple[Snapshot, dict[str, Any]]:
    """The snapshot and the metadata of the fork. Raises NotFound for a stage that is not there."""
    fields = {name: value for name in _OF_A_STAGE if (value := getattr(changes, name)) is not None}
    wanted = changes.stage or stage
    positions = {spec.key: spec.agent.position for spec in snapshot.stages(roles)}
    if (fields or changes.stage) and wanted not in positions:
        known = ", ".join(positions)
        raise NotFound(
            f"There is no stage {wanted[:50]!r} to change; these are: {known}.",
            code="unknown_stage",
        )
    agents, metadata = snapshot.agents, dict(origin.metadata)
    override = metadata.get("model_override")
    if changes.model is not None and override:
        # It would win over the model that is asked for; the other stages keep it.
        del metadata["model_override"]
        agents = [replace(agent, model=str(override)) for agent in agents]
    if fields:
        agents = [_changed(agent, fields, positions[wanted]) for agent in agents]
    return replace(snapshot, agents=agents), metadata


def _changed(agent: PodAgentRow, fields: dict[str, Any], position: int) -> PodAgentRow:
    return replace(agent, **fields) if agent.position == position else agent


def result_of(step: OriginStep, answer: str | ToolAnswer) -> dict[str, Any]:
    """A journalled result that says `answer`. Raises Invalid where that can't be answered."""
    match step.kind, answer:
        case "tool", str():
            return _tool_result(ok=True, text=answer)
        case "tool", ToolAnswer():
            return _tool_result(ok=answer.ok, text=answer.text)
        case "model", str():
            # A price of nothing: it was made by nobody who is paid.
            return {"content": answer, "model": step.name, "cost_usd": 0.0}
        case "model", ToolAnswer():
            raise Invalid("The answer of a model call is a text.", code="wrong_answer")
        case _:
            raise Invalid(
                f"Step {step.step} is a {step.kind} call; only the answer of a model or a tool "
                "can be given.",
                code="wrong_answer",
            )


def _tool_result(*, ok: bool, text: str) -> dict[str, Any]:
    return {"ok": ok, "text": text, "summary": text[:_SUMMARY_LENGTH]}
