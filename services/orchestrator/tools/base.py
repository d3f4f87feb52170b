"""What a tool is: its name and parameters for the model, what it may do, and how it is called."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.errors import ToolError
from services.orchestrator.tools.sandbox.git import git_reason_off
from services.orchestrator.tools.sandbox.report import SandboxReport
from services.orchestrator.tools.workspace_lock import locked_workspace

FILE_TIERS = frozenset({SandboxTier.WORKSPACE, SandboxTier.HOST})
ALL_TIERS = frozenset(SandboxTier)
# An isolated stage reads what nobody trusts: it reaches no other agent.
LINKED_TIERS = ALL_TIERS - {SandboxTier.ISOLATED}
SUMMARY_LENGTH = 200


class Effect(StrEnum):
    """What becomes of a call that had begun but not ended when its worker died."""

    READ = "read"  # made again
    IDEMPOTENT = "idempotent"  # made again: the same call twice leaves what one leaves
    EFFECT = "effect"  # not made again, the model is told "outcome unknown"
    IRREVERSIBLE = "irreversible"  # not made again, the task waits for a person

    @property
    def may_run_again(self) -> bool:
        return self in {Effect.READ, Effect.IDEMPOTENT}


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """`text` goes to the model, `summary` (one short line) to events and lists."""

    ok: bool
    text: str
    summary: str

    @classmethod
    def failure(cls, text: str) -> "ToolOutcome":
        return cls(ok=False, text=text, summary=one_line(text))


class ToolParameters(BaseModel):
    """Base of every tool's parameters: unknown names are refused, so that a model hears of a slip."""

    model_config = ConfigDict(extra="forbid", frozen=True)


P = TypeVar("P", bound=ToolParameters)


@dataclass(frozen=True, slots=True)
class Tool(Generic[P]):
    """One tool; its module holds it as `TOOL`, which is all that makes it known.

    Attributes:
        tiers: sandbox tiers of a pod in which the tool is offered.
        needs_sandbox: off (with the reason) while the sandbox's self-test has not succeeded.
        needs_git: off (with the reason) where git can't be run; it runs only in the sandbox.
        changes_workspace: holds the workspace's lock during the call.
        own_timeout: the handler keeps its own deadline; else `settings.call_timeout` ends it.
        tells_start: the handler itself calls `context.started`, later than at its beginning.
        hands_on: somebody else does the work; the handler raises CallPending until that has ended.
    """

    name: str
    description: str
    category: str
    parameters: type[P]
    handler: Callable[[P, ToolContext], Awaitable[ToolOutcome]]
    effect: Effect
    tiers: frozenset[SandboxTier] = field(default=ALL_TIERS)
    needs_sandbox: bool = False
    needs_git: bool = False
    changes_workspace: bool = False
    own_timeout: bool = False
    tells_start: bool = False
    hands_on: bool = False

    def schema(self) -> dict[str, Any]:
        """The parameters' JSON schema, as models get it; not to be changed, since all share it."""
        return _schema_of(self.parameters)

    def reason_off(self, tier: SandboxTier, sandbox: SandboxReport) -> str | None:
        """Why the tool may not be used here; None if it may."""
        if tier not in self.tiers:
            return f"Pods of the {tier} sandbox may not use it."
        if self.needs_git:
            return git_reason_off(sandbox)
        if not self.needs_sandbox:
            return None
        if tier is SandboxTier.HOST:
            return None if sandbox.host_allowed else "The host sandbox needs SHELL_SANDBOX=host."
        return None if sandbox.works else sandbox.reason

    async def run(
        self, arguments: Mapping[str, Any] | str | bytes, context: ToolContext
    ) -> ToolOutcome:
        """Calls the tool with a model's arguments (an object, or its JSON text).

        Whatever is wrong with the call becomes an outcome that says so. Cancelling the caller's
        asyncio task ends the call at once, with every process that it started.
        """
        if reason := self.reason_off(context.tier, context.sandbox):
            return ToolOutcome.failure(f"{self.name} cannot be used. {reason}")
        try:
            parameters = self._parse(arguments)
        except ValidationError as error:
            return ToolOutcome.failure(_describe(self.name, error))
        try:
            return _storable(await self._call(parameters, context))
        except ToolError as error:
            return ToolOutcome.failure(str(error))

    def _parse(self, arguments: Mapping[str, Any] | str | bytes) -> P:
        if isinstance(arguments, str | bytes):
            return self.parameters.model_validate_json(arguments or b"{}")
        return self.parameters.model_validate(dict(arguments))

    async def _call(self, parameters: P, context: ToolContext) -> ToolOutcome:
        if not self.changes_workspace:
            return await self._call_in_time(parameters, context)
        async with locked_workspace(context) as locked:
            return await self._call_in_time(parameters, locked)

    async def _call_in_time(self, parameters: P, context: ToolContext) -> ToolOutcome:
        if context.lease.remaining <= 0:
            # Stopped in between: by now another worker may have gone on without this call.
            raise ToolError(f"{self.name} was not run: this worker has lost its hold on the task.")
        if not self.tells_start:
            context.started()
        if self.own_timeout:
            return await self.handler(parameters, context)
        seconds = context.settings.call_timeout
        try:
            async with asyncio.timeout(seconds):
                return await self.handler(parameters, context)
        except TimeoutError as error:
            raise ToolError(f"{self.name} did not end within {seconds:g} seconds.") from error


@cache
def _schema_of(parameters: type[ToolParameters]) -> dict[str, Any]:
    return parameters.model_json_schema()


def _storable(outcome: ToolOutcome) -> ToolOutcome:
    """PostgreSQL's text cannot hold NUL, which a command may well print."""
    return replace(
        outcome,
        text=outcome.text.replace("\0", "\ufffd"),
        summary=outcome.summary.replace("\0", "\ufffd"),
    )


def one_line(text: str) -> str:
    """The first line of a text, cut to a length that fits an event."""
    line = text.strip().split("\n", maxsplit=1)[0]
    return line if len(line) <= SUMMARY_LENGTH else line[: SUMMARY_LENGTH - 1] + "…"


def _describe(name: str, error: ValidationError) -> str:
    problems = (
        f"{'.'.join(str(part) for part in item['loc']) or 'arguments'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return f"{name} was called with wrong arguments. " + "; ".join(problems)
