"""orchestrator: pods and the agents in them."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp


class Pod(Answer):
    """`max_cost_usd` is for each task; `daily_budget_usd` for all tasks of the pod in a day (UTC).
    Of limits, None sets none.
    """

    id: UUID
    name: str
    description: str
    enabled: bool
    default_model: str
    max_cost_usd: float | None
    max_execution_seconds: int
    max_concurrent_tasks: int | None
    daily_budget_usd: float | None
    require_human_review: Literal["always", "never", "on_escalation"]
    escalation_threshold: Literal["low", "medium", "high", "critical"]
    routing_keywords: list[str]
    routing_regex: str | None
    priority: int
    fallback_pod_id: UUID | None
    sandbox: Literal["isolated", "nova", "workspace", "host"]
    is_system_default: bool
    metadata: dict[str, Any]
    created_at: Timestamp


class CreatePodRequest(OpenRequest):
    name: Text = Field(min_length=1, max_length=200)
    description: Text = ""
    enabled: bool = True
    default_model: Text = "auto"
    max_cost_usd: float | None = Field(default=None, ge=0)
    max_execution_seconds: int = Field(default=300, ge=1, le=86_400)
    max_concurrent_tasks: int | None = Field(default=None, ge=1, le=10_000)
    daily_budget_usd: float | None = Field(default=None, ge=0)
    require_human_review: Literal["always", "never", "on_escalation"] = "on_escalation"
    escalation_threshold: Literal["low", "medium", "high", "critical"] = "high"
    routing_keywords: list[Text] = []
    routing_regex: Text | None = None
    priority: int = 0
    fallback_pod_id: UUID | None = None
    sandbox: Literal["isolated", "nova", "workspace", "host"] = "workspace"
    metadata: JsonObject = {}


class PodPatch(OpenRequest):
    name: Text | None = Field(default=None, min_length=1, max_length=200)
    description: Text | None = None
    enabled: bool | None = None
    default_model: Text | None = None
    max_cost_usd: float | None = Field(default=None, ge=0)
    max_execution_seconds: int | None = Field(default=None, ge=1, le=86_400)
    max_concurrent_tasks: int | None = Field(default=None, ge=1, le=10_000)
    daily_budget_usd: float | None = Field(default=None, ge=0)
    require_human_review: Literal["always", "never", "on_escalation"] | None = None
    escalation_threshold: Literal["low", "medium", "high", "critical"] | None = None
    routing_keywords: list[Text] | None = None
    routing_regex: Text | None = None
    priority: int | None = None
    fallback_pod_id: UUID | None = None
    sandbox: Literal["isolated", "nova", "workspace", "host"] | None = None
    metadata: JsonObject | None = None


class PodAgent(Answer):
    """`allowed_tools`: None is all, an empty list none."""

    id: UUID
    pod_id: UUID
    name: str
    role: str
    description: str
    enabled: bool
    position: int
    parallel_group: str | None
    model: str | None
    fallback_models: list[str]
    temperature: float
    max_tokens: int
    timeout_seconds: int
    max_retries: int
    system_prompt: str | None
    task_description: str | None
    allowed_tools: list[str] | None
    on_failure: Literal["skip", "abort", "escalate"]
    run_condition: dict[str, Any]
    output_schema: dict[str, Any] | None
    artifact_type: str | None


class CreatePodAgentRequest(OpenRequest):
    """Only `name` is required; a missing role is `task`, a missing position the last."""

    name: Text = Field(min_length=1, max_length=200)
    role: Text = "task"
    description: Text = ""
    enabled: bool = True
    position: int | None = Field(default=None, ge=0)
    parallel_group: Text | None = None
    model: Text | None = None
    fallback_models: list[Text] = []
    temperature: float = Field(default=0.5, ge=0, le=2)
    max_tokens: int = Field(default=4096, ge=1)
    timeout_seconds: int = Field(default=60, ge=1, le=86_400)
    max_retries: int = Field(default=1, ge=0, le=20)
    system_prompt: Text | None = None
    task_description: Text | None = None
    allowed_tools: list[Text] | None = None
    on_failure: Literal["skip", "abort", "escalate"] = "abort"
    run_condition: JsonObject = {"type": "always"}
    output_schema: JsonObject | None = None
    artifact_type: Text | None = None


class PodAgentPatch(OpenRequest):
    name: Text | None = Field(default=None, min_length=1, max_length=200)
    role: Text | None = None
    description: Text | None = None
    enabled: bool | None = None
    position: int | None = Field(default=None, ge=0)
    parallel_group: Text | None = None
    model: Text | None = None
    fallback_models: list[Text] | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    timeout_seconds: int | None = Field(default=None, ge=1, le=86_400)
    max_retries: int | None = Field(default=None, ge=0, le=20)
    system_prompt: Text | None = None
    task_description: Text | None = None
    allowed_tools: list[Text] | None = None
    on_failure: Literal["skip", "abort", "escalate"] | None = None
    run_condition: JsonObject | None = None
    output_schema: JsonObject | None = None
    artifact_type: Text | None = None


class ReorderRequest(OpenRequest):
    ids: list[UUID] = Field(min_length=1)
