"""A journalled tool call: what had started but not ended is made again only where that is harmless."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid5

import orjson

from contracts.chat import ToolCall
from contracts.events import ToolCallEvent, ToolResultEvent
from services.kit.db import Connection
from services.kit.ids import new_id
from services.orchestrator.engine.call_rules import PASSED, CallRules, Verdict, judge
from services.orchestrator.engine.errors import JournalDiverged, LinksAwaited, PersonNeeded
from services.orchestrator.engine.intentions import Intention, Intentions
from services.orchestrator.engine.journal.entries import Entry, begin_step, settle_step
from services.orchestrator.engine.journal.queries import StepRow
from services.orchestrator.engine.model_calls import StepPlace, digest_of
from services.orchestrator.engine.run import TaskRun, as_json
from services.orchestrator.tools.base import Effect, Tool, ToolOutcome
from services.orchestrator.tools.context import ToolContext
from services.orchestrator.tools.errors import CallPending

UNKNOWN_OUTCOME = (
    "Outcome unknown: Nova was interrupted while this call ran, so it may have had its effect, "
    "wholly or in part, or not at all. It was not made again. Look before you repeat it."
)
ACCEPTED_OUTCOME = "accepted_outcome"
"""In a task's checkpoint: the step whose unknown outcome a person has accepted, and the comment."""
_EVENT_ARGUMENT_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class ToolBox:
    """What an agent may call, by name, and with what context; `refused` says why others are off.

    `asks_person`: a person can be asked about an irreversible call whose outcome is unknown, and
    about a call that a rule wants to be approved.
    """

    tools: dict[str, Tool[Any]]
    context: ToolContext
    refused: dict[str, str]
    asks_person: bool = False
    rules: CallRules | None = None


async def call_tools(
    run: TaskRun, calls: Sequence[tuple[StepPlace, ToolCall]], box: ToolBox
) -> list[ToolOutcome]:
    """Make the calls of one reply one after the other; those that only hand work on to somebody
    else, and stand side by side, are all started before any of them is waited for.

    Raises LinksAwaited, with the calls left open, when one has to be waited for; else as call_tool.
    """
    outcomes: list[ToolOutcome] = []
    pending = False
    for place, call in calls:
        tool = box.tools.get(call.name)
        if pending and not (tool is not None and tool.hands_on):
            break
        try:
            outcomes.append(await call_tool(run, place, call, box))
        except CallPending:
            pending = True
    if pending:
        raise LinksAwaited("the task waits for what it has handed on")
    return outcomes


async def call_tool(run: TaskRun, place: StepPlace, call: ToolCall, box: ToolBox) -> ToolOutcome:
    """Make the call, or take its outcome from the journal.

    Raises PersonNeeded, if the box asks persons, when an irreversible call was interrupted, and
    before a call that a rule wants to be approved; CallPending, with the call left open, when its
    outcome comes from elsewhere and later.
    """
    found = run.journalled(place, kind="tool", name=call.name, request=call)
    if found is not None and found.status != "begun":
        return _replay(found, call)
    tool = box.tools.get(call.name)
    intention = None
    if found is not None and not _may_run_again(tool, call, box):
        intention = _take_over(run, place, found, box)
        if intention is None:
            if _waits_for_person(run, place, tool, box):
                raise _person_needed(place, call)
            return await _settle_unknown(run, place, call)
    verdict = PASSED
    if found is None and tool is not None and box.rules is not None:
        verdict = await judge(run, place, call, rules=box.rules, asks_person=box.asks_person)
    if verdict.refusal is not None:
        return await _refuse(run, place, call, verdict)
    await run.wait_for_lease()
    if intention is None:
        intention = _declare(run, place, tool, box)
    # Made again after a crash, the call was announced before.
    events = [_announcement(call), *verdict.events()] if found is None else []
    if verdict.matches:

        async def begin_with_findings(connection: Connection) -> None:
            await verdict.store(connection, run, place)
            await run.apply(connection, _begun(place, call))

        await run.write(begin_with_findings, events)
    else:
        await run.put(_begun(place, call), events)
    run.context.failpoints.reach("tool-begun")
    run.open_steps[place.stage, place.step] = _OpenToolCall(run, place, call, tool, box)
    outcome = await _execute(run, place, call, box, intention)
    run.context.failpoints.reach("tool-executed")
    ended = _ended(place, outcome, status="done")
    await run.defer(ended, [_result_event(call, outcome)], passed="tool-settled")
    run.open_steps.pop((place.stage, place.step), None)
    return outcome


def _intentions(box: ToolBox) -> Intentions:
    return Intentions(box.context.settings.state_folder)


def _declare(run: TaskRun, place: StepPlace, tool: Tool[Any] | None, box: ToolBox) -> Intention:
    if tool is None or tool.effect.may_run_again:
        return Intention(None)
    return _intentions(box).declare(run.task.id, step=place.step, attempt=run.task.attempt)


def _take_over(run: TaskRun, place: StepPlace, found: StepRow, box: ToolBox) -> Intention | None:
    """A call that was begun and surely not started is made as if it had not been begun."""
    return _intentions(box).take_over(
        run.task.id, step=place.step, begun_by=found.attempt, attempt=run.task.attempt
    )


def _begun(place: StepPlace, call: ToolCall) -> Entry:
    content = as_json(call)
    return begin_step(
        step=place.step,
        stage=place.stage,
        kind="tool",
        name=call.name,
        digest=digest_of(call, content=content),
        request=content,
    )


def _announcement(call: ToolCall) -> ToolCallEvent:
    return ToolCallEvent(id=call.id, name=call.name, arguments=_short(call.arguments))


async def _refuse(run: TaskRun, place: StepPlace, call: ToolCall, verdict: Verdict) -> ToolOutcome:
    """A call that is not made is a finished step all the same, written at once."""
    outcome = ToolOutcome.failure(verdict.refusal or "")

    async def work(connection: Connection) -> None:
        await verdict.store(connection, run, place)
        await run.apply(connection, _begun(place, call))
        await run.apply(connection, _ended(place, outcome, status="done"))

    await run.write(work, [_announcement(call), *verdict.events(), _result_event(call, outcome)])
    run.context.failpoints.reach("tool-refused")
    return outcome


@dataclass(frozen=True, slots=True)
class _OpenToolCall:
    run: TaskRun
    place: StepPlace
    call: ToolCall
    tool: Tool[Any] | None
    box: ToolBox

    async def abandon(self, reason: str) -> None:
        outcome = ToolOutcome(ok=False, text=f"{UNKNOWN_OUTCOME} ({reason})", summary=reason)
        await _settle(self.run, self.place, self.call, outcome, status="unknown")

    def question(self) -> PersonNeeded | None:
        if _waits_for_person(self.run, self.place, self.tool, self.box):
            return _person_needed(self.place, self.call)
        return None

    def drop(self) -> None:
        """Nothing is held: its processes end with the cancelled call."""


def _may_run_again(tool: Tool[Any] | None, call: ToolCall, box: ToolBox) -> bool:
    if tool is None:
        # One that is off now may have been on when the call began.
        return call.name not in box.refused
    return tool.effect.may_run_again


def _waits_for_person(run: TaskRun, place: StepPlace, tool: Tool[Any] | None, box: ToolBox) -> bool:
    irreversible = tool is not None and tool.effect is Effect.IRREVERSIBLE
    return irreversible and box.asks_person and _accepted(run, place) is None


def _accepted(run: TaskRun, place: StepPlace) -> dict[str, Any] | None:
    accepted: dict[str, Any] = run.task.checkpoint.get(ACCEPTED_OUTCOME) or {}
    return accepted if accepted.get("step") == place.step else None


def _person_needed(place: StepPlace, call: ToolCall) -> PersonNeeded:
    arguments = orjson.dumps(_short(call.arguments)).decode()
    pending = {
        "id": str(new_id()),
        "kind": "unknown_outcome",
        "prompt": (
            f"The call {call.name} {arguments} was interrupted. It can't be undone, and it may have "
            "had its effect, wholly, in part, or not at all. Look what it did. Approve to let the "
            "task go on: the call is not made again. Reject to end the task."
        ),
        "options": ["approve", "reject"],
        "step": place.step,
    }
    return PersonNeeded(status="pending_human_review", pending=pending)


async def _execute(
    run: TaskRun, place: StepPlace, call: ToolCall, box: ToolBox, intention: Intention
) -> ToolOutcome:
    tool = box.tools.get(call.name)
    if tool is None:
        reason = box.refused.get(call.name)
        if reason is None:
            known = ", ".join(sorted(box.tools)) or "none"
            reason = f"There is no tool {call.name!r} here; these are offered: {known}."
        return ToolOutcome.failure(reason)
    # The same for every try of this call, so that what it starts elsewhere is started once.
    call_id = uuid5(run.task.id, f"step {place.step}")

    def started() -> None:
        intention.start()
        run.context.failpoints.reach("tool-started")

    context = replace(box.context, call_id=call_id, started=started)
    return await tool.run(call.arguments, context)


async def _settle(
    run: TaskRun, place: StepPlace, call: ToolCall, outcome: ToolOutcome, *, status: str
) -> None:
    await run.put(_ended(place, outcome, status=status), [_result_event(call, outcome)])


def _ended(place: StepPlace, outcome: ToolOutcome, *, status: str) -> Entry:
    result = {"ok": outcome.ok, "text": outcome.text, "summary": outcome.summary}
    return settle_step(step=place.step, status=status, result=result)


def _result_event(call: ToolCall, outcome: ToolOutcome) -> ToolResultEvent:
    return ToolResultEvent(id=call.id, name=call.name, ok=outcome.ok, summary=outcome.summary)


async def _settle_unknown(run: TaskRun, place: StepPlace, call: ToolCall) -> ToolOutcome:
    text = UNKNOWN_OUTCOME
    accepted = _accepted(run, place)
    if accepted is not None:
        comment = accepted.get("comment")
        text += " A person has looked at it and lets you go on" + (
            f": {comment}" if comment else "."
        )
    outcome = ToolOutcome(ok=False, text=text, summary="outcome unknown")
    await _settle(run, place, call, outcome, status="unknown")
    return outcome


def _replay(found: StepRow, call: ToolCall) -> ToolOutcome:
    if found.kind != "tool" or found.name != call.name:
        raise JournalDiverged(
            f"step {found.step} was {found.kind} {found.name}, now it is tool {call.name}"
        )
    result: dict[str, Any] = found.result or {}
    return ToolOutcome(ok=result["ok"], text=result["text"], summary=result["summary"])


def _short(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments for an event: long texts cut, with a note of how long they are."""
    return {
        name: f"{value[:_EVENT_ARGUMENT_LENGTH]}… ({len(value)} characters)"
        if isinstance(value, str) and len(value) > _EVENT_ARGUMENT_LENGTH
        else value
        for name, value in arguments.items()
    }
