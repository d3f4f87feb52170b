"""Decides what comes next: the calls that can be made now, or the final answer."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from services.llm_gateway.providers.offline import answers
from services.llm_gateway.providers.offline.conversation import Conversation
from services.llm_gateway.providers.offline.evaluation import (
    PendingError,
    UnusableError,
    text_of,
)
from services.llm_gateway.providers.offline.grammar import understand
from services.llm_gateway.providers.offline.plan import Call, Plan

# These change nothing, so that several may be asked for at once.
_READING = frozenset(("list_dir", "read_file", "search_codebase", "recall"))


@dataclass(frozen=True, slots=True)
class PlannedCall:
    id: str
    name: str
    arguments: dict[str, str | bool]


@dataclass(frozen=True, slots=True)
class Calls:
    calls: tuple[PlannedCall, ...]


@dataclass(frozen=True, slots=True)
class Final:
    """`ok` is False when something failed or was not understood."""

    text: str
    ok: bool


@lru_cache(maxsize=64)
def _understood(request: str) -> Plan:
    """Kept for the next calls, which come with the results; nobody changes a finished plan."""
    return understand(request)


def next_step(conversation: Conversation, offered: Collection[str]) -> Calls | Final:
    """The plan is made anew from the request each time; the results say how far it has come."""
    plan = _understood(conversation.request)
    if plan.problems:
        return Final(answers.not_understood(plan), ok=False)
    if not plan.calls and not plan.reports:
        return Final(answers.unknown(conversation.request), ok=False)
    missing = [tool for tool in dict.fromkeys(c.tool for c in plan.calls) if tool not in offered]
    if missing and len(conversation.results) < len(plan.calls):
        if not offered and conversation.results:
            left = len(plan.calls) - len(conversation.results)
            return Final(answers.out_of_rounds(left), ok=False)
        return Final(answers.tools_missing(missing), ok=False)
    return _follow(plan, conversation)


def _follow(plan: Plan, conversation: Conversation) -> Calls | Final:
    results: dict[int, str] = {}
    for index, call in enumerate(plan.calls):
        left = len(plan.calls) - index - 1
        if index >= len(conversation.results):
            return _calls_from(plan, index, conversation, results)
        result = conversation.results[index]
        if result.failed and not (call.missing_ok and result.missing):
            return Final(answers.failed(_name(call, results), result.text, left), ok=False)
        results[index] = "" if result.failed else result.text
    try:
        return Final(answers.done(plan, results), ok=True)
    except UnusableError as error:
        return Final(answers.failed("The last step", str(error), 0), ok=False)


def _calls_from(
    plan: Plan, start: int, conversation: Conversation, results: dict[int, str]
) -> Calls | Final:
    planned: list[PlannedCall] = []
    for index in range(start, len(plan.calls)):
        call = plan.calls[index]
        if planned and call.tool not in _READING:
            break
        try:
            arguments: dict[str, str | bool] = {
                name: text_of(value, results) for name, value in call.arguments
            }
        except PendingError:
            break
        except UnusableError as error:
            left = len(plan.calls) - index - 1
            return Final(answers.failed(_name(call, results), str(error), left), ok=False)
        arguments |= dict.fromkeys(call.switches, True)
        planned.append(PlannedCall(_call_id(conversation, index), call.tool, arguments))
        if call.tool not in _READING:
            break
    return Calls(tuple(planned))


def _call_id(conversation: Conversation, index: int) -> str:
    digest = hashlib.sha256(
        f"{conversation.turn}\n{conversation.request}".encode("utf-8", "replace")
    )
    return f"call_{digest.hexdigest()[:16]}_{index}"


def _name(call: Call, results: dict[int, str]) -> str:
    """As in "read_file notes.txt", as it appears in a report of failure."""
    for name in ("pattern", "path", "query", "command"):
        value = call.argument(name)
        if value is not None:
            return f"{call.tool} {text_of(value, results, whole=False)}"
    return call.tool
