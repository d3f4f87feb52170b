"""Settings of memory-service and memory-worker."""

from pydantic import Field

from services.kit.settings import DatabaseSettings

SCHEMA_VERSION = 19
"""The migration that these processes need."""


class Settings(DatabaseSettings):
    """Redis is not among them: nothing here is lost or slower without it."""

    nova_memory_embed_seconds: float = Field(default=5.0, gt=0)
    """How long a request waits for a vector before it goes on without one."""

    nova_memory_pause_seconds: float = Field(default=3.0, gt=0)
    """How long the gateway is left alone after it could not be asked."""

    nova_memory_working_ttl_seconds: int = Field(default=24 * 3600, ge=1)
    """How long a working memory lives that names no time of its own."""

    nova_memory_purge_seconds: float = Field(default=300.0, gt=0)
    """How often memory-worker deletes what has expired."""

    nova_memory_pending_seconds: float = Field(default=2.0, gt=0)
    """How often memory-worker looks for memories without a vector."""

    nova_memory_renew_seconds: float = Field(default=60.0, gt=0)
    """How often memory-worker looks for memories that only the offline embedder has seen."""

    nova_memory_count_seconds: float = Field(default=30.0, gt=0)
    """How often memory-worker looks for scopes whose words are to be counted anew."""
