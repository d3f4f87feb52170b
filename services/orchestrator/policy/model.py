"""A policy: the skills and rules that were enabled at one time, and which of them hold for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.rules import Enforcement, RuleAction, Severity
from contracts.skills import Scope, SkillParameter


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose prompt or call it is: an agent, and the pod that it is one of."""

    agent_id: UUID | None
    pod_id: UUID | None = None


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: UUID
    name: str
    scope: Scope
    pod_ids: list[UUID]
    agent_ids: list[UUID]


class PolicySkill(_Part):
    content: str
    parameters: list[SkillParameter]
    priority: int


class PolicyRule(_Part):
    rule_text: str
    enforcement: Enforcement
    pattern: str | None
    detector: str | None
    target_tools: list[str]
    action: RuleAction
    severity: Severity


class Policy(BaseModel):
    """`skills` stand in the order in which prompts show them, `rules` by name."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    skills: list[PolicySkill] = []
    rules: list[PolicyRule] = []

    def skills_for(self, subject: Subject) -> list[PolicySkill]:
        return _held(self.skills, subject)

    def hard_rules_for(self, subject: Subject) -> list[PolicyRule]:
        return [rule for rule in _held(self.rules, subject) if rule.enforcement != "soft"]

    def soft_rules_for(self, subject: Subject) -> list[PolicyRule]:
        return [rule for rule in _held(self.rules, subject) if rule.enforcement != "hard"]


NO_POLICY = Policy()


class _Scoped(Protocol):
    @property
    def scope(self) -> Scope: ...
    @property
    def pod_ids(self) -> list[UUID]: ...
    @property
    def agent_ids(self) -> list[UUID]: ...


S = TypeVar("S", bound=_Scoped)


def _held(parts: Sequence[S], subject: Subject) -> list[S]:
    return [part for part in parts if _holds(part, subject)]


def _holds(part: _Scoped, subject: Subject) -> bool:
    match part.scope:
        case "global":
            return True
        case "pod":
            return subject.pod_id in part.pod_ids
        case "agent":
            return subject.agent_id in part.agent_ids
