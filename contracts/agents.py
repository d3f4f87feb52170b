"""orchestrator: agents and their configuration."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp
from contracts.memory import Tier


class AgentConfig(OpenRequest):
    name: Text = Field(default="Agent", min_length=1, max_length=200)
    system_prompt: Text = ""
    model: Text = "auto"
    tools: list[Text] | None = None
    memory_tiers: list[Tier] = [Tier.EPISODIC, Tier.SEMANTIC]
    max_context_tokens: int = Field(default=32_768, ge=256, le=10_000_000)
    fallback_models: list[Text] = []
    metadata: JsonObject = {}


class AgentConfigPatch(OpenRequest):
    name: Text | None = Field(default=None, min_length=1, max_length=200)
    system_prompt: Text | None = None
    model: Text | None = None
    tools: list[Text] | None = None
    memory_tiers: list[Tier] | None = None
    max_context_tokens: int | None = Field(default=None, ge=256, le=10_000_000)
    fallback_models: list[Text] | None = None
    metadata: JsonObject | None = None


class AgentStatus(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERROR = "error"


class CreateAgentRequest(OpenRequest):
    config: AgentConfig


class AgentInfo(Answer):
    id: UUID
    config: AgentConfig
    status: AgentStatus
    is_primary: bool = False
    created_at: Timestamp
    last_active: Timestamp | None


class DeletedCount(Answer):
    deleted: int
