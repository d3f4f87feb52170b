"""Hard rules at a tool call: it is refused, made with a finding, or a person is asked before it.

The rules are those that stand when the call is about to begin. What came of them is part of the
step: a call that has begun, or has ended, is not judged again when its task is resumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

import orjson

from contracts.chat import ToolCall
from contracts.events import FindingEvent
from services.kit.db import Connection
from services.kit.ids import new_id
from services.orchestrator.engine.errors import PersonNeeded
from services.orchestrator.engine.model_calls import digest_of
from services.orchestrator.engine.run import StepPlace, TaskRun
from services.orchestrator.policy.book import PolicyBook
from services.orchestrator.policy.model import PolicyRule, Subject
from services.orchestrator.rules import queries
from services.orchestrator.rules.detectors.credential import mask
from services.orchestrator.rules.matching import Match, matching_rules

_APPROVAL = "approval "
_LONGEST_ARGUMENTS = 2_000
_LONGEST_COMMENT = 2_000
_NO_APPROVAL_HERE = (
    "It needs a person's approval, for which a chat can't wait. Tell the person: they may submit "
    "it as a pipeline task, where they are asked, or have the rule changed."
)


@dataclass(frozen=True, slots=True)
class CallRules:
    """The hard rules for the calls of one agent; `at_least`: what its task was claimed under."""

    book: PolicyBook
    subject: Subject
    at_least: int | None = None

    async def matching(self, call: ToolCall) -> list[Match]:
        policy = await self.book.current(at_least=self.at_least)
        rules = policy.hard_rules_for(self.subject)
        return await matching_rules(rules, call.name, call.arguments)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal`: why the call is not made, for the model. `matches` become findings of its step."""

    matches: Sequence[Match] = ()
    refusal: str | None = None
    outcome: str = "made"

    def events(self) -> list[FindingEvent]:
        return [
            FindingEvent(
                category="rule", severity=match.rule.severity, title=self._title(match.rule)
            )
            for match in self.matches
        ]

    async def store(self, connection: Connection, run: TaskRun, place: StepPlace) -> None:
        for match in self.matches:
            await queries.insert_finding(
                connection,
                # The same for every try of the commit, so that a second one stores nothing twice.
                uuid5(run.task.id, f"rule {match.rule.id} {place.step}"),
                task_id=run.task.id,
                stage=place.stage,
                severity=match.rule.severity,
                title=self._title(match.rule),
                evidence=match.text,
                rule=match.rule.name,
            )

    def _title(self, rule: PolicyRule) -> str:
        return f"The rule {rule.name} is about a tool call, which was {self.outcome}"


PASSED = Verdict()


def approval_mark(step: int) -> str:
    """Under this name a task's checkpoint keeps what a person has said about the step's call."""
    return f"{_APPROVAL}{step}"


def approvals_before(checkpoint: dict[str, Any], step: int) -> dict[str, Any]:
    """The checkpoint without what was said about later calls: an approval is for one call."""
    return {
        name: value
        for name, value in checkpoint.items()
        if not name.startswith(_APPROVAL) or int(name.removeprefix(_APPROVAL)) < step
    }


def approval_answer(
    pending: dict[str, Any], *, decision: str, comment: str | None
) -> dict[str, Any]:
    """What the checkpoint keeps of an answer to `approval_needed`."""
    return {
        approval_mark(pending["step"]): {
            "decision": decision,
            "comment": comment,
            "digest": pending["digest"],
            "rules": pending["rules"],
        }
    }


async def judge(
    run: TaskRun, place: StepPlace, call: ToolCall, *, rules: CallRules, asks_person: bool
) -> Verdict:
    """What becomes of a call that is about to begin. Raises PersonNeeded to ask for an approval."""
    answer = _answer(run, place, call)
    matches = await rules.matching(call)
    if answer is not None and answer["decision"] == "reject":
        return _rejected(answer, matches)
    blocking = [match for match in matches if match.rule.action == "block"]
    if blocking:
        return Verdict(matches, _blocked(blocking), "blocked")
    asking = [match for match in matches if match.rule.action == "require_approval"]
    if not asking:
        return Verdict(matches) if matches else PASSED
    approved: set[str] = set() if answer is None else set(answer["rules"])
    if {str(match.rule.id) for match in asking} <= approved:
        return Verdict(matches, outcome="made after a person's approval")
    if not asks_person:
        text = f"{_objections('Not made', asking)} {_NO_APPROVAL_HERE}"
        return Verdict(matches, text, "refused, for it needs an approval")
    run.context.failpoints.reach("approval-needed")
    raise _approval_needed(place, call, asking)


def _answer(run: TaskRun, place: StepPlace, call: ToolCall) -> dict[str, Any] | None:
    answer: dict[str, Any] | None = run.task.checkpoint.get(approval_mark(place.step))
    return answer if answer is not None and answer["digest"] == digest_of(call) else None


def _rejected(answer: dict[str, Any], matches: Sequence[Match]) -> Verdict:
    comment = answer["comment"]
    said = f": {comment[:_LONGEST_COMMENT]}" if comment else "."
    return Verdict(
        matches, f"Not made: a person has refused this call{said}", "refused by a person"
    )


def _blocked(matches: Sequence[Match]) -> str:
    return f"{_objections('Blocked', matches)} The call was not made; do it another way or say why not."


def _objections(what: str, matches: Sequence[Match]) -> str:
    return " ".join(
        f"{what} by the rule {match.rule.name}: {match.rule.rule_text} It objects to: {match.text}"
        for match in matches
    )


def _approval_needed(place: StepPlace, call: ToolCall, asking: Sequence[Match]) -> PersonNeeded:
    arguments = mask(orjson.dumps(call.arguments).decode())
    if len(arguments) > _LONGEST_ARGUMENTS:
        arguments = f"{arguments[:_LONGEST_ARGUMENTS]}… ({len(arguments)} characters)"
    # One line of JSON in a fence of its own: whatever it holds, it is shown as it is.
    reasons = "\n\n".join(
        f"The rule {match.rule.name} asks for an approval: {match.rule.rule_text} It objects to:\n\n"
        f"```\n{' '.join(match.text.split())}\n```"
        for match in asking
    )
    pending = {
        "id": str(new_id()),
        "kind": "tool",
        "prompt": (
            f"The {place.stage} stage wants to make this call:\n\n```\n{call.name} {arguments}\n```\n\n"
            f"{reasons}\n\nApprove to let this call be made, once. Reject to refuse it: the agent is "
            "told so, with your comment, and goes on. Cancel the task to end it."
        ),
        "options": ["approve", "reject"],
        "step": place.step,
        "digest": digest_of(call),
        "rules": [str(match.rule.id) for match in asking],
    }
    return PersonNeeded(status="pending_human_review", pending=pending)
