"""llm-gateway's own routes: completion, stream, embedding, models."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Answer, JsonObject, OpenRequest, Text, Timestamp
from contracts.chat import Message, ToolCall


class ToolFunction(OpenRequest):
    name: str
    description: str = ""
    parameters: JsonObject = {}


class ToolDefinition(OpenRequest):
    """A tool offered to the model, in OpenAI's form."""

    type: Literal["function"] = "function"
    function: ToolFunction


class BudgetScope(OpenRequest):
    """A budget that a call draws on; believed only from a service. `daily`: a new one each day (UTC)."""

    scope: Literal["task", "pod", "key", "day"]
    id: str
    limit_usd: float = Field(ge=0)
    daily: bool = False


class BudgetShortage(Answer):
    """The facts of `budget_exceeded`: what the first budget that is too small has left.

    `needed_usd` is the most that the call may cost; `resets_at` is set for a daily budget.
    """

    scope: Literal["task", "pod", "key", "day"]
    id: str
    limit_usd: float
    spent_usd: float
    reserved_usd: float
    needed_usd: float
    resets_at: Timestamp | None = None

    @property
    def is_passing(self) -> bool:
        """Whether it is only what other running calls have reserved that is missing."""
        return self.spent_usd + self.needed_usd <= self.limit_usd


class CompleteRequest(OpenRequest):
    """`metadata.budgets` (a list of BudgetScope) is believed only with a service token."""

    model: Text = "auto"
    messages: list[Message] = Field(min_length=1)
    tools: list[ToolDefinition] = []
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    response_format: JsonObject | None = None
    metadata: JsonObject = {}


class CompleteResponse(Answer):
    """`cost_usd` is None when the model's price is unknown, never 0 for that."""

    content: str
    model: str
    tool_calls: list[ToolCall] = []
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    finish_reason: str


class StreamChunk(Answer):
    """One piece of an answer; the last one carries finish_reason and usage."""

    delta: str = ""
    tool_calls: list[ToolCall] = []
    finish_reason: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class StreamError(Answer):
    """The line before [DONE] of a stream that failed."""

    type: Literal["error"] = "error"
    detail: str
    code: str
    facts: dict[str, Any] | None = None


class EmbedRequest(OpenRequest):
    """Without a model, requests keep to one; `fallback`: the next may answer while it is away, under
    its own name. `keep`: the vectors may be kept for the next request with the same text.
    """

    texts: list[Text] = []
    text: Text | None = None
    model: Text | None = None
    dimensions: int | None = Field(default=None, ge=1, le=4000)
    fallback: bool = True
    keep: bool = True

    @model_validator(mode="after")
    def one_of_both(self) -> "EmbedRequest":
        if bool(self.texts) == (self.text is not None):
            raise ValueError("give either texts (a non-empty list) or text")
        return self

    def all_texts(self) -> list[str]:
        return self.texts if self.text is None else [self.text]


class EmbedResponse(Answer):
    """`embeddings` has one vector per text, in order, each of `dimensions` numbers.

    `semantic` is false where they compare words, not meanings. `cached` texts were known and cost
    nothing; `input_tokens` are those of the others.
    """

    embeddings: list[list[float]]
    model: str
    input_tokens: int
    dimensions: int = 0
    semantic: bool = True
    cached: int = 0


class ModelInfo(Answer):
    """Prices are USD per token; None means unknown."""

    id: str
    provider: str
    capabilities: list[str] = []
    context_window: int | None = None
    max_output_tokens: int | None = None
    cost_per_input_token: float | None = None
    cost_per_output_token: float | None = None


class DiscoveredModel(Answer):
    id: str
    registered: bool


class DiscoveredProvider(Answer):
    slug: str
    name: str
    type: Literal["local", "subscription", "free", "paid"]
    available: bool
    auth_methods: list[str] = []
    models: list[DiscoveredModel] = []
    reason: str | None = None


class PassedOverModel(Answer):
    """A model or a provider that might have been taken, and why it was not."""

    name: str
    reason: str


class ResolveRequest(OpenRequest):
    """Which model answers, where intelligent routing may look at the text."""

    model: str = Field(default="auto", max_length=500)
    text: str = Field(max_length=100_000)


class ResolvedModel(Answer):
    """What `auto` (or the model that was asked about) means now.

    `fallbacks` are tried in order when it fails. `category` stands where intelligent routing was
    given a text to sort.
    """

    model: str
    provider: str
    reason: str
    strategy: str = ""
    fallbacks: list[str] = []
    passed_over: list[PassedOverModel] = []
    category: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None


class ProviderHealth(Answer):
    """`breaker`: open while it is left alone because it failed again and again, and for how long.

    `requests_today` of a provider with a daily quota (UTC), as many as `daily_requests`.
    """

    slug: str
    available: bool
    status: Literal["ok", "unavailable", "not_configured"]
    detail: str = ""
    latency_ms: float | None = None
    breaker: Literal["closed", "half_open", "open"] = "closed"
    breaker_seconds: float | None = None
    breaker_reason: str = ""
    daily_requests: int | None = None
    requests_today: int | None = None


class UsageEvent(Answer):
    """One model call as recorded; cost None means that the price was unknown."""

    id: UUID
    key_id: UUID | None = None
    key_name: str | None = None
    agent_id: UUID | None = None
    session_id: UUID | None = None
    task_id: UUID | None = None
    model: str
    provider: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    estimated: bool = False
    duration_ms: int
    status: str
    created_at: Timestamp
