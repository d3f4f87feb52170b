"""Settings of llm-gateway."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr

from services.llm_gateway.provider_settings import ProviderSettings

SCHEMA_VERSION = 17
"""The migration that this process needs."""


REDIS_DATABASE = 1


class Settings(ProviderSettings):
    """What the platform's configuration sets wins over these."""

    redis_url: SecretStr | None = None
    """Without it each gateway limits rates by itself, and no answer is kept."""

    nova_gateway_processes: int = Field(default=1, ge=1)
    """How many gateways share the limits of keys: while Redis is away each allows its share."""

    nova_rates_patience_seconds: float = Field(default=0.05, gt=0)
    """How long a call waits for Redis before its rate is limited in this process."""

    default_chat_model: str = "auto"
    llm_routing_strategy: str = "local-first"

    nova_local_embeddings: bool = True
    """Whether the embedding model that Nova brings along may be used."""

    nova_local_model_dir: Path | None = None
    """Where its files are, if not in Nova's own Python environment."""

    nova_local_model_threads: int = Field(default=2, ge=1)
    nova_local_model_idle_seconds: float = Field(default=600.0, gt=0)
    """After so long without a text its process ends; the next text starts it, in a second."""

    nova_embedding_cache_mb: int = Field(default=256, ge=0)
    """The most that kept vectors take in PostgreSQL; 0 keeps none."""

    nova_offline_script: Path | None = None
    nova_llm_translate_url: str = "http://127.0.0.1:8003"
    nova_translate_wait_seconds: float = 30.0
    """How long a call waits for llm-translate to start."""

    nova_model_prices: dict[str, dict[str, Any]] = Field(default_factory=dict[str, dict[str, Any]])
    """Overrides in the form of models/prices.json, by model id."""

    nova_allow_unknown_prices: bool = False
    """Let calls whose price is unknown draw on a budget uncounted."""

    nova_reservation_seconds: float = 120.0

    nova_responses_retention_days: float = Field(default=30.0, ge=0, le=36_500)
    """How long a response that nobody goes on with is kept; 0: none is stored."""

    nova_hosted_tools: Literal["lenient", "strict"] = "lenient"
    """Whether a vendor's own tools are left out when they are only offered beside the client's, or
    refused always.
    """
    nova_answer_cache_seconds: int = Field(default=3600, ge=0)
    """How long answers of temperature 0 are kept; 0 switches the cache off."""

    nova_answer_cache_longest: int = Field(default=256 * 1024, ge=0)
    """Bytes of the longest answer that is kept."""

    nova_answer_cache_bytes: int = Field(default=64 * 1024 * 1024, ge=0)
    """Bytes of all kept answers together."""

    nova_request_log: bool = False
    """Log requests to models and their answers, without credentials, in the database."""

    nova_request_log_longest: int = Field(default=1024 * 1024, ge=0)
    """Bytes of the longest body that is logged."""

    otel_exporter_otlp_endpoint: str = ""
    """Where traces are sent (OTLP over HTTP), if the extra `otel` is installed."""

    nova_call_seconds: float = 3600.0
    """The most that a model call may take in all."""

    nova_call_silence_seconds: float = 600.0
    """How long a provider may be silent: a model may think for minutes before its first word."""

    nova_call_retries: int = 1
    """How often a target is asked again that turned a call away, before the next one is."""
