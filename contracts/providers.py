"""llm-gateway: what a person sets about providers, keys and models while Nova runs."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from contracts.base import Answer, Request, Text, Timestamp

SLUG = r"^[a-z0-9][a-z0-9-]{0,39}$"

ProviderStatus = Literal["ok", "unavailable", "not_configured", "disabled"]

CredentialState = Literal["ok", "limited", "refused", "disabled", "unreadable", "elsewhere"]
"""`elsewhere`: it was entered for another server than the one that is asked now."""


class ProviderCredential(Answer):
    """A key, never the key itself."""

    id: str
    name: str
    source: Literal["environment", "stored", "file"]
    last_four: str
    enabled: bool
    state: CredentialState
    reason: str = ""
    until: Timestamp | None = None
    origin: str


class ProviderInfo(Answer):
    """A provider as it is now. `header_names`: custom headers, whose values are not shown."""

    slug: str
    title: str
    kind: Literal["local", "subscription", "free", "paid"]
    prefix: str
    is_custom: bool
    is_local: bool
    enabled: bool
    status: ProviderStatus
    reason: str = ""
    latency_ms: float | None = None
    model_count: int = 0
    base_url: str
    base_url_source: Literal["default", "environment", "stored"]
    default_model: str | None = None
    auth_methods: list[str] = []
    key_variable: str | None = None
    header_names: list[str] = []
    credentials: list[ProviderCredential] = []


class ProviderChange(Request):
    """What is left out stays; null takes the stored value away. `base_url` makes a custom server."""

    title: Text | None = Field(default=None, min_length=1, max_length=100, pattern=r"\S")
    base_url: Text | None = Field(default=None, min_length=1, max_length=2_000)
    enabled: bool | None = None
    default_model: Text | None = Field(default=None, min_length=1, max_length=300)
    headers: dict[Text, Text] | None = Field(default=None, max_length=20)
    is_local: bool | None = None


class NewCredential(Request):
    """Without a name it is called "key 1", "key 2" …"""

    key: Text = Field(min_length=1, max_length=10_000)
    name: Text | None = Field(default=None, min_length=1, max_length=100, pattern=r"\S")


class CredentialChange(Request):
    name: Text | None = Field(default=None, min_length=1, max_length=100, pattern=r"\S")
    enabled: bool | None = None


class CredentialTest(Answer):
    """What the provider says to a key now; `detail` is its reason when it is not `ok`."""

    ok: bool
    detail: str = ""
    model_count: int = 0
    latency_ms: float


Money = Decimal | None


class ModelOverride(Request):
    """What is known better than the table; prices in USD per million tokens.

    What is left out, or null, is taken from the provider or the table.
    """

    input: Money = Field(default=None, ge=0, le=1_000_000)
    output: Money = Field(default=None, ge=0, le=1_000_000)
    cached_input: Money = Field(default=None, ge=0, le=1_000_000)
    context_window: int | None = Field(default=None, ge=1, le=1_000_000_000)
    max_output: int | None = Field(default=None, ge=1, le=1_000_000_000)
    vision: bool | None = None


class ModelDetails(Answer):
    """A model with where each thing about it is known from; prices in USD per million tokens.

    `price_as_of` is the day on which that source was right; None where nobody says.
    """

    id: str
    provider: str
    capabilities: list[str] = []
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_usd: float | None = None
    output_usd: float | None = None
    cached_input_usd: float | None = None
    price_source: Literal["override", "provider", "table", "litellm", "free", "unknown"]
    price_as_of: str | None = None
    override: ModelOverride | None = None


class OllamaPull(Request):
    name: Text = Field(min_length=1, max_length=300)


class PullProgress(Answer):
    """One line of a pull; `percent` where sizes are known."""

    status: str
    digest: str | None = None
    total: int | None = None
    completed: int | None = None
    percent: float | None = None


class OllamaModel(Answer):
    name: str
    size_bytes: int | None = None
    modified_at: str | None = None
    parameter_size: str | None = None
    quantization: str | None = None
    family: str | None = None


class LoadedModel(Answer):
    name: str
    size_bytes: int | None = None
    vram_bytes: int | None = None
    expires_at: str | None = None


class OllamaStatus(Answer):
    """`waking`: a wake-up packet was sent, and it is being waited for."""

    slug: Literal["ollama"] = "ollama"
    available: bool
    status: ProviderStatus
    detail: str = ""
    latency_ms: float | None = None
    base_url: str | None = None
    version: str | None = None
    loaded: list[LoadedModel] = []
    waking: bool = False
    can_wake: bool = False
