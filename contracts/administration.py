"""orchestrator: keys, configuration, identity, sessions, tools, usage, audit."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, OpenRequest, Text, Timestamp


class ToolInfo(Answer):
    """`available` is False, with the reason, for a tool that is switched off."""

    name: str
    description: str
    available: bool = True
    reason: str | None = None


class ToolGroup(Answer):
    category: str
    source: str
    tools: list[ToolInfo]


MOST_TOKENS_A_MINUTE = 1_000_000_000
ModelPattern = Annotated[Text, Field(min_length=1, max_length=200)]
"""A model id in which * stands for any characters."""


class CreateKeyRequest(OpenRequest):
    """`allowed_models`: null allows every model, an empty list none."""

    name: Text = Field(min_length=1, max_length=200)
    rate_limit_rpm: int = Field(default=60, ge=1, le=1_000_000)
    rate_limit_tpm: int | None = Field(default=None, ge=1, le=MOST_TOKENS_A_MINUTE)
    allowed_models: list[ModelPattern] | None = Field(default=None, max_length=100)
    scopes: list[Text] | None = None
    expires_at: Timestamp | None = None
    budget_usd: float | None = Field(default=None, ge=0)
    max_concurrent_tasks: int | None = Field(default=None, ge=1, le=10_000)


class KeyPatch(OpenRequest):
    """Limits of a key; null takes a limit away. It takes effect within two seconds."""

    rate_limit_rpm: int | None = Field(default=None, ge=1, le=1_000_000)
    rate_limit_tpm: int | None = Field(default=None, ge=1, le=MOST_TOKENS_A_MINUTE)
    allowed_models: list[ModelPattern] | None = Field(default=None, max_length=100)
    budget_usd: float | None = Field(default=None, ge=0)
    max_concurrent_tasks: int | None = Field(default=None, ge=1, le=10_000)


class ApiKey(Answer):
    id: UUID
    name: str
    key_prefix: str
    scopes: list[str]
    rate_limit_rpm: int
    rate_limit_tpm: int | None
    allowed_models: list[str] | None
    budget_usd: float | None
    max_concurrent_tasks: int | None
    expires_at: Timestamp | None
    created_at: Timestamp
    last_used_at: Timestamp | None


class CreatedKey(ApiKey):
    """The raw key stands here once, under both names, and nowhere else ever."""

    raw_key: str
    key: str


class KeyValidation(Answer):
    valid: Literal[True] = True
    id: UUID | None
    name: str


class ConfigEntry(Answer):
    key: str
    value: Any
    description: str
    is_secret: bool
    updated_at: Timestamp


class ConfigPatch(OpenRequest):
    """`value` is JSON text."""

    value: Text
    description: Text | None = None


class Identity(Answer):
    name: str
    greeting: str


class SessionRequest(OpenRequest):
    admin_secret: Text | None = None
    login_token: Text | None = None


class SessionInfo(Answer):
    csrf_token: str
    expires_at: Timestamp
    subject: str


class UsageEvent(Answer):
    """One model call. `cost_usd` is None where the price is unknown; `tokens` is in and out;
    `estimated`: the provider did not tell them.
    """

    id: UUID
    key_id: UUID | None
    key_name: str | None
    task_id: UUID | None
    agent_id: UUID | None
    session_id: UUID | None
    kind: str
    status: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    tokens: int
    estimated: bool
    cost_usd: float | None
    duration_ms: int
    created_at: Timestamp


class UsageSum(Answer):
    """Costs whose price was unknown are counted in `unpriced_calls`, not summed as 0."""

    day: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    unpriced_calls: int


class UsageSummary(Answer):
    period: Literal["day", "week", "month"]
    total_cost_usd: float
    total_calls: int
    total_input_tokens: int
    total_output_tokens: int
    items: list[UsageSum]


class AuditEntry(Answer):
    id: UUID
    at: Timestamp
    actor: str
    action: str
    subject_kind: str | None
    subject_id: str | None
    detail: dict[str, Any]
    request_id: str | None
