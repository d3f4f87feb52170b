"""What a stage's agent is told: its role's prompt, and the parts of the progress that it may see."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from contracts.chat import Message
from services.orchestrator.engine.context.fitting import first_that_fit, fit_sections
from services.orchestrator.engine.context.plan import ContextPlan
from services.orchestrator.pipeline.gitwork.changes import fit_changes_to_tokens
from services.orchestrator.pipeline.progress import Progress
from services.orchestrator.pipeline.result_schemas import result_schema
from services.orchestrator.pipeline.stage import Role
from services.orchestrator.pods.agents.queries import PodAgentRow

_NO_CLOSING = "<\\\\/"


def stage_messages(
    role: Role[Any],
    agent: PodAgentRow,
    progress: Progress,
    *,
    told: Sequence[str] = (),
    plan: ContextPlan | None = None,
) -> list[Message]:
    """The system and the user message of a stage's first model call, cut to fit `plan`; `told`
    stands in the former.
    """
    parts = [agent.system_prompt or role.prompt]
    if agent.task_description:
        parts.append(agent.task_description)
    parts.extend(told)
    schema = result_schema(role, agent)
    parts.append(
        "Answer with one JSON object and nothing else. Its JSON schema: "
        + json.dumps(schema, ensure_ascii=False, sort_keys=True)
    )
    shown = progress if plan is None else _what_fits(progress, plan)
    sections = [section for name in role.sees if (section := _SECTIONS[name](shown))]
    if plan is not None:
        sections = fit_sections(sections, _section_tokens(plan))
    return [
        Message(role="system", content="\n\n".join(parts)),
        Message(role="user", content="\n\n".join(sections)),
    ]


def _what_fits(progress: Progress, plan: ContextPlan) -> Progress:
    """Memories within their share, and changes within half of what all sections may take."""
    return replace(
        progress,
        memories=first_that_fit(progress.memories, plan.memory),
        changes=fit_changes_to_tokens(progress.changes, _section_tokens(plan) // 2),
    )


def _section_tokens(plan: ContextPlan) -> int:
    """A stage has no history: its material takes that share, and half of the work's; tool results
    get the other half and whatever the system prompt and the tools leave.
    """
    return plan.memory + plan.history + plan.working // 2


def repair_message(error: str) -> Message:
    return Message(
        role="user",
        content=f"That reply could not be used: {error}\nAnswer again with the JSON object alone.",
    )


def _section(name: str, content: str) -> str:
    """The content between tags, which it can't close itself: what it holds stays material."""
    closing = re.compile(rf"</(?=\s*{name}\s*>)", re.IGNORECASE)
    return f"<{name}>\n{closing.sub(_NO_CLOSING, content)}\n</{name}>" if content else ""


def _list(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _json(value: dict[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _result(progress: Progress) -> str:
    return _section("result", _json(progress.of_role("task")))


def _work(progress: Progress) -> str:
    """What the pod's earlier workers have done in this round."""
    return _section("work", _json(progress.judgement("task")))


def _review(progress: Progress) -> str:
    if progress.round == 1:
        return ""
    earlier = range(1, progress.round)
    before = _section("earlier_result", _json(progress.of_role("task", rounds=earlier)))
    review = progress.of_role("code_review", rounds=[progress.round - 1])
    return before + "\n\n" + _section("review", _json(review))


def _judgements(progress: Progress) -> str:
    judged = {
        name: judgement
        for name in ("guardrail", "code_review")
        if (judgement := progress.judgement(name)) is not None
    }
    return _section("judgements", _json(judged or None))


def _scanned(progress: Progress) -> str:
    lines = [
        f"{found.severity} {found.category}: {found.title}. {found.evidence}"
        for found in progress.scanned
    ]
    return _section("scanners_findings", _list(lines))


_SECTIONS: dict[str, Callable[[Progress], str]] = {
    "request": lambda progress: _section("request", progress.request),
    "memories": lambda progress: _section("memories", _list(progress.memories)),
    "answers": lambda progress: _section("answers", _list(progress.answers)),
    "context": lambda progress: _section("context", _json(progress.of_role("context"))),
    "result": _result,
    "changes": lambda progress: _section("changes", progress.changes),
    "scanned": _scanned,
    "work": _work,
    "review": _review,
    "judgements": _judgements,
}
