"""The orchestrator's and its workers' settings."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from services.kit.settings import StatefulSettings

REDIS_DATABASE = 2


class OrchestratorSettings(StatefulSettings):
    nova_workspace: Path | None = None
    shell_sandbox: str = "bubblewrap"
    shell_timeout_seconds: float = 120.0

    def workspace(self) -> Path:
        """The agents' files."""
        return (self.nova_workspace or self.nova_home / "workspace").absolute()


class WorkerSettings(OrchestratorSettings):
    """Times in seconds."""

    nova_worker_slots: int = 8
    nova_lease_seconds: float = 30.0
    nova_heartbeat_seconds: float = 10.0

    @model_validator(mode="after")
    def _lease_outlasts_heartbeats(self) -> Self:
        if not 0 < self.nova_heartbeat_seconds <= self.nova_lease_seconds / 3:
            raise ValueError("NOVA_LEASE_SECONDS must be at least three NOVA_HEARTBEAT_SECONDS")
        return self
