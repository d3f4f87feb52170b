"""The part of the settings that all services share, and how a service loads its own."""

import sys
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_EXIT_CONFIGURATION = 78  # sysexits.h: EX_CONFIG


class ServiceSettings(BaseSettings):
    """Read from the environment, frozen. Secrets have no default."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    nova_process_name: str = "nova"
    nova_home: Path = Path(".nova")
    nova_bind: str = "127.0.0.1"
    log_level: str = "INFO"
    require_auth: bool = True
    cors_allowed_origins: str = ""
    nova_allowed_hosts: str = ""
    nova_failpoint: str = ""

    nova_admin_secret: SecretStr
    nova_service_secret: SecretStr
    nova_secret_key: SecretStr

    nova_orchestrator_url: str = "http://127.0.0.1:8000"
    nova_llm_gateway_url: str = "http://127.0.0.1:8001"
    nova_memory_service_url: str = "http://127.0.0.1:8002"
    nova_chat_api_url: str = "http://127.0.0.1:8080"
    nova_recovery_url: str = "http://127.0.0.1:8888"
    nova_dashboard_url: str = "http://127.0.0.1:3000"

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise ValueError("must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return value.upper()

    def allowed_origins(self) -> list[str]:
        return _words(self.cors_allowed_origins)

    def allowed_hosts(self) -> frozenset[str]:
        return frozenset(word.lower() for word in _words(self.nova_allowed_hosts))


class DatabaseSettings(ServiceSettings):
    """For the services that use PostgreSQL."""

    database_url: SecretStr
    nova_db_pool_size: int = 10


class StatefulSettings(DatabaseSettings):
    """For the services that use PostgreSQL and Redis."""

    redis_url: SecretStr


S = TypeVar("S", bound=BaseSettings)


def load_settings(kind: type[S]) -> S:
    """Build the settings, or end the process with a text that names each variable at fault."""
    try:
        return kind()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            what = "is not set" if problem["type"] == "missing" else f"is wrong: {problem['msg']}"
            sys.stderr.write(f"{name} {what}. Set it in the environment or in $NOVA_HOME/env.\n")
        raise SystemExit(_EXIT_CONFIGURATION) from None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
