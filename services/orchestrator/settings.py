"""The orchestrator's and its workers' settings."""

from pathlib import Path

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
    """Times in seconds. A lease must outlast several heartbeats."""

    nova_worker_slots: int = 8
    nova_lease_seconds: float = 30.0
    nova_heartbeat_seconds: float = 10.0
