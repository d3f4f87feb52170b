"""orchestrator: rules, which check agents' tool calls (hard) or are told to the models (soft)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp
from contracts.skills import Scope

Enforcement = Literal["soft", "hard", "both"]
RuleAction = Literal["block", "warn", "require_approval"]
Severity = Literal["low", "medium", "high", "critical"]

MAX_PATTERN = 1_000
_Tools = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=200)]],
    BeforeValidator(lambda value: [] if value is None else value),
    Field(max_length=200),
]


class Rule(Answer):
    """`target_tools`: names or globs such as `mcp__files__*`; none means every tool. `detector`
    names the built-in check of a shipped rule, which stands beside a pattern or instead of one.
    """

    id: UUID
    name: str
    description: str
    rule_text: str
    enforcement: Enforcement
    pattern: str | None
    detector: str | None
    target_tools: list[str]
    action: RuleAction
    scope: Scope
    pod_ids: list[UUID]
    agent_ids: list[UUID]
    severity: Severity
    enabled: bool
    is_system: bool
    created_at: Timestamp
    updated_at: Timestamp


class CreateRuleRequest(OpenRequest):
    """A rule that is enforced hard needs a pattern, or target_tools of which it matches each call.

    Without a name it is called `rule-` and a part of its id.
    """

    name: Text | None = Field(default=None, min_length=1, max_length=100)
    rule_text: Text = Field(min_length=1, max_length=4_000)
    description: Text = Field(default="", max_length=2_000)
    enforcement: Enforcement = "hard"
    pattern: Text | None = Field(default=None, max_length=MAX_PATTERN)
    target_tools: _Tools = []
    action: RuleAction = "block"
    scope: Scope = "global"
    pod_ids: list[UUID] = Field(default=[], max_length=1_000)
    agent_ids: list[UUID] = Field(default=[], max_length=1_000)
    severity: Severity = "medium"
    enabled: bool = True


class RulePatch(OpenRequest):
    name: Text | None = Field(default=None, min_length=1, max_length=100)
    rule_text: Text | None = Field(default=None, min_length=1, max_length=4_000)
    description: Text | None = Field(default=None, max_length=2_000)
    enforcement: Enforcement | None = None
    pattern: Text | None = Field(default=None, max_length=MAX_PATTERN)
    target_tools: _Tools = []
    action: RuleAction | None = None
    scope: Scope | None = None
    pod_ids: list[UUID] | None = Field(default=None, max_length=1_000)
    agent_ids: list[UUID] | None = Field(default=None, max_length=1_000)
    severity: Severity | None = None
    enabled: bool | None = None


class RuleTestRequest(OpenRequest):
    """A call to try the rule on, or a text alone."""

    tool: Text | None = Field(default=None, max_length=200)
    arguments: JsonObject = {}
    text: Text | None = None


class RuleTestAnswer(Answer):
    """`action` is what would become of the call; None if nothing would."""

    matches: bool
    action: RuleAction | None
    matched_text: str | None
    detail: str
