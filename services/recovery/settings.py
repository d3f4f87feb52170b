"""What recovery reads from its environment."""

from pathlib import Path

from pydantic import SecretStr

from services.kit.settings import DatabaseSettings


class RecoverySettings(DatabaseSettings):
    """PostgreSQL is the only other process that recovery has need of."""

    nova_process_name: str = "recovery"
    nova_workspace: Path | None = None
    backup_dir: Path | None = None
    redis_url: SecretStr | None = None

    @property
    def run_dir(self) -> Path:
        """Where the keepers write their state; it is not there under Compose."""
        return self.nova_home / "run"

    @property
    def backups(self) -> Path:
        return self.backup_dir or self.nova_home / "backups"

    @property
    def workspace(self) -> Path:
        return self.nova_workspace or self.nova_home / "workspace"

    def service_urls(self) -> dict[str, str]:
        """Where each service listens that may be asked how it is.

        llm-translate is not among them: it starts with its first caller.
        """
        return {
            "orchestrator": self.nova_orchestrator_url,
            "llm-gateway": self.nova_llm_gateway_url,
            "memory-service": self.nova_memory_service_url,
            "chat-api": self.nova_chat_api_url,
            "dashboard": self.nova_dashboard_url,
        }
