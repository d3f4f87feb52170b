"""memory-service: memories, facts, search and context."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp


class Tier(StrEnum):
    WORKING = "working"
    EPISODIC = "episodic"
    SEMANTIC = "semantic"
    PROCEDURAL = "procedural"


class StoreRequest(OpenRequest):
    """speaker, session_id and occurred_at may also stand in metadata."""

    agent_id: UUID | None = None
    content: Text = Field(min_length=1)
    tier: Tier = Tier.EPISODIC
    metadata: JsonObject = {}
    ttl_seconds: int | None = Field(default=None, ge=1)
    speaker: Text | None = None
    session_id: Text | None = None
    occurred_at: Timestamp | None = None


class StoredMemory(Answer):
    id: UUID
    agent_id: UUID | None
    tier: Tier
    created_at: Timestamp


class SearchRequest(OpenRequest):
    agent_id: UUID | None = None
    query: Text = Field(min_length=1)
    tiers: list[Tier] | None = None
    limit: int = Field(default=10, ge=1, le=100)
    vector_weight: float = Field(default=0.7, ge=0, le=1)
    keyword_weight: float = Field(default=0.3, ge=0, le=1)
    metadata_filter: JsonObject | None = None
    since: Timestamp | None = None
    until: Timestamp | None = None
    min_score: float | None = None
    explain: bool = False


class SearchResult(Answer):
    """`explanation` holds the parts of the score when asked for."""

    id: UUID
    content: str
    tier: Tier
    score: float
    metadata: dict[str, Any]
    created_at: Timestamp
    explanation: dict[str, float] | None = None


class SearchResponse(Answer):
    """`degraded` says why a result is less than it could be (say, no embedding)."""

    results: list[SearchResult]
    query: str
    total_found: int
    degraded: str | None = None


class FactRequest(OpenRequest):
    agent_id: UUID | None = None
    project_id: Text = Field(min_length=1)
    category: Text = Field(min_length=1)
    key: Text = Field(min_length=1)
    content: Text = Field(min_length=1)
    base_confidence: float = Field(default=1.0, ge=0, le=1)
    metadata: JsonObject = {}


class StoredFact(Answer):
    id: UUID
    project_id: str
    category: str
    key: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    is_new: bool


class BulkRequest(OpenRequest):
    """Each item is a StoreRequest; one that is not fails alone, and so is not checked here."""

    memories: list[Any] = Field(min_length=1, max_length=1000)


class BulkResponse(Answer):
    """`failed` lists the indices of what could not be stored."""

    stored: list[UUID]
    failed: list[int]


class MemoryItem(Answer):
    id: UUID
    content: str
    tier: Tier
    agent_id: UUID | None
    metadata: dict[str, Any]
    created_at: Timestamp
    updated_at: Timestamp
    project_id: str | None = None
    category: str | None = None
    key: str | None = None
    base_confidence: float | None = None
    effective_confidence: float | None = None
    last_accessed_at: Timestamp | None = None


class BrowseResponse(Answer):
    items: list[MemoryItem]
    total: int
    offset: int
    limit: int


class MemoryPatch(OpenRequest):
    content: Text | None = Field(default=None, min_length=1)
    metadata: JsonObject | None = None

    @model_validator(mode="after")
    def something(self) -> "MemoryPatch":
        if self.content is None and self.metadata is None:
            raise ValueError("give content or metadata")
        return self


class ContextRequest(OpenRequest):
    query: Text = Field(min_length=1)
    max_tokens: int = Field(default=4096, ge=1, le=200_000)


class ContextResponse(Answer):
    """Never more than the budget; tokens are estimated."""

    agent_id: UUID
    memories: list[SearchResult]
    total_tokens_estimated: int
    assembled_at: Timestamp


class Reembedding(Answer):
    """A move to another embedding model: `remaining` of `total` still have the old one's vector, by
    which they are found meanwhile; `refused` of them the new one did not take.
    """

    model: str
    total: int
    remaining: int
    refused: int
    started_at: Timestamp
    finished_at: Timestamp | None


class MemoryStats(Answer):
    by_tier: dict[str, int]
    total: int
    embedding_models: dict[str, int]
    pending_embeddings: int
    reembedding: Reembedding | None = None
