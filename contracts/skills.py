"""orchestrator: skills, the reusable blocks of agents' prompts."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, OpenRequest, Text, Timestamp

Scope = Literal["global", "pod", "agent"]
"""For whom a skill or a rule is: everybody, the agents of some pods, or some agents."""

MAX_CONTENT = 20_000
MAX_VALUE = 2_000
MAX_PARAMETERS = 50
PARAMETER_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"


class SkillParameter(OpenRequest):
    """What stands for `{{name}}` in the content; a required one without a value leaves the skill out.

    A value comes from the task's `metadata.skill_params`, else the agent's, else the pod's, else
    it is the default.
    """

    name: Text = Field(pattern=f"^{PARAMETER_NAME}$")
    description: Text = Field(default="", max_length=1_000)
    required: bool = False
    default: Text | None = Field(default=None, max_length=MAX_VALUE)


class Skill(Answer):
    """`pod_ids` count while the scope is pod, `agent_ids` (of pods' agents, or agents) while it is
    agent. Skills of a higher priority come first, then by name.
    """

    id: UUID
    name: str
    description: str
    content: str
    scope: Scope
    parameters: list[SkillParameter]
    category: str
    priority: int
    enabled: bool
    is_system: bool
    pod_ids: list[UUID]
    agent_ids: list[UUID]
    created_at: Timestamp
    updated_at: Timestamp


class CreateSkillRequest(OpenRequest):
    name: Text = Field(min_length=1, max_length=100)
    content: Text = Field(min_length=1, max_length=MAX_CONTENT)
    description: Text = Field(default="", max_length=2_000)
    scope: Scope = "global"
    parameters: list[SkillParameter] = Field(default=[], max_length=MAX_PARAMETERS)
    category: Text = Field(default="", max_length=100)
    priority: int = Field(default=0, ge=-1_000_000, le=1_000_000)
    enabled: bool = True


class SkillPatch(OpenRequest):
    name: Text | None = Field(default=None, min_length=1, max_length=100)
    content: Text | None = Field(default=None, min_length=1, max_length=MAX_CONTENT)
    description: Text | None = Field(default=None, max_length=2_000)
    scope: Scope | None = None
    parameters: list[SkillParameter] | None = Field(default=None, max_length=MAX_PARAMETERS)
    category: Text | None = Field(default=None, max_length=100)
    priority: int | None = Field(default=None, ge=-1_000_000, le=1_000_000)
    enabled: bool | None = None


class PodIds(OpenRequest):
    pod_ids: list[UUID] = Field(max_length=1_000)


class AgentIds(OpenRequest):
    """Agents of pods, and agents of their own."""

    agent_ids: list[UUID] = Field(max_length=1_000)
